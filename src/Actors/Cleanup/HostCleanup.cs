using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Cleanup;

/// <summary>Something that was taken away.</summary>
/// <param name="Kind">"rule", "route", "nexthop", "neighbour", "device", "firewall" or "command" (one that was run).</param>
/// <param name="Name">As ip(8) would name it.</param>
public sealed record RemovedObject(string Kind, string Name);

/// <param name="Errors">What the kernel refused, a line each: these objects are still there.</param>
public sealed record CleanupOutcome(ImmutableArray<RemovedObject> Removed, ImmutableArray<string> Errors);

/// <summary>
/// Takes every kernel object of one network away, whatever made it wanted once; no plan is asked. What carries no sign of ours stays: a route, a rule,
/// a nexthop object and a neighbour are ours by their protocol number; which network's, a route and a rule tell by their table, the others by their device, which is ours by
/// <see cref="BackEndRegistry.Owns"/>. On devices that are no tunnels they are the default network's. Meant for a host on which no node runs: one that runs would put everything back.
/// </summary>
public sealed class HostCleanup(IRtnetlink kernel, NetworkName network = default, byte protocol = RouteReconciler.OverlayProtocol)
{
    // asm-generic/errno-base.h; each means that somebody else was faster.
    private const int ENOENT = 2;
    private const int ESRCH = 3;
    private const int ENODEV = 19;

    private readonly ImmutableArray<RemovedObject>.Builder removed = ImmutableArray.CreateBuilder<RemovedObject>();
    private readonly ImmutableArray<string>.Builder errors = ImmutableArray.CreateBuilder<string>();

    /// <summary>
    /// Routes first: from then on the kernel sends nothing into a tunnel that is being taken apart. Forwarding entries and addresses go
    /// with their device.
    /// </summary>
    /// <param name="node">Whose devices go; null where nobody knows: then every device stays.</param>
    /// <exception cref="Kernel.Netlink.NetlinkException">The kernel does not say what it holds.</exception>
    public CleanupOutcome Run(NodeId? node)
    {
        var links = kernel.DumpLinks();
        var devices = Devices.Of(links);
        Remove(
            "rule",
            kernel.DumpRules(family: null, protocol).Where(rule => network.HasTable(rule.Table)),
            rule => $"{RouteReconciler.SelectorOf(rule)} lookup {rule.Table}",
            rule => new RtnetlinkChange.DeleteRule(rule));
        Remove(
            "route",
            kernel.DumpRoutes(new RouteFilter { Protocol = protocol }).Where(route => network.HasTable(route.Table)),
            route => Describe(route, devices),
            route => new RtnetlinkChange.DeleteRoute(route));
        Remove(
            "nexthop",
            kernel.DumpNexthops(protocol).Where(nexthop => IsOn(nexthop.Interface)),
            nexthop => $"id {nexthop.Id} {new NextHop(NameOf(nexthop.Interface, devices), nexthop.Gateway)}",
            nexthop => new RtnetlinkChange.DeleteNexthop(nexthop.Id));
        Remove(
            "neighbour",
            kernel.DumpNeighbours(interfaceIndex: 0).Where(neighbour => neighbour.Protocol == protocol && IsOn(neighbour.Interface)),
            neighbour => $"{neighbour.Address} lladdr {neighbour.LinkLayer} dev {NameOf(neighbour.Interface, devices)}",
            neighbour => new RtnetlinkChange.DeleteNeighbour(neighbour));
        if (node is { } owner)
        {
            Remove(
                "device",
                links.Where(link => BackEndRegistry.Owns(owner, link)),
                link => link.Name,
                link => new RtnetlinkChange.DeleteLink(link.Index));
        }
        return new CleanupOutcome(removed.ToImmutable(), errors.ToImmutable());

        // A tunnel that is not this node's is another network's, or flannel's.
        bool IsOn(int index) => devices.At(index) is { } link && node is { } known && BackEndRegistry.Owns(known, link) ? true
            : network.IsDefault && devices.At(index) is not { Kind: "vxlan" or "tun" or "ipip" or "wireguard" };
    }

    private void Remove<T>(string kind, IEnumerable<T> objects, Func<T, string> describe, Func<T, RtnetlinkChange> delete)
    {
        var items = objects.ToList();
        var results = kernel.Apply(items.ConvertAll(item => delete(item)));
        for (int i = 0; i < items.Count; i++)
        {
            if (results[i] is not { } error)
                removed.Add(new RemovedObject(kind, describe(items[i])));
            else if (error.Errno is not (ENOENT or ESRCH or ENODEV))
                errors.Add(error.Text);
        }
    }

    private static string Describe(Route route, Devices devices)
    {
        string type = route.Type == RouteType.Unicast ? "" : $"{route.Type} ".ToLowerInvariant();
        string hop = route.Interface == 0 ? "" : $" {new NextHop(NameOf(route.Interface, devices), route.Gateway)}";
        string table = route.Table == Route.MainTable ? "" : $" table {route.Table}";
        return $"{type}{route.Destination}{hop}{table}";
    }

    private static string NameOf(int index, Devices devices) => devices.NameOf(index) ?? $"#{index}";
}
