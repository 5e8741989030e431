using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.TunnelManager;

/// <summary>The TUN device of the udp back end: made, kept, told from others', and a way out only while somebody forwards at its other end.</summary>
public sealed class TunReconcilerSpecs : IDisposable
{
    private static readonly NextHop Hop = new("flannel0", null);

    private static readonly HostPlan Plan = Planner.Plan(
        new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), Samples.IPv4Network with { BackEnd = new UdpConfig() }),
        Samples.Lease(1, 0, new UdpOffer()),
        [Samples.Lease(2, 0, new UdpOffer())]);

    private readonly FakeRtnetlink kernel = new();
    private readonly ObjectHistory history = new(new ManualTime());

    public TunReconcilerSpecs() => kernel.AddDevice("eth0", "192.168.7.1/24");

    public void Dispose() => kernel.Dispose();

    [Fact]
    public void It_is_made_with_its_address_and_leads_somewhere_once_it_is_forwarded()
    {
        var outcome = Reconcile();
        Assert.Empty(outcome.Ready);
        Assert.Equal((0, 1), (outcome.MissingLinks, outcome.MissingPeers));
        var device = kernel.Device("flannel0");
        Assert.True(device is { Up: true, Mtu: 1472, TxQueueLength: 10_000 });
        Assert.True(BackEndRegistry.Owns(Samples.Node(1), device));
        Assert.Equal("10.244.1.0/32", kernel.DumpAddresses(device.Index).Single().Prefix.ToString());
        kernel.Writes.Clear();
        Assert.Equal([Hop], Reconcile("flannel0").Ready);
        Assert.Empty(kernel.Writes);
        Assert.All(Rows(), row => Assert.Equal("ok", row.State));
    }

    [Fact]
    public void A_device_of_somebody_else_is_left_alone_and_named()
    {
        kernel.Apply([new RtnetlinkChange.CreateTun("flannel0", "")]);
        kernel.Writes.Clear();
        var outcome = Reconcile("flannel0");
        Assert.Empty(kernel.Writes);
        Assert.Contains("flannel0: a tun of somebody else has this name (EEXIST)", outcome.NewErrors);
        Assert.Empty(outcome.Ready);
    }

    [Fact]
    public void What_was_changed_is_set_right_and_what_cannot_be_changed_is_made_anew()
    {
        Reconcile();
        var device = kernel.Device("flannel0");
        kernel.Apply([new RtnetlinkChange.SetLink(device.Index) { Mtu = 9000, Up = false, TxQueueLength = 5 }]);
        Reconcile();
        Assert.Equal(device.Index, kernel.Device("flannel0").Index);
        Assert.True(kernel.Device("flannel0") is { Up: true, Mtu: 1472, TxQueueLength: 10_000 });
        kernel.Links[device.Index] = kernel.Device("flannel0") with { Tun = new TunSettings(Tap: false, Persistent: false, MultiQueue: false) };
        Reconcile();
        Assert.NotEqual(device.Index, kernel.Device("flannel0").Index);
    }

    [Fact]
    public void It_goes_when_the_network_needs_it_no_more()
    {
        Reconcile("flannel0");
        new TunnelReconciler(kernel, history).Reconcile(new TunnelGoal([], [], [], [], MayRemove: true, IsOurs));
        Assert.Null(kernel.FindLink("flannel0"));
    }

    private TunnelOutcome Reconcile(params string[] forwarded) => new TunnelReconciler(kernel, history).Reconcile(Goal(forwarded));

    private IEnumerable<ObjectStatus> Rows() => new TunnelReconciler(kernel, history).Compare(Goal("flannel0"));

    private static TunnelGoal Goal(params string[] forwarded) => new(Plan.Links, Plan.Addresses, Plan.Peers, [], MayRemove: true, IsOurs) { Forwarded = [.. forwarded] };

    private static bool IsOurs(Link link) => BackEndRegistry.Owns(Samples.Node(1), link);
}
