using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Plan;

/// <summary>
/// What makes a network's table complete. Where networks are kept apart, rules lead there by the device on which a packet came in, and no packet of the network's
/// range may fall through to the main table, where the same addresses can be another network's:
/// <code>
/// ip rule                     7600: from all iif br-blue lookup 1293305718 proto 77
///                             7600: from all iif flannel.2 lookup 1293305718 proto 77
/// ip route show table 12933…  10.244.1.0/24 dev br-blue proto 77 scope link
///                             10.244.2.0/24 via 10.244.2.0 dev flannel.2 proto 77 onlink
///                             blackhole 10.244.0.0/16 proto 77 metric 4278198272
/// </code>
/// </summary>
internal static class Apart
{
    public static void Complete(NodeId node, string bridge, Lease mine, IEnumerable<IpPrefix> networks, PlanBuilder plan)
    {
        foreach (var subnet in mine.Subnets.All)
            plan.Add(new WantedRoute(node, subnet, new NextHop(bridge, null), OnLink: false) { ToContainers = true });
        foreach (var network in networks)
            plan.Add(WantedRoute.Nowhere(node, network));
    }

    /// <summary>A route to the whole network stands in the table: the host's own containers are found further on, in the main one.</summary>
    public static void PassOver(NodeId node, Lease mine, PlanBuilder plan)
    {
        foreach (var subnet in mine.Subnets.All)
            plan.Add(new WantedRoute(node, subnet, NextHop.None, OnLink: false) { Type = RouteType.Throw });
    }
}
