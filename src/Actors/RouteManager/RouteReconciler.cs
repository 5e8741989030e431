using System.Collections.Immutable;
using System.Net.Sockets;
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

    public static readonly RouteGoal Nothing = new([], [], false);
}

/// <param name="InUse">Next hops that some route of ours leads to now: they must not go.</param>
/// <param name="Missing">Wanted routes that are not there.</param>
public sealed record RouteOutcome(int Written, ImmutableHashSet<NextHop> InUse, int Missing, ImmutableArray<string> NewErrors);

/// <summary>
/// Makes the kernel's routes of our protocol number equal to the goal. Everything else in the table belongs to somebody else: where another route
/// stands in the place of one of ours, ours fails and says so.
/// </summary>
public sealed class RouteReconciler(IRtnetlink kernel, ObjectHistory history, uint table = Route.MainTable, byte protocol = RouteReconciler.OverlayProtocol)
{
    /// <summary>Our rtm_protocol: "akka-overlay" in rt_protos.d.</summary>
    public const byte OverlayProtocol = 77;

    /// <summary>What the kernel makes of an IPv6 route without a metric (net/ipv6.h, IP6_RT_PRIO_USER).</summary>
    private const uint DefaultMetricIPv6 = 1024;

    /// <summary>Of our rules: in front of main (32,766) and of what VPNs use to be at, behind local (0).</summary>
    public const uint RulePriority = 7_700;

    public RouteOutcome Reconcile(RouteGoal goal)
    {
        var devices = Devices.Of(kernel.DumpLinks());
        var actual = OwnRoutes();
        var nexthops = OwnNexthops.Read(kernel, protocol);
        var pass = new Pass(kernel, history.Retries, history.Contention, key => key is WantedRoute route ? history.Suspects.Of(route.Destination) : null);
        var stale = goal.MayRemove ? new HashSet<Route>(actual) : [];
        var byPlace = actual.ToLookup(route => new Place(route.Destination, route.Table, route.Metric));
        int wantedMissing = 0;

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
            else if (route is null || !goal.Ready.Contains(wanted.Hop) || devices.Find(wanted.Hop.Device) is not { Up: true })
            {
                // The new way is not ready, or its device went down since it was: whatever stands in its place goes on working until it is.
                stale.ExceptWith(there);
                wantedMissing++;
            }
            else
            {
                pass.Add(wanted, new RtnetlinkChange.PutRoute(route, Replace: there.Any()));
                stale.ExceptWith(there.Take(1));
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
            wantedMissing--;
        }
        ReconcileRules(goal, pass);
        // Only now, with every new way in place.
        foreach (var route in stale)
            pass.Add(route, new RtnetlinkChange.DeleteRoute(route));
        foreach (var change in pass.Send())
            remaining.Remove(((RtnetlinkChange.DeleteRoute)change).Route);
        var wantedKeys = new HashSet<object>(goal.Routes);
        wantedKeys.UnionWith(WantedRules(goal));
        pass.Keep(wantedKeys.Contains);

        return new RouteOutcome(pass.Written, HopsOf(remaining, devices, nexthops), wantedMissing, pass.NewErrors);
    }

    /// <summary>A table of our own is asked for the overlay's networks only, before the main one.</summary>
    private IEnumerable<Rule> WantedRules(RouteGoal goal) => table == Route.MainTable
        ? []
        : goal.Networks.Select(network => new Rule(network.Family, RulePriority, table) { Destination = network, Protocol = protocol });

    private void ReconcileRules(RouteGoal goal, Pass pass)
    {
        var wanted = WantedRules(goal).ToHashSet();
        var actual = kernel.DumpRules(family: null, protocol).ToHashSet();
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
            string text = $"{wanted.Hop}{(wanted.OnLink ? " onlink" : "")}";
            string? error = history.Retries.ErrorOf(wanted)?.Text;
            string state = there is not null && there == Resolve(wanted, devices, nexthops) ? "ok"
                : error is not null ? "failed"
                : !goal.Ready.Contains(wanted.Hop) ? "waiting"
                : there is null ? "missing" : "differs";
            rows.Add(new ObjectStatus("route", wanted.Destination.ToString(), text, there is null ? null : Describe(there, devices, nexthops), state, error));
        }
        var rules = kernel.DumpRules(family: null, protocol).ToHashSet();
        foreach (var rule in WantedRules(goal))
        {
            bool there = rules.Remove(rule);
            rows.Add(new ObjectStatus("rule", $"to {rule.Destination}", $"lookup {rule.Table}", there ? $"lookup {rule.Table}" : null, there ? "ok" : "missing", history.Retries.ErrorOf(rule)?.Text));
        }
        foreach (var rule in rules)
            rows.Add(new ObjectStatus("rule", $"to {rule.Destination}", null, $"lookup {rule.Table}", "stale"));
        foreach (var route in stale)
            rows.Add(new ObjectStatus("route", route.Destination.ToString(), null, Describe(route, devices, nexthops), "stale"));
        return rows.ToImmutable();
    }

    private List<Route> OwnRoutes() =>
        [.. kernel.DumpRoutes(new RouteFilter { Protocol = protocol }).Where(route => route is { Multipath: false, Type: RouteType.Unicast })];

    /// <summary>Null where there is nothing yet that the route could lead to.</summary>
    private Route? Resolve(WantedRoute wanted, Devices devices, OwnNexthops nexthops)
    {
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

    private Place PlaceOf(WantedRoute wanted) => new(wanted.Destination, table, wanted.Destination.IsIPv4 ? 0 : DefaultMetricIPv6);

    private static ImmutableHashSet<NextHop> HopsOf(IEnumerable<Route> routes, Devices devices, OwnNexthops nexthops) =>
        routes.Select(route => HopOf(route, devices, nexthops)).OfType<NextHop>().ToImmutableHashSet();

    private static NextHop? HopOf(Route route, Devices devices, OwnNexthops nexthops) => route.NexthopId is { } id ? nexthops.HopOf(id, devices)
        : devices.NameOf(route.Interface) is { } device ? new NextHop(device, route.Gateway) : null;

    private static string Describe(Route route, Devices devices, OwnNexthops nexthops)
    {
        string hop = HopOf(route, devices, nexthops)?.ToString() ?? (route.NexthopId is null ? $"dev #{route.Interface}" : "nowhere of ours");
        return $"{(route.NexthopId is { } id ? $"nhid {id} " : "")}{hop}{(route.OnLink ? " onlink" : "")}";
    }

    /// <summary>What the kernel takes for the same route when it creates or replaces.</summary>
    private readonly record struct Place(IpPrefix Destination, uint Table, uint Metric);
}
