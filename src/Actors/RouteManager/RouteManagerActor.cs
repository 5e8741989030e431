using System.Collections.Immutable;
using Akka.Actor;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.RouteManager;

/// <summary>
/// Owns this host's routes to the peers' subnets. Adds a route once TunnelManager vouches for its next hop, and says which next hops its routes lead
/// to, so that TunnelManager takes none of them away.
/// </summary>
public sealed class RouteManagerActor : ReconcilingActor
{
    private readonly uint table;
    private readonly NetworkName network;
    private ImmutableHashSet<NextHop> ready = [];
    private ImmutableHashSet<NextHop>? inUse;
    private HashSet<IpPrefix> destinations = [];
    private HostPlan? destinationsOf;

    public RouteManagerActor(uint table, NetworkName network, Func<IRtnetlink> openKernel, TimeProvider time) : base(openKernel, time)
    {
        this.table = table;
        this.network = network;
        Receive<HostProtocol.HopsReady>(message =>
        {
            ready = message.Hops;
            ReconcileNext();
        });
    }

    /// <param name="table">Routing table of our routes: 254 is main.</param>
    public static Props Props(uint table, NetworkName network, Func<IRtnetlink> openKernel, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new RouteManagerActor(table, network, openKernel, time)).WithDispatcher(HostSystem.KernelDispatcher);

    protected override string ManagerName => "routes";

    protected override bool Concerns(RtnetlinkEvent change) => change switch
    {
        RtnetlinkEvent.RouteEvent { Route: var route } =>
            route.Table == table && (route.Protocol == RouteReconciler.OverlayProtocol || Destinations().Contains(route.Destination)),
        // With a device the kernel drops its IPv4 routes, without an event for each.
        RtnetlinkEvent.LinkEvent { Link: var link } => Goal is { } goal && goal.Plan.Routes.Any(route => route.Hop.Device == link.Name),
        // With a nexthop object too. A new one is TunnelManager's to tell of.
        RtnetlinkEvent.NexthopEvent { Deleted: true, Nexthop: var nexthop } => nexthop.Protocol == RouteReconciler.OverlayProtocol,
        RtnetlinkEvent.RuleEvent { Rule: var rule } => rule.Protocol == RouteReconciler.OverlayProtocol && network.HasTable(rule.Table),
        RtnetlinkEvent.Overrun => true,
        _ => false,
    };

    protected override Result Reconcile(HostProtocol.SetGoal goal)
    {
        var outcome = Reconciler().Reconcile(RouteGoalOf(goal));
        if (inUse is null || !inUse.SetEquals(outcome.InUse))
        {
            inUse = outcome.InUse;
            Context.Parent.Tell(new HostProtocol.HopsInUse(inUse));
        }
        return new Result(outcome.Written, 0, outcome.Missing, outcome.NewErrors);
    }

    protected override ImmutableArray<ObjectStatus> Compare(HostProtocol.SetGoal goal) => Reconciler().Compare(RouteGoalOf(goal));

    private RouteReconciler Reconciler() => new(Kernel, History, table, network);

    private RouteGoal RouteGoalOf(HostProtocol.SetGoal goal) => new(goal.Plan.Routes, ready, goal.MayRemove) { Networks = goal.Plan.Networks, Incoming = goal.Plan.Incoming };

    private HashSet<IpPrefix> Destinations()
    {
        if (Goal is { } goal && !ReferenceEquals(goal.Plan, destinationsOf))
        {
            destinations = goal.Plan.Routes.Select(route => route.Destination).ToHashSet();
            destinationsOf = goal.Plan;
        }
        return destinations;
    }
}
