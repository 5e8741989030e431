using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.TunnelManager;

public class TunnelReconcilerSpecs
{
    private readonly Bench bench = new();

    private FakeRtnetlink Kernel => bench.Kernel;

    private Link Flannel => Kernel.Device("flannel.1");

    [Fact]
    public void A_host_alone_gets_its_device_up_and_its_address()
    {
        var outcome = bench.Tunnels(Bench.Plan());
        Assert.Equal((0, 0), (outcome.MissingLinks, outcome.MissingPeers));
        Assert.Equal(
            new Link(Flannel.Index, "flannel.1")
            {
                Kind = "vxlan",
                Up = true,
                Carrier = true,
                Mtu = 1450,
                Address = VxlanBackEnd.MacFor(Samples.Node(1), 1),
                Lower = Kernel.Device("eth0").Index,
                Vxlan = new VxlanSettings(1, 8472) { Local = Samples.Address("192.168.7.1"), Lower = Kernel.Device("eth0").Index },
            },
            Flannel);
        Assert.Equal([IpPrefix.Parse("10.244.1.0/32")], Kernel.DumpAddresses(Flannel.Index).Select(address => address.Prefix));
    }

    [Fact]
    public void A_peer_gets_forwarding_entry_then_neighbour_and_its_hop_is_ready()
    {
        bench.Tunnels(Bench.Plan());
        Kernel.Writes.Clear();
        var outcome = bench.Tunnels(Bench.Plan(Bench.Peer(2)));
        var fdb = new FdbEntry(Flannel.Index, Bench.Peer(2).Mac) { Destination = Samples.Address("192.168.7.2"), State = NeighbourState.Permanent | NeighbourState.NoArp, Flags = NeighbourFlags.Self };
        var neighbour = new Neighbour(Flannel.Index, Samples.Address("10.244.2.0")) { LinkLayer = Bench.Peer(2).Mac, State = NeighbourState.Permanent, Protocol = Bench.Ours };
        Assert.Equal([new RtnetlinkChange.PutFdb(fdb), new RtnetlinkChange.PutNeighbour(neighbour)], Kernel.Writes);
        Assert.Equal([Bench.Hop(2)], outcome.Ready);
    }

    [Fact]
    public void What_is_as_wanted_is_not_written_again()
    {
        var plan = Bench.Plan(Bench.Peer(2), Bench.Peer(3));
        bench.Settle(plan);
        Assert.Equal(0, bench.Settle(plan));
        Assert.Equal(2, bench.Kernel.Routes.Count);
    }

    [Fact]
    public void The_order_is_forwarding_entry_neighbour_route_and_back_route_neighbour_forwarding_entry()
    {
        bench.Settle(Bench.Plan());
        Kernel.Writes.Clear();
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        Assert.Equal(["PutFdb", "PutNeighbour", "PutRoute"], Kernel.Writes.Select(write => write.GetType().Name));
        Kernel.Writes.Clear();
        bench.Settle(Bench.Plan());
        Assert.Equal(["DeleteRoute", "DeleteNeighbour", "DeleteFdb"], Kernel.Writes.Select(write => write.GetType().Name));
        Assert.Empty(Kernel.Fdb);
        Assert.Empty(Kernel.Neighbours);
    }

    [Fact]
    public void A_hop_that_a_route_leads_to_is_not_taken_away()
    {
        bench.Tunnels(Bench.Plan(Bench.Peer(2)));
        Kernel.Writes.Clear();
        bench.Tunnels(Bench.Plan(), mayRemove: true, Bench.Hop(2));
        Assert.Empty(Kernel.Writes);
        bench.Tunnels(Bench.Plan());
        Assert.Equal(["DeleteNeighbour", "DeleteFdb"], Kernel.Writes.Select(write => write.GetType().Name));
    }

    [Fact]
    public void A_peer_with_a_new_mac_address_is_replaced_new_entry_first()
    {
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        Kernel.Writes.Clear();
        bench.Settle(Bench.Plan(Bench.Peer(2, mac: 20)));
        Assert.Equal(["PutFdb", "PutNeighbour", "DeleteFdb"], Kernel.Writes.Select(write => write.GetType().Name));
        Assert.True(bench.Works(Bench.Peer(2, mac: 20)));
    }

