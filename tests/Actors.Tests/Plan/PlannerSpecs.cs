using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Plan;

public class PlannerSpecs
{
    private static readonly Underlay Eth0 = new("eth0", 1500, Samples.Public(1), Samples.Public(1));
    private static readonly Underlay DualEth0 = new("eth0", 1500, Samples.DualPublic(1), Samples.DualPublic(1));

    [Fact]
    public void Vxlan_wants_a_device_with_its_address_and_neighbour_fdb_and_route_for_each_peer()
    {
        var plan = Planner.Plan(Facts(Samples.IPv4Network), Samples.Lease(1), [Samples.Lease(1), Samples.Lease(2)]);

        var device = new WantedVxlan("flannel.1", 1450, 1, 8472, "eth0", Samples.Address("192.168.7.1"), VxlanBackEnd.MacFor(Samples.Node(1), 1), false, false);
        var hop = new NextHop("flannel.1", Samples.Address("10.244.2.0"));
        Assert.Equal([device], plan.Links.AsEnumerable());
        Assert.Equal([new WantedAddress("flannel.1", IpPrefix.Parse("10.244.1.0/32"), IpPrefix.Parse("10.244.0.0/16"))], plan.Addresses.AsEnumerable());
        Assert.Equal([new VxlanPeer(Samples.Node(2), hop, VxlanBackEnd.MacFor(Samples.Node(2), 1), Samples.Address("192.168.7.2"))], plan.Peers.AsEnumerable());
        Assert.Equal([new WantedRoute(Samples.Node(2), IpPrefix.Parse("10.244.2.0/24"), hop, OnLink: true)], plan.Routes.AsEnumerable());
        Assert.Equal(1450, plan.Mtu);
    }

    [Fact]
    public void Auto_takes_for_each_peer_what_goes_and_says_why()
    {
        Offer[] offers = [new HostGwOffer(), new VxlanOffer(1, default), new UdpOffer()];
        var underlay = Eth0 with { OnLink = [IpPrefix.Parse("192.168.7.0/30")] };
        var facts = Facts(Samples.IPv4Network with { BackEnd = new AutoConfig() }, underlay) with
        {
            Avoided = ImmutableDictionary<AvoidedWay, Avoidance>.Empty.Add(new AvoidedWay(Samples.Node(5), "vxlan"), new Avoidance(1, "nothing came back from 10.244.5.0")),
        };
        var plan = Planner.Plan(facts, Samples.Lease(1), [Samples.Lease(2, 0, offers), Samples.Lease(4, 0, offers), Samples.Lease(5, 0, offers), Samples.Lease(6, 0, offers[2])]);
        Assert.Equal(
            ["host-gw: on the same link", "vxlan: host-gw: not on the same link", "udp: host-gw: not on the same link; vxlan: nothing came back from 10.244.5.0", "udp: host-gw: not offered; vxlan: not offered"],
            plan.Reached.Select(reached => $"{reached.BackEnd}: {reached.Reason}"));
        Assert.Equal(["10.244.0.0/16 dev flannel0", "10.244.2.0/24 via 192.168.7.2 dev eth0", "10.244.4.0/24 via 10.244.4.0 dev flannel.1"], plan.Routes.Select(route => $"{route.Destination} {route.Hop}"));
        // Whoever may come by another way is known there.
        Assert.Equal([2, 4, 5], plan.Peers.OfType<VxlanPeer>().Select(peer => NumberOf(peer.Node)).Order());
        Assert.Equal([2, 4, 5, 6], plan.Peers.OfType<UdpPeer>().Select(peer => NumberOf(peer.Node)).Order());
        Assert.Equal(["host-gw", "vxlan", "udp"], Planner.Offers(facts).Select(offer => offer.BackEnd));
    }

    /// <summary>The kernel takes no gateway of IPv6 inside a route of another device: "Nexthop has invalid gateway or device mismatch".</summary>
    [Fact]
    public void Beside_udps_route_for_the_whole_network_vxlans_gateways_of_IPv6_are_outside_of_it()
    {
        var mac = VxlanBackEnd.MacFor(Samples.Node(2), 1);
        var peer = Samples.DualLease(2, new VxlanOffer(1, mac), new UdpOffer());
        var auto = Facts(Samples.DualNetwork with { BackEnd = new AutoConfig() }, DualEth0);
        HostFacts[] both = [auto, .. new[] { true, false }.Select(holds => auto with { Network = Samples.DualNetwork, Leaving = new UdpConfig(), HoldsLeaving = holds })];
        Assert.All(both, facts => Assert.Contains($"via {mac.ToLinkLocal()} dev flannel-v6.1", VxlanHops(facts)));
        Assert.All(both, facts => Assert.Contains("via 10.244.2.0 dev flannel.1", VxlanHops(facts)));
        Assert.Contains("via fd42:0:0:2:: dev flannel-v6.1", VxlanHops(auto with { Network = Samples.DualNetwork }));

        IEnumerable<string> VxlanHops(HostFacts facts) => Planner.Plan(facts, Samples.DualLease(1), [peer]).Peers.OfType<VxlanPeer>().Select(each => $"{each.Hop}");
    }

