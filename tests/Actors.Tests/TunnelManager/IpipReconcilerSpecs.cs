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

/// <summary>The device of back end ipip: made, marked as ours, kept, told from others'.</summary>
public sealed class IpipReconcilerSpecs : IDisposable
{
    private const string Name = "flannel.ipip";

    private static readonly HostPlan Plan = Planner.Plan(
        new HostFacts(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), Samples.IPv4Network with { BackEnd = new IpipConfig() }),
        Samples.Lease(1, 0, new IpipOffer()),
        [Samples.Lease(2, 0, new IpipOffer())]);

    private readonly FakeRtnetlink kernel = new();
    private ObjectHistory history = new(new ManualTime());

    public IpipReconcilerSpecs() => kernel.AddDevice("eth0", "192.168.7.1/24");

    public void Dispose() => kernel.Dispose();

    [Fact]
    public void It_is_made_marked_and_up_in_one_comparison_and_the_next_one_changes_nothing()
    {
        var outcome = Reconcile();
        Assert.Equal((0, 0), (outcome.MissingLinks, outcome.MissingPeers));
        Assert.Equal([new NextHop(Name, Samples.Address("192.168.7.2"))], outcome.Ready);
        var device = kernel.Device(Name);
        Assert.True(device is { Up: true, Mtu: 1480, Ipip: { Remote: null, CollectMetadata: false } });
        Assert.True(BackEndRegistry.Owns(Samples.Node(1), device));
        Assert.False(BackEndRegistry.Owns(Samples.Node(2), device));
        Assert.Equal("10.244.1.0/32", kernel.DumpAddresses(device.Index).Single().Prefix.ToString());
        kernel.Writes.Clear();
        Reconcile();
        Assert.Empty(kernel.Writes);
        Assert.All(new TunnelReconciler(kernel, history).Compare(Goal(Plan)), row => Assert.Equal("ok", row.State));
    }

    [Fact]
    public void Another_start_of_the_node_keeps_the_device()
    {
        Reconcile();
        kernel.Writes.Clear();
        history = new ObjectHistory(new ManualTime());
        Assert.NotEmpty(Reconcile().Ready);
        Assert.Empty(kernel.Writes);
    }

    [Fact]
    public void A_device_of_somebody_else_is_left_alone_and_no_route_leads_there()
    {
        kernel.Apply([new RtnetlinkChange.CreateIpip(Name, new IpipSettings(Samples.Address("192.168.7.1")), 1480)]);
        kernel.SetUp(Name, up: true);
        kernel.Writes.Clear();
        var outcome = Reconcile();
        Assert.Empty(kernel.Writes);
        Assert.Contains("flannel.ipip: a ipip of somebody else has this name (EEXIST)", outcome.NewErrors);
        Assert.Empty(outcome.Ready);
    }

    [Fact]
    public void What_a_killed_process_made_and_could_not_mark_is_taken_up()
    {
        kernel.Apply([new RtnetlinkChange.CreateIpip(Name, new IpipSettings(Samples.Address("192.168.7.1")), 1480)]);
        int index = kernel.Device(Name).Index;
        Assert.NotEmpty(Reconcile().Ready);
        Assert.Equal(index, kernel.Device(Name).Index);
        Assert.True(BackEndRegistry.Owns(Samples.Node(1), kernel.Device(Name)));
    }

    [Fact]
    public void What_was_changed_is_set_right_and_another_local_address_makes_it_anew()
    {
        Reconcile();
        var device = kernel.Device(Name);
        kernel.Apply([new RtnetlinkChange.SetLink(device.Index) { Mtu = 900, Up = false }]);
        Reconcile();
        Assert.True(kernel.Device(Name) is { Up: true, Mtu: 1480 });
        Assert.Equal(device.Index, kernel.Device(Name).Index);
        kernel.Links[device.Index] = kernel.Device(Name) with { Ipip = new IpipSettings(Samples.Address("192.168.7.9")) };
        Assert.NotEmpty(Reconcile().Ready);
        Assert.NotEqual(device.Index, kernel.Device(Name).Index);
    }

    [Fact]
    public void A_device_whose_packets_can_never_be_cut_is_made_anew()
    {
        Reconcile();
        var device = kernel.Device(Name);
        kernel.Links[device.Index] = device with { Ipip = device.Ipip! with { PathMtuDiscovery = true } };
        Assert.Contains("pmtudisc", new TunnelReconciler(kernel, history).Compare(Goal(Plan)).Single(row => row is { Kind: "link", State: "differs" }).Actual, StringComparison.Ordinal);
        Reconcile();
        Assert.True(kernel.Device(Name) is { Up: true, Ipip.PathMtuDiscovery: false });
    }

    [Fact]
    public void It_goes_when_the_network_needs_it_no_more()
    {
        Reconcile();
        new TunnelReconciler(kernel, history).Reconcile(Goal(HostPlan.Nothing));
        Assert.Null(kernel.FindLink(Name));
    }

    private TunnelOutcome Reconcile() => new TunnelReconciler(kernel, history).Reconcile(Goal(Plan));

    private TunnelGoal Goal(HostPlan plan) =>
        new(plan.Links, plan.Addresses, plan.Peers, [], MayRemove: true, link => BackEndRegistry.Owns(Samples.Node(1), link) || history.KnownDevices.Contains(link.Index));
}
