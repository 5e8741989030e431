using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Cleanup;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.TunnelManager;

/// <summary>Both reconcilers with nexthop objects in the place of forwarding entries, and from one layout to the other.</summary>
public class CompactLayoutSpecs
{
    private readonly Bench bench = new();

    private FakeRtnetlink Kernel => bench.Kernel;

    private int Flannel => Kernel.Device("flannel.1").Index;

    [Fact]
    public void The_order_is_neighbour_nexthop_route_and_back_route_nexthop_neighbour()
    {
        bench.Settle(Bench.Compact());
        Kernel.Writes.Clear();
        bench.Settle(Bench.Compact(Bench.Peer(2)));
        Assert.Equal(
            [
                new RtnetlinkChange.PutNeighbour(new Neighbour(Flannel, Samples.Address("10.244.2.0")) { LinkLayer = Bench.Peer(2).Mac, State = NeighbourState.Permanent, Protocol = Bench.Ours }),
                new RtnetlinkChange.PutNexthop(Object(2, OwnNexthops.FirstId), Replace: false),
                new RtnetlinkChange.PutRoute(Route(2, OwnNexthops.FirstId), Replace: false),
            ],
            Kernel.Writes);
        Kernel.Writes.Clear();
        bench.Settle(Bench.Compact());
        Assert.Equal(["DeleteRoute", "DeleteNexthop", "DeleteNeighbour"], Written());
        Assert.Empty(Kernel.Nexthops);
        Assert.Empty(Kernel.Neighbours);
    }

    [Fact]
    public void The_device_is_external_up_and_has_its_address_and_no_forwarding_entry()
    {
        bench.Settle(Bench.Compact(Bench.Peer(2), Bench.Peer(3)));
        var device = Kernel.Device("flannel.1");
        Assert.Equal((true, 1450, Bench.Device.Mac), (device.Up, device.Mtu, device.Address!.Value));
        Assert.Equal(new VxlanSettings(0, 8472) { CollectMetadata = true }, device.Vxlan);
        Assert.Equal([IpPrefix.Parse("10.244.1.0/32")], Kernel.DumpAddresses(Flannel).Select(address => address.Prefix));
        Assert.Empty(Kernel.Fdb);
    }

    [Fact]
    public void What_is_as_wanted_is_not_written_again_by_a_process_that_knows_nothing()
    {
        var plan = Bench.Compact(Bench.Peer(2), Bench.Peer(3));
        bench.Settle(plan);
        Assert.Equal(0, bench.Settle(plan));
        Assert.Equal(2, Kernel.Routes.Count);
        Assert.All(bench.TunnelRows(plan).Concat(bench.RouteRows(plan)), row => Assert.Equal("ok", row.State));
        Assert.Equal(2, bench.TunnelRows(plan).Count(row => row.Kind == "nexthop"));
    }

    [Fact]
    public void A_peer_at_another_outer_address_has_its_object_changed_under_the_route()
    {
        bench.Settle(Bench.Compact(Bench.Peer(2)));
        Kernel.Writes.Clear();
        bench.Settle(Bench.Compact(Bench.Peer(2, vtep: 9)));
        Assert.Equal(
            [new RtnetlinkChange.PutNexthop(Object(2, OwnNexthops.FirstId) with { EncapDestination = Samples.Address("192.168.7.9") }, Replace: true)],
            Kernel.Writes);
    }

    [Fact]
    public void An_object_that_a_route_leads_to_is_not_taken_away()
    {
        bench.Tunnels(Bench.Compact(Bench.Peer(2)));
        Kernel.Writes.Clear();
        bench.Tunnels(Bench.Compact(), mayRemove: true, Bench.Hop(2));
        Assert.Empty(Kernel.Writes);
        bench.Tunnels(Bench.Compact());
        Assert.Equal(["DeleteNexthop", "DeleteNeighbour"], Written());
    }

    [Fact]
    public void Ids_of_others_are_passed_over_and_their_objects_stay()
    {
        bench.Settle(Bench.Compact());
        var foreign = Object(9, OwnNexthops.FirstId) with { Protocol = Bench.Foreign };
        Kernel.Nexthops.Add(foreign);
        bench.Settle(Bench.Compact(Bench.Peer(2)));
        Assert.Equal([OwnNexthops.FirstId + 1], Kernel.Routes.Select(route => route.NexthopId));
        bench.Settle(Bench.Compact());
        Assert.Equal([foreign], Kernel.Nexthops);
    }

    [Fact]
    public void An_object_deleted_by_hand_comes_back_with_its_route()
    {
        var plan = Bench.Compact(Bench.Peer(2), Bench.Peer(3));
        bench.Settle(plan);
        Kernel.Apply([new RtnetlinkChange.DeleteNexthop(OwnNexthops.FirstId)]);
        Assert.Single(Kernel.Routes);
        bench.Settle(plan);
        Assert.Equal([Route(2, OwnNexthops.FirstId), Route(3, OwnNexthops.FirstId + 1)], Kernel.Routes.OrderBy(route => route.NexthopId));
    }