    [Fact]
    public void A_peer_with_a_new_outer_address_is_replaced_in_one_step()
    {
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        Kernel.Writes.Clear();
        bench.Settle(Bench.Plan(Bench.Peer(2, vtep: 22)));
        Assert.Equal("PutFdb", Assert.Single(Kernel.Writes).GetType().Name);
        Assert.True(bench.Works(Bench.Peer(2, vtep: 22)));
    }

    [Fact]
    public void On_a_partial_view_nothing_is_removed()
    {
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        int before = Kernel.Writes.Count;
        bench.Settle(Bench.Plan(Bench.Peer(3)), mayRemove: false);
        Assert.All(Kernel.Writes.Skip(before), write => Assert.StartsWith("Put", write.GetType().Name, StringComparison.Ordinal));
        Assert.True(bench.Works(Bench.Peer(2)) && bench.Works(Bench.Peer(3)));
    }

    [Fact]
    public void Stale_entries_of_ours_are_swept_and_those_of_others_are_not()
    {
        bench.Tunnels(Bench.Plan());
        int device = Flannel.Index;
        var foreign = new Neighbour(device, Samples.Address("10.244.50.0")) { LinkLayer = Bench.Peer(50).Mac, State = NeighbourState.Reachable };
        var learned = new FdbEntry(device, Bench.Peer(51).Mac) { Destination = Samples.Address("192.168.7.51"), State = NeighbourState.Reachable, Flags = NeighbourFlags.Self };
        var flood = new FdbEntry(device, MacAddress.Zero) { Destination = Samples.Address("192.168.7.52"), State = NeighbourState.Permanent, Flags = NeighbourFlags.Self };
        Kernel.Neighbours.Add(foreign);
        Kernel.Neighbours.Add(new Neighbour(device, Samples.Address("10.244.9.0")) { LinkLayer = Bench.Peer(9).Mac, State = NeighbourState.Permanent, Protocol = Bench.Ours });
        Kernel.Fdb.AddRange([learned, flood, new FdbEntry(device, Bench.Peer(9).Mac) { Destination = Samples.Address("192.168.7.9"), State = NeighbourState.Permanent }]);
        bench.Tunnels(Bench.Plan());
        Assert.Equal([foreign], Kernel.Neighbours);
        Assert.Equal([learned, flood], Kernel.Fdb);
    }

