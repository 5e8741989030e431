using System.Net.Sockets;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Doctor;

/// <summary>In which order the kernel asks rules and tables about a packet for the overlay, and which route of somebody else is asked before ours (ip-rule(8), ip-route(8)). Pure.</summary>
internal sealed class RoutingOrder(DoctorFacts facts)
{
    /// <summary>FIB_RULES: local, main and default, as the kernel makes them.</summary>
    private static readonly uint[] Kernels = [0, 32766, 32767];

    private readonly HashSet<uint> tables = [.. TablesOf(facts)];

    private readonly Route[] ours = [.. facts.Routes.Where(route => IsOurs(facts, route) && route.Type == RouteType.Unicast && !facts.Own.Contains(route.Destination))];

    public static bool IsKernels(Rule rule) => Kernels.Contains(rule.Priority);

    /// <summary>Our routes stand in it, or will.</summary>
    public bool IsOurTable(uint table) => tables.Contains(table);

    /// <summary>True where the rule is asked before the one that leads to our table.</summary>
    public bool ComesBeforeOurs(Rule rule) => rule.Priority < OurPriority(rule.Family);

    /// <summary>A route of our table takes the packets of one of ours, or of one that is missing: it is more specific, or stands in its place.</summary>
    public bool TakesFromOurs(Route route) => Targets().Any(subnet => subnet.Overlaps(route.Destination) && Beats(route, subnet));

    /// <summary>It would take the packets of some subnet that is not leased now.</summary>
    public bool WouldTake(Route route) => !Targets().Any(subnet => subnet.Contains(route.Destination)) && Pools().Any(pool =>
        pool.Network.Contains(route.Destination) && (route.Destination.Length >= pool.SubnetLength || ours.Any(one => one.Destination == pool.Network && route.Destination.Length > pool.Network.Length)));

    /// <summary>The other hosts' subnets; where no lease is known, where our routes lead.</summary>
    private IEnumerable<IpPrefix> Targets()
    {
        var peers = facts.Leases.Where(lease => lease.Owner != facts.Node).SelectMany(lease => lease.Subnets.All).ToList();
        return peers.Count > 0 ? peers : ours.Select(route => route.Destination);
    }

    /// <summary>Against our route to that subnet, which may be one to the whole network (udp).</summary>
    private bool Beats(Route route, IpPrefix subnet)
    {
        int length = route.Destination.Length;
        return ours.Where(one => one.Destination.Contains(subnet)).MaxBy(one => one.Destination.Length) is not { } best
            ? length >= subnet.Length
            : length > best.Destination.Length || (length == best.Destination.Length && route.Metric <= best.Metric);
    }

    private IEnumerable<SubnetPool> Pools() => facts.Network is { } network ? new[] { network.IPv4, network.IPv6 }.OfType<SubnetPool>() : [];

    /// <summary>A rule of ours, or one for every packet that leads to our table, whoever made it.</summary>
    private uint OurPriority(AddressFamily family)
    {
        var leading = facts.Rules.Where(rule => rule.Family == family && rule.Action == RuleAction.ToTable && IsOurTable(rule.Table)).ToList();
        var overlays = leading.Where(rule => rule.Protocol == RouteReconciler.OverlayProtocol).Select(rule => rule.Priority).DefaultIfEmpty(uint.MaxValue).Max();
        var everybodys = leading.Where(rule => rule is { Source: null, Destination: null, IncomingInterface: null, FwMark: null or 0, FwMask: null or 0, IsNarrowed: false })
            .Where(rule => rule.SuppressPrefixLength is not { } suppressed || ours.All(one => one.Destination.Family != family || one.Destination.Length > suppressed)).Select(rule => rule.Priority).DefaultIfEmpty(uint.MaxValue).Min();
        return Math.Min(overlays, everybodys);
    }

    private static IEnumerable<uint> TablesOf(DoctorFacts facts)
    {
        var found = facts.Routes.Where(route => IsOurs(facts, route)).Select(route => route.Table).Distinct().ToList();
        return found.Count > 0 ? found : [facts.Name.Table];
    }

    private static bool IsOurs(DoctorFacts facts, Route route) => route.Protocol == RouteReconciler.OverlayProtocol && !OthersObjects.Has(facts, route);
}
