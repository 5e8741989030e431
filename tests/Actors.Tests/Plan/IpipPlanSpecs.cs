using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Plan;

public class IpipPlanSpecs
{
    private static readonly NetworkConfig Network = Samples.IPv4Network with { BackEnd = new IpipConfig() };

    [Fact]
    public void One_device_and_a_route_for_each_peer_by_way_of_its_public_address()
    {
        var plan = Planner.Plan(Facts(Network), Samples.Lease(1, 0, new IpipOffer()), [Samples.Lease(1, 0, new IpipOffer()), Samples.Lease(2, 0, new IpipOffer()), Samples.Lease(3)]);
        Assert.Equal([new WantedIpip("flannel.ipip", 1480, $"akka-overlay {Samples.Node(1)}", Samples.Address("192.168.7.1"))], plan.Links.AsEnumerable());
        Assert.Equal([new WantedAddress("flannel.ipip", IpPrefix.Parse("10.244.1.0/32"), IpPrefix.Parse("10.244.0.0/16"))], plan.Addresses.AsEnumerable());
        var hop = new NextHop("flannel.ipip", Samples.Address("192.168.7.2"));
        Assert.Equal([new WantedRoute(Samples.Node(2), IpPrefix.Parse("10.244.2.0/24"), hop, OnLink: true)], plan.Routes.AsEnumerable());
        Assert.Equal([new DirectPeer(Samples.Node(2), hop)], plan.Peers.AsEnumerable());
        Assert.Equal([new ReachedSubnet(Samples.Node(2), IpPrefix.Parse("10.244.2.0/24"), hop, "ipip")], plan.Reached.AsEnumerable());
        Assert.Equal(1480, plan.Mtu);
    }

    [Fact]
    public void DirectRouting_takes_the_underlays_own_link_for_who_is_on_it_and_the_tunnel_for_all_others()
    {
        var facts = Facts(Network with { BackEnd = new IpipConfig { DirectRouting = true } });
        var far = Samples.Lease(3, 0, new IpipOffer()) with { Public = new HostAddresses(Samples.Address("198.51.100.3"), null) };
        var plan = Planner.Plan(facts, Samples.Lease(1, 0, new IpipOffer()), [Samples.Lease(2, 0, new IpipOffer()), far]);
        Assert.Equal(["via 192.168.7.2 dev eth0", "via 198.51.100.3 dev flannel.ipip"], plan.Routes.Select(route => route.Hop.ToString()));
        Assert.Equal([false, true], plan.Routes.Select(route => route.OnLink));
        Assert.Equal(["host-gw", "ipip"], plan.Reached.Select(reached => reached.BackEnd));
    }

    /// <summary>The router that has the address on this link has no route to the containers behind it.</summary>
    [Fact]
    public void DirectRouting_is_not_for_who_sends_from_another_address_than_its_public_one()
    {
        var local = new HostAddresses(Samples.Address("10.9.9.2"), null);
        foreach (var (backEnd, offer) in new (BackEndConfig, Offer)[]
        {
            (new IpipConfig { DirectRouting = true }, new IpipOffer { Local = local }),
            (new VxlanConfig { DirectRouting = true }, new VxlanOffer(1, default) { Local = local }),
        })
        {
            var plan = Planner.Plan(Facts(Network with { BackEnd = backEnd }), Samples.Lease(1), [Samples.Lease(2, 0, offer)]);
            Assert.Equal(offer.BackEnd, Assert.Single(plan.Reached.AsEnumerable()).BackEnd);
        }
    }

    [Fact]
    public void A_translated_host_says_from_where_it_sends()
    {
        var behind = new HostAddresses(Samples.Address("10.9.9.1"), null);
        Assert.Equal([new IpipOffer { Local = behind }], Planner.Offers(Facts(Network) with { Underlay = new Underlay("eth0", 1500, behind, Samples.Public(1)) }));
    }

    [Fact]
    public void A_host_without_IPv4_offers_nothing_and_gets_nothing()
    {
        var facts = Facts(Network) with { Underlay = new Underlay("eth0", 1500, new HostAddresses(null, Samples.Address("fd07::1")), default) };
        Assert.Empty(Planner.Offers(facts));
        var plan = Planner.Plan(facts, Samples.Lease(1), [Samples.Lease(2, 0, new IpipOffer())]);
        Assert.Empty(plan.Links);
        Assert.Empty(plan.Routes);
    }

    [Fact]
    public void IPv6_is_refused_in_one_line()
    {
        var refused = Assert.Throws<NetConfException>(() => NetConf.Parse("""{"EnableIPv6":true,"Network":"10.244.0.0/16","IPv6Network":"fd42::/56","Backend":{"Type":"ipip"}}"""));
        Assert.Contains("must be false with back end ipip, which carries IPv4 only", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static HostFacts Facts(NetworkConfig network) =>
        new(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)) { OnLink = [IpPrefix.Parse("192.168.7.0/24")] }, network);
}