    [Fact]
    public void A_route_waits_while_the_kernel_refuses_its_object()
    {
        Kernel.Refuse = change => change is RtnetlinkChange.PutNexthop ? FakeRtnetlink.EPERM : null;
        bench.Settle(Bench.Compact(Bench.Peer(2)));
        Assert.Empty(Kernel.Routes);
        Kernel.Refuse = _ => null;
        bench.Time.Advance(RetryTable.FirstDelay);
        bench.Settle(Bench.Compact(Bench.Peer(2)));
        Assert.Single(Kernel.Routes);
    }

    [Fact]
    public void A_device_of_the_other_layout_is_used_by_nobody_until_it_may_be_made_anew()
    {
        var classic = Bench.Plan(Bench.Peer(2));
        var compact = Bench.Compact(Bench.Peer(2));
        foreach (var (before, after) in new[] { (classic, compact), (compact, classic) })
        {
            bench.Settle(before);
            Assert.Equal(0, bench.Settle(after, mayRemove: false));
            Assert.Empty(bench.Tunnels(after, mayRemove: false).Ready);
            bench.Settle(after);
            bench.Settle(after);
            Assert.Equal(0, bench.Settle(after));
            bool external = ReferenceEquals(after, compact);
            Assert.Equal((external ? 0 : 1, external ? 1 : 0, 1, 1), (Kernel.Fdb.Count, Kernel.Nexthops.Count, Kernel.Neighbours.Count, Kernel.Routes.Count));
            Assert.Equal(external, Kernel.Routes[0].NexthopId is not null);
        }
    }

    [Fact]
    public void An_IPv6_device_of_the_classic_layout_makes_room_though_routes_lead_there()
    {
        bench.Settle(Bench.Plan());
        Kernel.Apply([new RtnetlinkChange.CreateVxlan("flannel-v6.1", new VxlanSettings(1, 8472) { Local = Samples.Address("fd07::1") }, 1430, Bench.Device.Mac)]);
        Kernel.Writes.Clear();
        bench.Tunnels(Bench.Compact(), mayRemove: true, new NextHop("flannel-v6.1", Samples.Address("fd42:0:0:2::")));
        Assert.Equal(["DeleteLink", "DeleteLink", "CreateVxlan", "SetLink", "PutAddress"], Written());
        Assert.Null(Kernel.FindLink("flannel-v6.1"));
    }

    [Fact]
    public void Cleanup_takes_objects_after_routes_and_the_external_device()
    {
        bench.Settle(Bench.Compact(Bench.Peer(2)));
        var outcome = new HostCleanup(Kernel).Run(Samples.Node(1));
        Assert.Equal(["route", "nexthop", "neighbour", "device"], outcome.Removed.Select(item => item.Kind));
        Assert.Empty(outcome.Errors);
    }

    [Theory]
    [InlineData("flannel.1", true)]
    [InlineData("flannel-v6.1", true)]
    [InlineData("flannel.2", false)]
    [InlineData("flannel.01", false)]
    [InlineData("geneve1", false)]
    [InlineData("", false)]
    public void An_external_device_is_ours_by_the_VNI_in_its_name_and_the_MAC_address(string name, bool ours)
    {
        var link = new Link(5, name) { Kind = "vxlan", Address = VxlanBackEnd.MacFor(Samples.Node(1), 1), Vxlan = new VxlanSettings(0, 8472) { CollectMetadata = true } };
        Assert.Equal(ours, BackEndRegistry.Owns(Samples.Node(1), link));
        Assert.False(BackEndRegistry.Owns(Samples.Node(2), link));
    }

    [Fact]
    public void One_device_serves_both_families_and_options_that_it_cannot_serve_keep_the_classic_one()
    {
        var underlay = new AkkaOverlay.Actors.Host.Underlay("eth0", 1500, Samples.DualPublic(1), Samples.DualPublic(1));
        var facts = new HostFacts(Samples.Node(1), underlay, Samples.DualNetwork) { VxlanLayout = VxlanLayout.Compact };
        var plan = Planner.Plan(facts, Samples.DualLease(1), [Samples.DualLease(2)]);
        var device = Assert.IsType<WantedVxlan>(Assert.Single(plan.Links));
        Assert.Equal(("flannel.1", 1430, true), (device.Name, device.Mtu, device.External));
        Assert.Equal(2, plan.Addresses.Length);
        Assert.All(plan.Peers, peer => Assert.Equal(("flannel.1", 1u), (peer.Hop.Device, ((VxlanPeer)peer).EncapVni!.Value)));
        Assert.All(plan.Routes, route => Assert.True(route.ByNexthop));

        var learning = facts with { Network = Samples.DualNetwork with { BackEnd = new VxlanConfig { Learning = true } } };
        Assert.All(Planner.Plan(learning, Samples.DualLease(1), []).Links, link => Assert.False(((WantedVxlan)link).External));
    }

    private IEnumerable<string> Written() => Kernel.Writes.Select(write => write.GetType().Name);

    private Nexthop Object(int n, uint id) => new(id)
    {
        Gateway = Samples.Address($"10.244.{n}.0"),
        Interface = Flannel,
        Protocol = Bench.Ours,
        OnLink = true,
        EncapVni = 1,
        EncapDestination = Samples.Address($"192.168.7.{n}"),
        EncapChecksum = true,
    };

    private static Route Route(int n, uint id) => new(IpPrefix.Parse($"10.244.{n}.0/24")) { NexthopId = id, Protocol = Bench.Ours };
}
