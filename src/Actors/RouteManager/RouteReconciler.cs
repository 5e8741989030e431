using System.Collections.Immutable;
using System.Net.Sockets;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.RouteManager;

/// <summary>The routes that shall be there, and what may be done for it.</summary>
/// <param name="Ready">Next hops that TunnelManager vouches for.</param>
/// <param name="MayRemove">False on a partial view: then nothing is swept.</param>
public sealed record RouteGoal(ImmutableArray<WantedRoute> Routes, ImmutableHashSet<NextHop> Ready, bool MayRemove)
{
    /// <summary>What a rule leads to our table, where we have one.</summary>
    public ImmutableArray<IpPrefix> Networks { get; init; } = [];

    /// <summary>Where it is not empty, rules lead to our table by the device on which a packet came in, not by its destination.</summary>
    public ImmutableArray<string> Incoming { get; init; } = [];

    public static readonly RouteGoal Nothing = new([], [], false);
}

/// <param name="InUse">Next hops that some route of ours leads to now: they must not go.</param>
/// <param name="Missing">Wanted routes that are not there.</param>
public sealed record RouteOutcome(int Written, ImmutableHashSet<NextHop> InUse, int Missing, ImmutableArray<string> NewErrors);

/// <summary>
/// Makes the kernel's routes and rules of our protocol number, in this network's tables, equal to the goal. Everything else belongs to somebody else, be it another
/// network's process: where another route stands in the place of one of ours, ours fails and says so.
/// </summary>
/// <param name="network">Whose routes and rules these are: told by their table.</param>
public sealed class RouteReconciler(
    IRtnetlink kernel, ObjectHistory history, uint table = Route.MainTable, NetworkName network = default, byte protocol = RouteReconciler.OverlayProtocol)
{
    /// <summary>Our rtm_protocol: "akka-overlay" in rt_protos.d.</summary>
    public const byte OverlayProtocol = 77;

    /// <summary>What the kernel makes of an IPv6 route without a metric (net/ipv6.h, IP6_RT_PRIO_USER).</summary>
    private const uint DefaultMetricIPv6 = 1024;

    /// <summary>Of our rules: in front of main (32,766) and of what VPNs use to be at, behind local (0).</summary>
    public const uint RulePriority = 7_700;

    /// <summary>Of rules by incoming device: before those by destination, which may be another network's with the same range.</summary>
    public const uint IncomingRulePriority = 7_600;

    /// <summary>Of what stands behind every other route of its prefix.</summary>
    public const uint LastMetric = 4_278_198_272;

    public RouteOutcome Reconcile(RouteGoal goal)
    {
        var devices = Devices.Of(kernel.DumpLinks());
        var actual = OwnRoutes();
        var nexthops = OwnNexthops.Read(kernel, protocol);
        var pass = new Pass(kernel, history.Retries, history.Contention, key => key is WantedRoute route ? history.Suspects.Of(route.Destination) : null);
        var stale = goal.MayRemove ? new HashSet<Route>(actual) : [];
        var byPlace = actual.ToLookup(route => new Place(route.Destination, route.Table, route.Metric));
        int wantedMissing = 0;
        // Destinations of routes that shall be there and are not.
        var lacking = new HashSet<IpPrefix>();

        foreach (var wanted in goal.Routes)
        {
            var place = PlaceOf(wanted);
            var there = byPlace[place];
            var route = Resolve(wanted, devices, nexthops);
            if (route is not null && there.Contains(route))
            {
                stale.Remove(route);
                pass.InPlace(wanted);
            }
            else if (route is null || !IsReady(wanted, goal, devices))
            {
                // The new way is not ready, or its device went down since it was: whatever stands in its place goes on working until it is.
                stale.ExceptWith(there);
                lacking.Add(wanted.Destination);
                wantedMissing += wanted.ToContainers ? 0 : 1;
            }
            else
            {
                pass.Add(wanted, new RtnetlinkChange.PutRoute(route, Replace: there.Any()));
                stale.ExceptWith(there.Take(1));
                lacking.Add(wanted.Destination);
                wantedMissing++;
            }
        }
        var remaining = actual.ToHashSet();
        foreach (var change in pass.Send())
        {
            if (change is not RtnetlinkChange.PutRoute put)
                continue;
            var place = new Place(put.Route.Destination, put.Route.Table, put.Route.Metric);
            if (put.Replace)
                remaining.Remove(byPlace[place].First());
            remaining.Add(put.Route);
            lacking.Remove(put.Route.Destination);
            wantedMissing--;
        }
        ReconcileRules(goal, pass);
        // Only now, with every new way in place; a wider one, too, that takes a narrower one's packets over.
        foreach (var route in stale.Where(route => !lacking.Any(wider => wider.Length < route.Destination.Length && wider.Contains(route.Destination))))
            pass.Add(route, new RtnetlinkChange.DeleteRoute(route));
        foreach (var change in pass.Send())
            remaining.Remove(((RtnetlinkChange.DeleteRoute)change).Route);
        var wantedKeys = new HashSet<object>(goal.Routes);
        wantedKeys.UnionWith(WantedRules(goal));
        pass.Keep(wantedKeys.Contains);

        return new RouteOutcome(pass.Written, HopsOf(remaining, devices, nexthops), wantedMissing, pass.NewErrors);
    }

    /// <summary>A table of our own is asked before the main one: for the overlay's networks only, or for what comes in by the network's own devices only.</summary>
    private IEnumerable<Rule> WantedRules(RouteGoal goal) => table == Route.MainTable ? []
        : goal.Incoming.IsEmpty ? goal.Networks.Select(range => new Rule(range.Family, RulePriority, table) { Destination = range, Protocol = protocol })
        : from family in goal.Networks.Select(range => range.Family).Distinct()
          from device in goal.Incoming
          select new Rule(family, IncomingRulePriority, table) { IncomingInterface = device, Protocol = protocol };

    private List<Rule> OwnRules() => [.. kernel.DumpRules(family: null, protocol).Where(rule => network.HasTable(rule.Table))];

    private static bool IsReady(WantedRoute wanted, RouteGoal goal, Devices devices) =>
        wanted.Type != RouteType.Unicast || ((wanted.ToContainers || goal.Ready.Contains(wanted.Hop)) && devices.Find(wanted.Hop.Device) is { Up: true });

    private void ReconcileRules(RouteGoal goal, Pass pass)
    {
        var wanted = WantedRules(goal).ToHashSet();
        var actual = OwnRules().ToHashSet();
        foreach (var rule in wanted)
        {
            if (actual.Contains(rule))
                pass.InPlace(rule);
            else
                pass.Add(rule, new RtnetlinkChange.PutRule(rule));
        }
        if (goal.MayRemove)
        {
            foreach (var rule in actual.Except(wanted))
                pass.Add(rule, new RtnetlinkChange.DeleteRule(rule));
        }
        pass.Send();
    }

    public ImmutableArray<ObjectStatus> Compare(RouteGoal goal)
    {
        var devices = Devices.Of(kernel.DumpLinks());
        var actual = OwnRoutes();
        var nexthops = OwnNexthops.Read(kernel, protocol);
        var byPlace = actual.ToLookup(route => new Place(route.Destination, route.Table, route.Metric));
        var rows = ImmutableArray.CreateBuilder<ObjectStatus>();
        var stale = new HashSet<Route>(actual);
        foreach (var wanted in goal.Routes)
        {
            var there = byPlace[PlaceOf(wanted)].FirstOrDefault();
            if (there is not null)
                stale.Remove(there);
            string text = wanted.Type == RouteType.Unicast ? $"{wanted.Hop}{(wanted.OnLink ? " onlink" : "")}" : NameOf(wanted.Type);
            string? error = history.Retries.ErrorOf(wanted)?.Text;
            string state = there is not null && there == Resolve(wanted, devices, nexthops) ? "ok"
                : error is not null ? "failed"
                : !IsReady(wanted, goal, devices) ? "waiting"
                : there is null ? "missing" : "differs";
            rows.Add(new ObjectStatus("route", wanted.Destination.ToString(), text, there is null ? null : Describe(there, devices, nexthops), state, error));
        }
        var rules = OwnRules().ToHashSet();
        foreach (var rule in WantedRules(goal))
        {
            bool there = rules.Remove(rule);
            rows.Add(new ObjectStatus("rule", SelectorOf(rule), $"lookup {rule.Table}", there ? $"lookup {rule.Table}" : null, there ? "ok" : "missing", history.Retries.ErrorOf(rule)?.Text));
        }
        foreach (var rule in rules)
            rows.Add(new ObjectStatus("rule", SelectorOf(rule), null, $"lookup {rule.Table}", "stale"));
        foreach (var route in stale)
            rows.Add(new ObjectStatus("route", route.Destination.ToString(), null, Describe(route, devices, nexthops), "stale"));
        return rows.ToImmutable();
    }

    private List<Route> OwnRoutes() =>
    [
        .. kernel.DumpRoutes(new RouteFilter { Protocol = protocol, Table = network.IsDefault ? null : network.Table })
            .Where(route => route is { Multipath: false, Type: RouteType.Unicast or RouteType.Blackhole or RouteType.Throw } && network.HasTable(route.Table)),
    ];

    /// <summary>As ip-rule(8) has it.</summary>
    internal static string SelectorOf(Rule rule) => rule.IncomingInterface is { } device ? $"iif {device}" : $"to {rule.Destination}";

    private static string NameOf(RouteType type) => type.ToString().ToLowerInvariant();

    /// <summary>Null where there is nothing yet that the route could lead to.</summary>
    private Route? Resolve(WantedRoute wanted, Devices devices, OwnNexthops nexthops)
    {
        if (wanted.Type != RouteType.Unicast)
            return new Route(wanted.Destination) { Type = wanted.Type, Table = table, Protocol = protocol, Metric = PlaceOf(wanted).Metric };
        if (devices.Find(wanted.Hop.Device) is not { } link)
            return null;
        bool v4 = wanted.Destination.Family == AddressFamily.InterNetwork;
        if (wanted.ByNexthop)
        {
            return nexthops.Find(link.Index, wanted.Hop.Gateway) is not { } nexthop ? null : new Route(wanted.Destination)
            {
                NexthopId = nexthop.Id,
                Table = table,
                Protocol = protocol,
                Metric = v4 ? 0 : DefaultMetricIPv6,
            };
        }
        return new Route(wanted.Destination)
        {
            Gateway = wanted.Hop.Gateway,
            Interface = link.Index,
            Table = table,
            Protocol = protocol,
            Scope = v4 && wanted.Hop.Gateway is null && !wanted.IsGlobal ? RouteScope.Link : RouteScope.Universe,
            Metric = v4 ? 0 : DefaultMetricIPv6,
            OnLink = wanted.OnLink,
        };
    }

    private Place PlaceOf(WantedRoute wanted) =>
        new(wanted.Destination, table, wanted.Type == RouteType.Blackhole ? LastMetric : wanted.Destination.IsIPv4 ? 0 : DefaultMetricIPv6);

    private static ImmutableHashSet<NextHop> HopsOf(IEnumerable<Route> routes, Devices devices, OwnNexthops nexthops) =>
        routes.Select(route => HopOf(route, devices, nexthops)).OfType<NextHop>().ToImmutableHashSet();

    private static NextHop? HopOf(Route route, Devices devices, OwnNexthops nexthops) => route.NexthopId is { } id ? nexthops.HopOf(id, devices)
        : devices.NameOf(route.Interface) is { } device ? new NextHop(device, route.Gateway) : null;

    private static string Describe(Route route, Devices devices, OwnNexthops nexthops)
    {
        if (route.Type != RouteType.Unicast)
            return NameOf(route.Type);
        string hop = HopOf(route, devices, nexthops)?.ToString() ?? (route.NexthopId is null ? $"dev #{route.Interface}" : "nowhere of ours");
        return $"{(route.NexthopId is { } id ? $"nhid {id} " : "")}{hop}{(route.OnLink ? " onlink" : "")}";
    }

    /// <summary>What the kernel takes for the same route when it creates or replaces.</summary>
    private readonly record struct Place(IpPrefix Destination, uint Table, uint Metric);
}
