using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Plan;

public class UdpPlanSpecs
{
    private static readonly NetworkConfig Seed = NetConf.Parse("""{ "Network": "10.0.0.0/8", "SubnetLen": 20, "SubnetMin": "10.10.0.0", "SubnetMax": "10.99.0.0", "Backend": { "Type": "udp", "Port": 7890 } }""");

    private static readonly NetworkConfig Dual = Samples.DualNetwork with { BackEnd = new UdpConfig() };

    [Fact]
    public void One_device_and_one_route_serve_every_peer()
    {
        var network = Samples.IPv4Network with { BackEnd = new UdpConfig { Port = 7890 } };
        var plan = Planner.Plan(Facts(network, Samples.Public(1)), Samples.Lease(1, 0, new UdpOffer()), [Samples.Lease(1, 0, new UdpOffer()), Samples.Lease(2, 0, new UdpOffer()), Samples.Lease(3)]);
        var tun = Assert.IsType<WantedTun>(Assert.Single(plan.Links));
        Assert.Equal(("flannel0", 1472, 1500), (tun.Name, tun.Mtu, tun.OuterMtu));
        Assert.Equal([new IPEndPoint(Samples.Address("192.168.7.1"), 7890)], tun.Local.AsEnumerable());
        Assert.Equal([IpPrefix.Parse("10.244.1.0/24")], tun.Mine.AsEnumerable());
        Assert.Equal([new WantedAddress("flannel0", IpPrefix.Parse("10.244.1.0/32"), IpPrefix.Parse("10.244.0.0/16"))], plan.Addresses.AsEnumerable());
        Assert.Equal([new WantedRoute(Samples.Node(1), IpPrefix.Parse("10.244.0.0/16"), new NextHop("flannel0", null), OnLink: false) { IsGlobal = true }], plan.Routes.AsEnumerable());
        var peer = Assert.IsType<UdpPeer>(Assert.Single(plan.Peers));
        Assert.Equal((Samples.Node(2), new IPEndPoint(Samples.Address("192.168.7.2"), 7890)), (peer.Node, peer.EndPoint));
        Assert.Equal([new ReachedSubnet(Samples.Node(2), IpPrefix.Parse("10.244.2.0/24"), new NextHop("flannel0", null), "udp")], plan.Reached.AsEnumerable());
        Assert.Equal(1472, plan.Mtu);
    }

    [Fact]
    public void The_seeds_example_is_flannels()
    {
        var lease = Samples.Lease(1, 0, new UdpOffer()) with { Subnets = new LeaseSubnets(IpPrefix.Parse("10.10.16.0/20"), null) };
        var plan = Planner.Plan(Facts(Seed, Samples.Public(1)), lease, []);
        Assert.Equal("10.10.16.0/32", Assert.Single(plan.Addresses).Prefix.ToString());
        Assert.Equal("10.0.0.0/8", Assert.Single(plan.Routes).Destination.ToString());
        Assert.Equal(1472, plan.Mtu);
    }

    [Fact]
    public void Both_families_go_inside_one_outer_family()
    {
        var plan = Planner.Plan(Facts(Dual, Samples.DualPublic(1)), Samples.DualLease(1, new UdpOffer()), [Samples.DualLease(2, new UdpOffer())]);
        Assert.Equal(2, ((WantedTun)Assert.Single(plan.Links)).Local.Count);
        Assert.Equal(["10.244.0.0/16", "fd42::/56"], plan.Routes.Select(route => route.Destination.ToString()));
        var peer = (UdpPeer)Assert.Single(plan.Peers);
        Assert.Equal("192.168.7.2", peer.EndPoint.Address.ToString());
        Assert.Equal(["10.244.2.0/24", "fd42:0:0:2::/64"], peer.Subnets.Select(subnet => subnet.ToString()));
    }

    [Theory]
    [InlineData(true, true, true, true, "192.168.7.2", 1472)]
    [InlineData(false, true, true, true, "fd07::2", 1452)]
    [InlineData(true, true, false, true, "fd07::2", 1472)]
    [InlineData(true, false, false, true, null, 1472)]
    public void The_outer_family_is_one_that_both_have(bool local4, bool local6, bool peer4, bool peer6, string? expected, int mtu)
    {
        var host = new HostAddresses(local4 ? Samples.Address("192.168.7.1") : null, local6 ? Samples.Address("fd07::1") : null);
        var peer = Samples.DualLease(2, new UdpOffer()) with { Public = new HostAddresses(peer4 ? Samples.Address("192.168.7.2") : null, peer6 ? Samples.Address("fd07::2") : null) };
        var plan = Planner.Plan(Facts(Dual, host), Samples.DualLease(1, new UdpOffer()), [peer]);
        Assert.Equal(expected, ((UdpPeer?)plan.Peers.SingleOrDefault())?.EndPoint.Address.ToString());
        Assert.Equal(mtu, plan.Mtu);
    }

    [Fact]
    public void A_host_behind_a_router_says_what_it_sends_from_and_its_peers_take_that_too()
    {
        var network = Samples.IPv4Network with { BackEnd = new UdpConfig() };
        var behind = Facts(network, Samples.Public(2)) with { Underlay = new Underlay("eth0", 1500, Samples.Public(2), new HostAddresses(Samples.Address("203.0.113.2"), null)) };
        var offer = Assert.IsType<UdpOffer>(Assert.Single(Planner.Offers(behind)));
        Assert.Equal(Samples.Public(2), offer.Local);
        var lease = Samples.Lease(2, 0, offer) with { Public = behind.Underlay.Public };
        var peer = Assert.IsType<UdpPeer>(Assert.Single(Planner.Plan(Facts(network, Samples.Public(1)), Samples.Lease(1, 0, new UdpOffer()), [lease]).Peers));
        Assert.Equal(("203.0.113.2", "192.168.7.2"), (peer.EndPoint.Address.ToString(), peer.OtherSource?.ToString()));
    }

    [Fact]
    public void A_host_whose_public_address_is_its_own_says_no_more()
    {
        var network = Samples.IPv4Network with { BackEnd = new UdpConfig() };
        Assert.Equal([new UdpOffer()], Planner.Offers(Facts(network, Samples.Public(2))).AsEnumerable());
        var plan = Planner.Plan(Facts(network, Samples.Public(1)), Samples.Lease(1, 0, new UdpOffer()), [Samples.Lease(2, 0, new UdpOffer())]);
        Assert.Null(Assert.IsType<UdpPeer>(Assert.Single(plan.Peers)).OtherSource);
    }

    private static HostFacts Facts(NetworkConfig network, HostAddresses addresses) => new(Samples.Node(1), new Underlay("eth0", 1500, addresses, addresses), network);
}