    [Fact]
    public void Flannels_own_device_of_the_same_name_and_settings_is_left_alone()
    {
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        int index = Flannel.Index;
        Kernel.Links[index] = Flannel with { Address = new MacAddress(0x0212_3456_789A) };
        Kernel.Writes.Clear();
        // Another process: it never saw the device with our MAC address.
        var another = new Bench(Kernel);
        var outcome = another.Tunnels(Bench.Plan(Bench.Peer(3)));
        Assert.Empty(Kernel.Writes);
        Assert.Empty(outcome.Ready);
        Assert.Contains("somebody else", Assert.Single(outcome.NewErrors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1400, true, true)]
    [InlineData(1450, false, true)]
    [InlineData(1450, true, false)]
    [InlineData(1400, false, false)]
    public void Mtu_state_and_mac_are_set_on_the_living_device(int mtu, bool up, bool ourMac)
    {
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        int index = Flannel.Index;
        Kernel.Links[index] = Flannel with { Mtu = mtu, Up = up, Address = ourMac ? Flannel.Address : new MacAddress(0x0212_3456_789A) };
        Kernel.Writes.Clear();
        var outcome = bench.Tunnels(Bench.Plan(Bench.Peer(2)));
        Assert.Equal(
            [new RtnetlinkChange.SetLink(index) { Mtu = mtu == 1450 ? null : 1450, Up = up ? null : true, Address = ourMac ? null : Bench.Device.Mac }],
            Kernel.Writes);
        Assert.Equal([Bench.Hop(2)], outcome.Ready);
    }

    [Fact]
    public void A_device_of_ours_with_other_settings_is_made_anew_only_on_the_whole_view()
    {
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        int old = Flannel.Index;
        var plan = Bench.Plan(Bench.Peer(2)) with { Links = [Bench.Device with { Port = 4789 }] };
        Assert.Equal(0, bench.Settle(plan, mayRemove: false));
        bench.Settle(plan);
        Assert.NotEqual(old, Flannel.Index);
        Assert.Equal((ushort)4789, Flannel.Vxlan!.Port);
        Assert.True(bench.Works(Bench.Peer(2)));
        Assert.Equal(0, bench.Settle(plan));
    }

    [Fact]
    public void A_device_of_another_kind_with_our_name_is_left_alone()
    {
        Kernel.AddDevice("flannel.1");
        var foreign = Flannel;
        var outcome = bench.Tunnels(Bench.Plan(Bench.Peer(2)));
        Assert.Contains("somebody else", Assert.Single(outcome.NewErrors), StringComparison.Ordinal);
        Assert.Equal((1, 1), (outcome.MissingLinks, outcome.MissingPeers));
        Assert.Empty(Kernel.Writes);
        Assert.Equal(foreign, Flannel);
        Assert.Empty(bench.Tunnels(Bench.Plan(Bench.Peer(2))).NewErrors);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Somebody_s_vxlan_device_with_our_name_and_other_settings_is_left_alone(bool mayRemove)
    {
        Kernel.AddDevice("flannel.1");
        Kernel.Links[Flannel.Index] = Flannel with { Kind = "vxlan", Vxlan = new VxlanSettings(1, 4789) { Lower = 1 } };
        Kernel.Fdb.Add(new FdbEntry(Flannel.Index, Bench.Peer(9).Mac) { Destination = Samples.Address("192.168.7.9"), State = NeighbourState.Permanent });
        var before = (Flannel, Kernel.Fdb.Single());
        var outcome = bench.Tunnels(Bench.Plan(Bench.Peer(2)), mayRemove);
        Assert.Empty(Kernel.Writes);
        Assert.Equal(before, (Flannel, Kernel.Fdb.Single()));
        Assert.Contains("somebody else", Assert.Single(outcome.NewErrors), StringComparison.Ordinal);
        Assert.Empty(outcome.Ready);
    }

    [Fact]
    public void Without_the_underlay_nothing_is_made_and_the_error_names_it()
    {
        var plan = Bench.Plan() with { Links = [Bench.Device with { Lower = "eth9" }] };
        var outcome = bench.Tunnels(plan);
        Assert.Contains("eth9", Assert.Single(outcome.NewErrors), StringComparison.Ordinal);
        Assert.Empty(Kernel.Writes);
        Assert.Equal(1, outcome.MissingLinks);
    }

    [Fact]
    public void An_address_of_an_earlier_subnet_goes_and_others_stay()
    {
        bench.Tunnels(Bench.Plan());
        Kernel.Addresses.Add(new InterfaceAddress(Flannel.Index, IpPrefix.Parse("10.244.77.0/32")));
        Kernel.Addresses.Add(new InterfaceAddress(Flannel.Index, IpPrefix.Parse("172.16.0.1/32")));
        bench.Tunnels(Bench.Plan(), mayRemove: false);
        Assert.Equal(3, Kernel.DumpAddresses(Flannel.Index).Count);
        bench.Tunnels(Bench.Plan());
        Assert.Equal(["10.244.1.0/32", "172.16.0.1/32"], Kernel.DumpAddresses(Flannel.Index).Select(address => address.Prefix.ToString()));
    }

    [Fact]
    public void A_device_of_ours_that_nobody_wants_goes_once_no_route_leads_there()
    {
        bench.Settle(Bench.Plan(Bench.Peer(2)));
        bench.Tunnels(HostPlan.Nothing, mayRemove: false);
        bench.Tunnels(HostPlan.Nothing, mayRemove: true, Bench.Hop(2));
        Assert.NotNull(Kernel.FindLink("flannel.1"));
        bench.Settle(HostPlan.Nothing);
        Assert.Null(Kernel.FindLink("flannel.1"));
        Assert.NotNull(Kernel.FindLink("eth0"));
    }

    [Fact]
    public void A_device_like_ours_with_another_mac_address_is_not_swept()
    {
        bench.Tunnels(Bench.Plan());
        Kernel.Links[Flannel.Index] = Flannel with { Address = new MacAddress(0x0212_3456_789A) };
        new Bench(Kernel).Settle(HostPlan.Nothing);
        Assert.NotNull(Kernel.FindLink("flannel.1"));
    }

    [Fact]
    public void A_peer_that_fails_is_tried_again_later_and_holds_up_no_other()
    {
        bench.Tunnels(Bench.Plan());
        int tries = 0;
        Kernel.Refuse = change =>
        {
            if (change is not RtnetlinkChange.PutNeighbour { Neighbour: var entry } || entry.LinkLayer != Bench.Peer(2).Mac)
                return null;
            tries++;
            return FakeRtnetlink.EPERM;
        };
        var plan = Bench.Plan(Bench.Peer(2), Bench.Peer(3));
        var outcome = bench.Tunnels(plan);
        Assert.Single(outcome.NewErrors);
        Assert.Equal([Bench.Hop(3)], outcome.Ready);
        for (int tenth = 0; tenth < 29; tenth++)
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Empty(bench.Tunnels(plan).NewErrors);
        }
        Assert.Equal(2, tries);
        Kernel.Refuse = _ => null;
        bench.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal([Bench.Hop(2), Bench.Hop(3)], bench.Tunnels(plan).Ready.OrderBy(hop => hop.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public void What_somebody_else_mended_is_no_failure_any_more()
    {
        bench.Tunnels(Bench.Plan());
        var plan = Bench.Plan(Bench.Peer(2)) with { Addresses = [Bench.DeviceAddress, Bench.DeviceAddress with { Prefix = IpPrefix.Parse("10.244.1.9/32") }] };
        Kernel.Refuse = change => change is RtnetlinkChange.PutNeighbour or RtnetlinkChange.PutAddress ? FakeRtnetlink.EPERM : null;
        Assert.Equal(2, bench.Tunnels(plan).NewErrors.Length);
        Assert.Equal(2, bench.TunnelErrors.Count);
        Kernel.Refuse = _ => null;
        Kernel.Neighbours.Add(new Neighbour(Flannel.Index, Bench.Hop(2).Gateway!) { LinkLayer = Bench.Peer(2).Mac, State = NeighbourState.Permanent, Protocol = Bench.Ours });
        Kernel.Addresses.Add(new InterfaceAddress(Flannel.Index, IpPrefix.Parse("10.244.1.9/32")));
        Assert.Equal([Bench.Hop(2)], bench.Tunnels(plan).Ready);
        Assert.Empty(bench.TunnelErrors);
    }

    [Fact]
    public void A_stale_entry_that_cannot_go_is_told_once_and_tried_again_later()
    {
        bench.Tunnels(Bench.Plan(Bench.Peer(2)));
        int tries = 0;
        Kernel.Refuse = change =>
        {
            tries += change is RtnetlinkChange.DeleteNeighbour ? 1 : 0;
            return change is RtnetlinkChange.DeleteNeighbour ? FakeRtnetlink.EPERM : null;
        };
        Assert.Single(bench.Tunnels(Bench.Plan()).NewErrors);
        for (int tenth = 0; tenth < 29; tenth++)
        {
            bench.Time.Advance(TimeSpan.FromMilliseconds(100));
            Assert.Empty(bench.Tunnels(Bench.Plan()).NewErrors);
        }
        Assert.Equal(2, tries);
    }

    [Fact]
    public void Rows_tell_wanted_from_actual_and_write_nothing()
    {
        bench.Settle(Bench.Plan(Bench.Peer(2), Bench.Peer(3)));
        Kernel.Neighbours.RemoveAll(entry => entry.LinkLayer == Bench.Peer(2).Mac);
        Kernel.Writes.Clear();
        var rows = bench.TunnelRows(Bench.Plan(Bench.Peer(2), Bench.Peer(3, vtep: 33)));
        Assert.Equal(
            [
                ("link", "flannel.1", "ok"), ("address", "10.244.1.0/32", "ok"),
                ("neighbour", "10.244.2.0", "missing"), ("fdb", Bench.Peer(2).Mac.ToString(), "ok"),
                ("neighbour", "10.244.3.0", "ok"), ("fdb", Bench.Peer(3).Mac.ToString(), "differs"),
            ],
            rows.Select(row => (row.Kind, row.Name, row.State)));
        Assert.Empty(Kernel.Writes);
    }
}
