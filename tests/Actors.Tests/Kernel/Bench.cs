using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Kernel;

/// <summary>Node 1 with eth0, a kernel in memory, and both reconcilers, which tell each other what the managers do.</summary>
internal sealed class Bench
{
    public const byte Ours = RouteReconciler.OverlayProtocol;
    public const byte Foreign = 4;

    private readonly ObjectHistory routeHistory;
    private readonly ObjectHistory tunnelHistory;
    private ImmutableHashSet<NextHop> inUse = [];
    private ImmutableHashSet<NextHop> ready = [];

    public Bench() : this(new FakeRtnetlink()) => Kernel.AddDevice("eth0", "192.168.7.1/24");

    /// <summary>Another process on the same kernel.</summary>
    public Bench(FakeRtnetlink kernel)
    {
        Kernel = kernel;
        routeHistory = new ObjectHistory(Time);
        tunnelHistory = new ObjectHistory(Time);
    }

    public FakeRtnetlink Kernel { get; }

    public ManualTime Time { get; } = new();

    public IReadOnlyCollection<string> TunnelErrors => tunnelHistory.Retries.Errors;

    public static WantedVxlan Device { get; } = new("flannel.1", 1450, 1, 8472, "eth0", Samples.Address("192.168.7.1"), VxlanBackEnd.MacFor(Samples.Node(1), 1), false, false);

    public static WantedAddress DeviceAddress { get; } = new("flannel.1", IpPrefix.Parse("10.244.1.0/32"), IpPrefix.Parse("10.244.0.0/16"));

    public static NextHop Hop(int n) => new("flannel.1", Samples.Address($"10.244.{n}.0"));

    /// <param name="mac">Whose MAC address; that of node n by default.</param>
    /// <param name="vtep">Last octet of the outer address; n by default.</param>
    public static VxlanPeer Peer(int n, int mac = 0, int vtep = 0) =>
        new(Samples.Node(n), Hop(n), VxlanBackEnd.MacFor(Samples.Node(mac == 0 ? n : mac), 1), Samples.Address($"192.168.7.{(vtep == 0 ? n : vtep)}"));

    public static WantedRoute Route(int n) => new(Samples.Node(n), IpPrefix.Parse($"10.244.{n}.0/24"), Hop(n), OnLink: true);

    public static HostPlan Plan(params VxlanPeer[] peers) => new([Device], [DeviceAddress], [.. peers], [.. peers.Select(peer => Route(GatewayNumber(peer)))], 1450);

    /// <summary>The same peers in the compact layout.</summary>
    public static HostPlan Compact(params VxlanPeer[] peers) => Plan(peers) with
    {
        Links = [Device with { External = true }],
        Peers = [.. peers.Select(peer => peer with { EncapVni = 1 })],
        Routes = [.. peers.Select(peer => Route(GatewayNumber(peer)) with { ByNexthop = true })],
    };

    public Route KernelRoute(int n, byte protocol = Ours, string device = "flannel.1") => new(IpPrefix.Parse($"10.244.{n}.0/24"))
    {
        Gateway = Samples.Address($"10.244.{n}.0"),
        Interface = Kernel.Device(device).Index,
        Protocol = protocol,
        OnLink = true,
    };

    public TunnelOutcome Tunnels(HostPlan plan, bool mayRemove = true, params NextHop[] usedToo)
    {
        var goal = new TunnelGoal(plan.Links, plan.Addresses, plan.Peers, inUse.Union(usedToo), mayRemove, link => BackEndRegistry.Owns(Samples.Node(1), link) || tunnelHistory.KnownDevices.Contains(link.Index));
        var outcome = new TunnelReconciler(Kernel, tunnelHistory).Reconcile(goal);
        ready = outcome.Ready;
        return outcome;
    }

    public ImmutableArray<ObjectStatus> TunnelRows(HostPlan plan) =>
        new TunnelReconciler(Kernel, tunnelHistory).Compare(new TunnelGoal(plan.Links, plan.Addresses, plan.Peers, inUse, true, link => BackEndRegistry.Owns(Samples.Node(1), link) || tunnelHistory.KnownDevices.Contains(link.Index)));

    public RouteOutcome Routes(HostPlan plan, bool mayRemove = true)
    {
        var outcome = new RouteReconciler(Kernel, routeHistory).Reconcile(new RouteGoal(plan.Routes, ready, mayRemove));
        inUse = outcome.InUse;
        return outcome;
    }

    public ImmutableArray<ObjectStatus> RouteRows(HostPlan plan) => new RouteReconciler(Kernel, routeHistory).Compare(new RouteGoal(plan.Routes, ready, true));

    /// <summary>One exchange, as after a new goal: tunnels, routes, and tunnels again with what the routes now use.</summary>
    public int Settle(HostPlan plan, bool mayRemove = true)
    {
        int before = Kernel.Writes.Count;
        Tunnels(plan, mayRemove);
        Routes(plan, mayRemove);
        Tunnels(plan, mayRemove);
        return Kernel.Writes.Count - before;
    }

    /// <summary>The whole way to a peer is in place: route, neighbour, forwarding entry, device.</summary>
    public bool Works(VxlanPeer peer)
    {
        int n = GatewayNumber(peer);
        return Kernel.FindLink(peer.Hop.Device) is { Up: true } device && device.Address == Device.Mac
            && Kernel.Routes.FirstOrDefault(route => route.Destination == Route(n).Destination) == KernelRoute(n)
            && Kernel.Neighbours.Any(entry => entry.Interface == device.Index && entry.Address.Equals(peer.Hop.Gateway) && entry.LinkLayer == peer.Mac)
            && Kernel.Fdb.Where(entry => entry.Interface == device.Index && entry.Mac == peer.Mac).ToList() is [{ Destination: { } vtep }] && vtep.Equals(peer.Vtep);
    }

    /// <summary>The peer's subnet is 10.244.n.0/24.</summary>
    private static int GatewayNumber(VxlanPeer peer) => peer.Hop.Gateway!.GetAddressBytes()[2];
}
