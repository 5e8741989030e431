using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Drain;

/// <summary>This host's end of a container's network device.</summary>
/// <param name="Device">Such as "veth3f2a".</param>
/// <param name="Bridge">The bridge that it is a port of; null where a route leads to it.</param>
public sealed record Attachment(string Device, string? Bridge)
{
    private const string BridgeKind = "bridge";

    /// <summary>
    /// The containers of these subnets as the kernel shows them, whoever started them:
    /// <code>
    /// ports with a carrier of bridges that have an address of a subnet             Docker, the CNI bridge plugin
    /// other devices with a carrier that a route to one address of a subnet names   the CNI ptp plugin
    /// </code>
    /// The end of a veth device goes with the container's network namespace, so nothing is counted that is over; a neighbour entry would be there for long after.
    /// A container without an end on the host (macvlan, ipvlan) is not seen.
    /// </summary>
    /// <param name="routes">Of the main table: that is where ptp plugins put theirs.</param>
    /// <param name="bridge">The only bridge that counts, where another network's may have the same addresses; null where addresses tell.</param>
    public static IReadOnlyList<Attachment> Find(
        IReadOnlyList<Link> links, IReadOnlyList<InterfaceAddress> addresses, IReadOnlyList<Route> routes, IReadOnlyList<IpPrefix> subnets, string? bridge)
    {
        ArgumentNullException.ThrowIfNull(subnets);
        var inSubnet = addresses.Where(address => subnets.Any(subnet => subnet.Contains(address.Address))).Select(address => address.Interface).ToHashSet();
        var bridges = links.Where(link => link.Kind == BridgeKind && (bridge is null ? inSubnet.Contains(link.Index) : link.Name == bridge)).ToDictionary(link => link.Index);
        var pointed = routes.Where(route => route.Type == RouteType.Unicast && IsOneAddress(route.Destination) && subnets.Any(subnet => subnet.Contains(route.Destination)))
            .Select(route => route.Interface).ToHashSet();
        return
        [
            .. links.Where(link => link is { Up: true, Carrier: true })
                .Select(link => bridges.TryGetValue(link.Master, out var master) ? new Attachment(link.Name, master.Name)
                    : bridge is null && link.Kind != BridgeKind && pointed.Contains(link.Index) ? new Attachment(link.Name, null)
                    : null)
                .OfType<Attachment>().OrderBy(attachment => attachment.Device, StringComparer.Ordinal),
        ];
    }

    public override string ToString() => Bridge is null ? Device : $"{Device} at {Bridge}";

    private static bool IsOneAddress(IpPrefix destination) => destination.Length == (destination.IsIPv4 ? 32 : 128);
}
