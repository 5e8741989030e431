using System.Collections.Immutable;
using Akka.Actor;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.TunnelManager;

/// <summary>
/// Owns this host's tunnel devices with their addresses, neighbours and forwarding entries. Says which next hops are ready, and takes away none that
/// RouteManager still uses.
/// </summary>
public sealed class TunnelManagerActor : ReconcilingActor
{
    private readonly NodeId node;
    private readonly uint firstNexthopId;
    private readonly Func<WireGuardTunnels>? openWireGuard;
    private WireGuardTunnels? wireGuard;
    private ImmutableHashSet<NextHop>? ready;

    /// <summary>Null until RouteManager has said it once: then nothing may go.</summary>
    private ImmutableHashSet<NextHop>? inUse;

    private ImmutableHashSet<string> forwarded = [];

    public TunnelManagerActor(NodeId node, uint firstNexthopId, Func<IRtnetlink> openKernel, TimeProvider time, Func<WireGuardTunnels>? openWireGuard = null) : base(openKernel, time)
    {
        this.node = node;
        this.firstNexthopId = firstNexthopId;
        this.openWireGuard = openWireGuard;
        Receive<HostProtocol.HopsInUse>(message =>
        {
            inUse = message.Hops;
            ReconcileNext();
        });
        Receive<HostProtocol.Forwarded>(message =>
        {
            forwarded = message.Devices;
            ReconcileNext();
        });
    }

    /// <param name="firstNexthopId">Where ids for new nexthop objects begin.</param>
    /// <param name="openWireGuard">Null where there is nobody to make wireguard's peers.</param>
    public static Props Props(NodeId node, uint firstNexthopId, Func<IRtnetlink> openKernel, TimeProvider time, Func<WireGuardTunnels>? openWireGuard = null) =>
        Akka.Actor.Props.Create(() => new TunnelManagerActor(node, firstNexthopId, openKernel, time, openWireGuard)).WithDispatcher(HostSystem.KernelDispatcher);

    protected override string ManagerName => "tunnels";

    protected override bool Concerns(RtnetlinkEvent change) => change switch
    {
        RtnetlinkEvent.LinkEvent { Link: var link } => BackEndRegistry.Owns(node, link) || IsOurDevice(link.Name) || IsUnderlay(link.Name),
        RtnetlinkEvent.AddressEvent { Address: var address } => IsOurs(address.Interface),
        RtnetlinkEvent.NeighbourEvent { Neighbour: var neighbour } => IsOurs(neighbour.Interface),
        RtnetlinkEvent.FdbEvent { Entry: var entry } => IsOurs(entry.Interface),
        RtnetlinkEvent.NexthopEvent { Nexthop: var nexthop } => nexthop.Protocol == RouteManager.RouteReconciler.OverlayProtocol || IsOurs(nexthop.Interface),
        RtnetlinkEvent.Overrun => true,
        _ => false,
    };

    protected override Result Reconcile(HostProtocol.SetGoal goal)
    {
        var outcome = Reconciler(goal).Reconcile(TunnelGoalOf(goal));
        // Said again after every change: a device that was made anew has lost the routes that led to it.
        if (ready is null || outcome.Written > 0 || !ready.SetEquals(outcome.Ready))
        {
            ready = outcome.Ready;
            Context.Parent.Tell(new HostProtocol.HopsReady(ready));
        }
        ourIndexes = null;
        return new Result(outcome.Written, outcome.MissingLinks, outcome.MissingPeers, outcome.NewErrors);
    }

    protected override ImmutableArray<ObjectStatus> Compare(HostProtocol.SetGoal goal) => Reconciler(goal).Compare(TunnelGoalOf(goal));

    protected override void PostStop()
    {
        wireGuard?.Dispose();
        base.PostStop();
    }

    /// <summary>Generic netlink is asked only where the plan has a wireguard device.</summary>
    private TunnelReconciler Reconciler(HostProtocol.SetGoal goal)
    {
        if (wireGuard is null && goal.Plan.Links.Any(link => link is WantedWireGuard))
            wireGuard = openWireGuard?.Invoke();
        return new TunnelReconciler(Kernel, History, wireGuard: wireGuard);
    }

    private TunnelGoal TunnelGoalOf(HostProtocol.SetGoal goal) => new(
        goal.Plan.Links,
        goal.Plan.Addresses,
        goal.Plan.Peers,
        inUse ?? [],
        goal.MayRemove && inUse is not null,
        link => BackEndRegistry.Owns(node, link) || History.KnownDevices.Contains(link.Index))
    {
        Forwarded = forwarded,
        Networks = goal.Plan.Networks,
        FirstNexthopId = firstNexthopId,
    };

    private HashSet<int>? ourIndexes;

    private bool IsOurs(int index) =>
        (ourIndexes ??= [.. Kernel.DumpLinks().Where(link => IsOurDevice(link.Name)).Select(link => link.Index)]).Contains(index);

    private bool IsOurDevice(string name) => Goal is { } goal && goal.Plan.Links.Any(link => link.Name == name);

    private bool IsUnderlay(string name) => Goal is { } goal
        && (goal.Plan.Links.OfType<WantedVxlan>().Any(link => link.Lower == name) || goal.Plan.Peers.OfType<DirectPeer>().Any(peer => peer.Hop.Device == name));
}
