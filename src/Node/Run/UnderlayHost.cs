using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Run;

/// <summary>A device that may become the underlay.</summary>
/// <param name="Exact">The address that it was found by, and which is meant; null where any will do.</param>
/// <param name="Named">The operator said which: then it may be the loopback device.</param>
internal sealed record UnderlayCandidate(Link Link, IPAddress? Exact = null, bool Named = false);

/// <summary>This host's devices, addresses and ways, as the kernel has them at one moment.</summary>
internal sealed class UnderlayHost(IRtnetlink kernel)
{
    private readonly IReadOnlyList<Link> links = [.. kernel.DumpLinks().OrderBy(link => link.Index)];
    private readonly IReadOnlyList<InterfaceAddress> addresses = kernel.DumpAddresses();

    public IReadOnlyList<Link> Links => links;

    public IEnumerable<InterfaceAddress> AddressesOf(Link link) => addresses.Where(held => held.Interface == link.Index);

    public UnderlayCandidate? Named(string name) => links.FirstOrDefault(link => link.Name == name) is { } link ? new UnderlayCandidate(link, Named: true) : null;

    /// <summary>The devices with this address: of a link-local one there may be several.</summary>
    public IEnumerable<UnderlayCandidate> Holders(IPAddress address) =>
        from held in addresses
        where held.Address.Equals(address)
        from link in links
        where link.Index == held.Interface
        select new UnderlayCandidate(link, address);

    /// <summary>The device by which packets to this address leave, with the source address that they have then.</summary>
    public UnderlayCandidate? Towards(IPAddress goal)
    {
        // The way to an address of one's own leads through the loopback device.
        if (Holders(goal).FirstOrDefault() is { } holder)
            return holder;
        if (kernel.LookupRoute(goal) is not { Interface: not 0 } route || links.FirstOrDefault(link => link.Index == route.Interface) is not { } way)
            return null;
        // The kernel may prefer a temporary IPv6 address as a source (RFC 6724, rule 7): gone tomorrow, so nothing to be known by.
        var source = UnderlayAddresses.Ranked(AddressesOf(way))
            .FirstOrDefault(held => held.Address.Equals(route.PreferredSource) && (held.Prefix.IsIPv4 || !held.Flags.HasFlag(AddressFlags.Temporary)));
        return new UnderlayCandidate(way, source?.Address);
    }

    /// <summary>The device of the default route with the lowest metric.</summary>
    public Link? DefaultRoute(AddressFamily family) => kernel
        .DumpRoutes(new RouteFilter { Table = Route.MainTable, Family = family })
        .Where(route => route.Destination.Length == 0 && route.Type == RouteType.Unicast)
        .OrderBy(route => route.Metric)
        .Select(route => links.FirstOrDefault(link => link.Index == route.Interface))
        .FirstOrDefault(link => link is not null);

    /// <summary>"lo (127.0.0.1), eth0 (192.168.7.1, fd00::1 tentative), eth1 (down)".</summary>
    public string Describe() => string.Join(", ", links.Select(link =>
    {
        var notes = AddressesOf(link).Select(UnderlayAddresses.Describe).DefaultIfEmpty("no address");
        return $"{link.Name} ({string.Join(", ", link.Up ? notes : notes.Prepend("down"))})";
    }));
}
