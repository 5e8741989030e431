using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>Which device carries the tunnels, and under which addresses.</summary>
public static class UnderlaySelection
{
    /// <param name="seeds">Addresses of the seeds: where nothing is said, the device that leads to them is right on every host.</param>
    /// <exception cref="StartException">No device fits what was asked for.</exception>
    public static Underlay Select(RunOptions options, IReadOnlyList<IPAddress> seeds, IRtnetlink kernel)
    {
        var links = kernel.DumpLinks();
        var addresses = kernel.DumpAddresses();
        var link = Find(options, seeds, kernel, links, addresses);
        if (!link.Up)
            throw new StartException($"the underlay device {link.Name} is down");
        var mine = addresses.Where(address => address.Interface == link.Index).ToList();
        var local = new HostAddresses(Best(mine, AddressFamily.InterNetwork), Best(mine, AddressFamily.InterNetworkV6));
        if (local is { IPv4: null, IPv6: null })
            throw new StartException($"the underlay device {link.Name} has no usable address");
        // --iface with an address means that address, not only its device.
        if (options.Interface is { } named && AddressMath.TryParseStrict(named, out var exact))
            local = exact.AddressFamily == AddressFamily.InterNetwork ? local with { IPv4 = exact } : local with { IPv6 = exact };
        return new Underlay(link.Name, link.Mtu, local, new HostAddresses(options.PublicIPv4 ?? local.IPv4, options.PublicIPv6 ?? local.IPv6));
    }

    private static Link Find(
        RunOptions options, IReadOnlyList<IPAddress> seeds, IRtnetlink kernel, IReadOnlyList<Link> links, IReadOnlyList<InterfaceAddress> addresses)
    {
        if (options.Interface is { } named)
        {
            return AddressMath.TryParseStrict(named, out var address)
                ? Holder(address) ?? throw new StartException($"--iface {named}: no device of this host has this address")
                : links.FirstOrDefault(link => link.Name == named)
                    ?? throw new StartException($"--iface {named}: there is no such device (there are {string.Join(", ", links.Select(link => link.Name))})");
        }
        if (options.InterfaceCanReach is { } goal)
            return Towards(goal) ?? throw new StartException($"--iface-can-reach {goal}: no route leads there");
        if (options.PublicIPv4 is { } public4 && Holder(public4) is { } holder4)
            return holder4;
        if (options.PublicIPv6 is { } public6 && Holder(public6) is { } holder6)
            return holder6;
        foreach (var seed in seeds)
        {
            if (Holder(seed) is { Loopback: false } seat)
                return seat;
        }
        foreach (var seed in seeds)
        {
            if (Towards(seed) is { Loopback: false } way)
                return way;
        }
        var defaults = kernel.DumpRoutes(new RouteFilter { Table = Route.MainTable })
            .Where(route => route.Destination.Length == 0 && route.Interface != 0)
            .OrderBy(route => route.Destination.IsIPv4 ? 0 : 1)
            .ThenBy(route => route.Metric);
        return defaults.Select(route => links.FirstOrDefault(link => link.Index == route.Interface)).FirstOrDefault(link => link is not null)
            ?? throw new StartException("no underlay device: no route leads to the seeds and there is no default route; name it with --iface");

        Link? Holder(IPAddress address) => addresses.FirstOrDefault(held => held.Address.Equals(address)) is { } match
            ? links.FirstOrDefault(link => link.Index == match.Interface)
            : null;

        Link? Towards(IPAddress address) => kernel.LookupRoute(address) is { Interface: not 0 } route
            ? links.FirstOrDefault(link => link.Index == route.Interface)
            : null;
    }

    /// <summary>Global before link-local, lasting before passing, preferred before deprecated; the first one given breaks a tie.</summary>
    private static IPAddress? Best(IEnumerable<InterfaceAddress> addresses, AddressFamily family) => addresses
        .Where(held => held.Prefix.Family == family && held.Scope < RouteScope.Host && !held.Flags.HasFlag(AddressFlags.Deprecated))
        .OrderBy(held => held.Scope)
        .ThenBy(held => held.Flags.HasFlag(AddressFlags.Temporary))
        .ThenBy(held => !held.Flags.HasFlag(AddressFlags.Permanent))
        .FirstOrDefault(held => held.Scope == RouteScope.Universe || family == AddressFamily.InterNetwork)
        ?.Address;
}