    [Theory]
    [InlineData(true, "vxlan")]
    [InlineData(false, "udp")]
    public void While_another_back_end_takes_over_both_stand_and_every_peer_is_known_to_both(bool holds, string way)
    {
        Offer udp = new UdpOffer(), vxlan = new VxlanOffer(1, VxlanBackEnd.MacFor(Samples.Node(2), 1));
        var facts = Facts(Samples.IPv4Network with { BackEnd = new UdpConfig() }) with { Leaving = new VxlanConfig(), HoldsLeaving = holds };
        var plan = Planner.Plan(facts, Samples.Lease(1), [Samples.Lease(2, 0, vxlan, udp), Samples.Lease(3, 0, vxlan)]);
        Assert.Equal(["flannel.1", "flannel0"], plan.Links.Select(link => link.Name).Order(StringComparer.Ordinal));
        Assert.Equal([way, "vxlan"], plan.Reached.Select(reached => reached.BackEnd));
        Assert.Equal([Samples.Node(2)], plan.Peers.OfType<UdpPeer>().Select(peer => peer.Node));
        Assert.Equal([Samples.Node(2), Samples.Node(3)], plan.Peers.OfType<VxlanPeer>().Select(peer => peer.Node));
        // The whole network leads to the forwarders; a peer by vxlan has a route of its own, which is more specific.
        string[] routes = ["10.244.0.0/16 dev flannel0", .. holds ? ["10.244.2.0/24 via 10.244.2.0 dev flannel.1"] : Array.Empty<string>(), "10.244.3.0/24 via 10.244.3.0 dev flannel.1"];
        Assert.Equal(routes, plan.Routes.Select(route => $"{route.Destination} {route.Hop}"));
        Assert.Equal(1450, plan.Mtu);
        Assert.Equal(["udp", "vxlan"], Planner.Offers(facts).Select(offer => offer.BackEnd).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Vxlan_takes_its_settings_from_the_configuration()
    {
        var network = Samples.IPv4Network with { BackEnd = new VxlanConfig { Vni = 77, Port = 4789, Mtu = 9000, Gbp = true, Learning = true } };
        var plan = Planner.Plan(Facts(network), Samples.Lease(1), []);
        Assert.Equal(
            [new WantedVxlan("flannel.77", 8950, 77, 4789, "eth0", Samples.Address("192.168.7.1"), VxlanBackEnd.MacFor(Samples.Node(1), 77), true, true)],
            plan.Links.AsEnumerable());
        // The containers' MTU is the smallest on the way out.
        Assert.Equal(1500, plan.Mtu);
    }

    [Fact]
    public void Vxlan_has_a_device_for_each_family_and_the_smaller_mtu_counts()
    {
        var plan = Planner.Plan(Facts(Samples.DualNetwork, DualEth0), Samples.DualLease(1), [Samples.DualLease(2)]);
        var mac = VxlanBackEnd.MacFor(Samples.Node(1), 1);
        var peerMac = VxlanBackEnd.MacFor(Samples.Node(2), 1);
        var hop4 = new NextHop("flannel.1", Samples.Address("10.244.2.0"));
        var hop6 = new NextHop("flannel-v6.1", Samples.Address("fd42:0:0:2::"));
        Assert.Equal(
            [
                new WantedVxlan("flannel.1", 1450, 1, 8472, "eth0", Samples.Address("192.168.7.1"), mac, false, false),
                new WantedVxlan("flannel-v6.1", 1430, 1, 8472, "eth0", Samples.Address("fd07::1"), mac, false, false),
            ],
            plan.Links.AsEnumerable());
        Assert.Equal(
            [
                new WantedAddress("flannel.1", IpPrefix.Parse("10.244.1.0/32"), IpPrefix.Parse("10.244.0.0/16")),
                new WantedAddress("flannel-v6.1", IpPrefix.Parse("fd42:0:0:1::/128"), IpPrefix.Parse("fd42::/56")),
            ],
            plan.Addresses.AsEnumerable());
        Assert.Equal(
            [
                new VxlanPeer(Samples.Node(2), hop4, peerMac, Samples.Address("192.168.7.2")),
                new VxlanPeer(Samples.Node(2), hop6, peerMac, Samples.Address("fd07::2")),
            ],
            plan.Peers.AsEnumerable());
        Assert.Equal(
            [
                new WantedRoute(Samples.Node(2), IpPrefix.Parse("10.244.2.0/24"), hop4, true),
                new WantedRoute(Samples.Node(2), IpPrefix.Parse("fd42:0:0:2::/64"), hop6, true),
            ],
            plan.Routes.AsEnumerable());
        Assert.Equal(1430, plan.Mtu);
    }

    [Fact]
    public void A_peer_without_an_outer_address_of_a_family_is_reached_by_the_other_only()
    {
        var peer = Samples.DualLease(2) with { Public = Samples.Public(2) };
        var plan = Planner.Plan(Facts(Samples.DualNetwork, DualEth0), Samples.DualLease(1), [peer]);
        Assert.Equal(IpPrefix.Parse("10.244.2.0/24"), Assert.Single(plan.Routes).Destination);
        Assert.Single(plan.Peers);
    }

    [Fact]
    public void Peers_with_another_vni_or_without_the_offer_are_passed_over()
    {
        var plan = Planner.Plan(Facts(Samples.IPv4Network), Samples.Lease(1),
            [Samples.Lease(2, 0, Samples.Vxlan(2, 9)), Samples.Lease(3, 0, new HostGwOffer()), Samples.Lease(4, 0, new HostGwOffer(), Samples.Vxlan(4)), Samples.Lease(5) with { Offers = [] }]);
        Assert.Equal([Samples.Node(4)], plan.Peers.Select(peer => peer.Node));
        Assert.Equal([Samples.Node(4)], plan.Routes.Select(route => route.Node));
    }

    [Fact]
    public void Host_gw_wants_routes_by_way_of_the_peers_and_no_device()
    {
        var network = Samples.DualNetwork with { BackEnd = new HostGwConfig() };
        var plan = Planner.Plan(Facts(network, DualEth0), Samples.DualLease(1, new HostGwOffer()), [Samples.DualLease(1, new HostGwOffer()), Samples.DualLease(2, new HostGwOffer()), Samples.Lease(3)]);
        var hop4 = new NextHop("eth0", Samples.Address("192.168.7.2"));
        var hop6 = new NextHop("eth0", Samples.Address("fd07::2"));
        Assert.Empty(plan.Links);
        Assert.Empty(plan.Addresses);
        Assert.Equal([new DirectPeer(Samples.Node(2), hop4), new DirectPeer(Samples.Node(2), hop6)], plan.Peers.AsEnumerable());
        Assert.Equal(
            [
                new WantedRoute(Samples.Node(2), IpPrefix.Parse("10.244.2.0/24"), hop4, false),
                new WantedRoute(Samples.Node(2), IpPrefix.Parse("fd42:0:0:2::/64"), hop6, false),
            ],
            plan.Routes.AsEnumerable());
        Assert.Equal(1500, plan.Mtu);
    }

    [Fact]
    public void Alloc_wants_nothing_of_the_kernel()
    {
        var plan = Planner.Plan(Facts(Samples.IPv4Network with { BackEnd = new AllocConfig() }), Samples.Lease(1), [Samples.Lease(2, 0, new AllocOffer())]);
        Assert.True(plan is { Links: [], Addresses: [], Peers: [], Routes: [], Mtu: 1500 });
    }

    [Fact]
    public void A_host_offers_what_the_configuration_asks_for()
    {
        Assert.Equal([new VxlanOffer(1, VxlanBackEnd.MacFor(Samples.Node(1), 1))], Planner.Offers(Facts(Samples.IPv4Network)));
        Assert.Equal([new HostGwOffer()], Planner.Offers(Facts(Samples.IPv4Network with { BackEnd = new HostGwConfig() })));
        Assert.Equal([new AllocOffer()], Planner.Offers(Facts(Samples.IPv4Network with { BackEnd = new AllocConfig() })));
    }

    [Fact]
    public void Behind_nat_nobody_can_be_a_gateway() =>
        Assert.Empty(Planner.Offers(Facts(Samples.IPv4Network with { BackEnd = new HostGwConfig() }, Eth0 with { Public = Samples.Public(200) })));

    [Fact]
    public void The_mac_of_a_vtep_is_fixed_for_ever() =>
        Assert.Equal("26:59:48:8f:ab:74", VxlanBackEnd.MacFor(Samples.Node(1), 1).ToString());

    [Fact]
    public void Macs_are_unicast_local_and_differ_by_node_and_vni()
    {
        var macs = (from node in Enumerable.Range(1, 50) from vni in Enumerable.Range(1, 20) select VxlanBackEnd.MacFor(Samples.Node(node), (uint)vni)).ToList();
        Assert.Equal(macs.Count, macs.Distinct().Count());
        Assert.All(macs, mac => Assert.Equal(0x02, mac.ToBytes()[0] & 0x03));
    }

    private static HostFacts Facts(NetworkConfig network, Underlay? underlay = null) => new(Samples.Node(1), underlay ?? Eth0, network);

    private static int NumberOf(NodeId node) => Enumerable.Range(1, 9).Single(n => Samples.Node(n) == node);
}
