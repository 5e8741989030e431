using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Plan;

public class WireGuardPlanSpecs
{
    [Fact]
    public void Each_family_has_its_device_and_port_where_they_are_separate()
    {
        var plan = Dual(new WireGuardConfig(), Peer(2));
        Assert.Equal(["flannel-wg 51820 1420", "flannel-wg-v6 51821 1420"], plan.Links.OfType<WantedWireGuard>().Select(link => $"{link.Name} {link.Port} {link.Mtu}"));
        Assert.Equal(["192.168.7.2:7001 10.244.2.0/24", "[fd07::2]:7002 fd42:0:0:2::/64"], Peers(plan));
        Assert.Equal(
            ["route 10.244.0.0/16 dev flannel-wg", "route fd42::/56 dev flannel-wg-v6", "route blackhole 10.244.0.0/16", "route blackhole fd42::/56"],
            plan.Routes.Select(route => route.ToString()));
        Assert.Equal(["10.244.1.0/32", "fd42:0:0:1::/128"], plan.Addresses.Select(address => address.Prefix.ToString()));
        Assert.Equal(1420, plan.Mtu);
        Assert.All(plan.Reached, reached => Assert.Equal("wireguard", reached.BackEnd));
    }

    [Theory]
    [InlineData(WireGuardMode.Auto, "192.168.7.2:7001")]
    [InlineData(WireGuardMode.IPv4, "192.168.7.2:7001")]
    [InlineData(WireGuardMode.IPv6, "[fd07::2]:7001")]
    public void One_device_carries_both_families_inside_one(WireGuardMode mode, string endPoint)
    {
        var plan = Dual(new WireGuardConfig { Mode = mode }, Peer(2));
        Assert.Equal("flannel-wg", Assert.Single(plan.Links).Name);
        Assert.Equal([$"{endPoint} 10.244.2.0/24,fd42:0:0:2::/64"], Peers(plan));
        Assert.Equal(2, plan.Routes.Count(route => route.Type == RouteType.Unicast));
        Assert.Equal(2, plan.Reached.Length);
    }

    [Fact]
    public void Without_a_key_or_a_family_outside_the_network_leads_nowhere_instead_of_out_in_the_clear()
    {
        var underlay = new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1));
        foreach (var facts in new[] { Facts(new WireGuardConfig()) with { TunnelKey = null }, Facts(new WireGuardConfig()) with { Underlay = underlay } })
        {
            var routes = Planner.Plan(facts, Peer(1), [Peer(2)]).Routes.Select(route => route.ToString()).ToList();
            Assert.Superset(new HashSet<string>(["route blackhole 10.244.0.0/16", "route blackhole fd42::/56"]), routes.ToHashSet());
        }
    }

    [Theory]
    [InlineData(WireGuardMode.Auto, "[fd07::2]:7001")]
    [InlineData(WireGuardMode.IPv4, null)]
    public void A_peer_without_IPv4_is_reached_by_IPv6_where_the_mode_lets_it(WireGuardMode mode, string? endPoint)
    {
        var plan = Dual(new WireGuardConfig { Mode = mode }, Peer(2) with { Public = new HostAddresses(null, Samples.Address("fd07::2")) });
        Assert.Equal(endPoint, plan.Peers.OfType<WireGuardTunnelPeer>().SingleOrDefault()?.EndPoint.ToString());
    }

    [Fact]
    public void The_configured_MTU_is_the_underlays() => Assert.Equal(1320, Dual(new WireGuardConfig { Mtu = 1400 }).Mtu);

    [Fact]
    public void The_offer_is_the_public_key_and_the_ports_and_no_key_is_no_offer()
    {
        var config = new WireGuardConfig { ListenPort = 1, ListenPortV6 = 2 };
        Assert.Equal(new WireGuardOffer(Key(1), 1, 2), Assert.Single(Planner.Offers(Facts(config))));
        Assert.Equal(new WireGuardOffer(Key(1), 1, 0), Assert.Single(Planner.Offers(Facts(config with { Mode = WireGuardMode.Auto }))));
        Assert.Empty(Planner.Offers(Facts(config) with { TunnelKey = null }));
    }

    [Fact]
    public void A_named_networks_devices_are_called_by_their_ports() => Assert.Equal(
        ["flannel-wg51830", "flannel-wg51831"],
        WireGuardBackEnd.DevicesOf(NetworkName.TryParse("blue", out var blue) ? blue : default, new WireGuardConfig { ListenPort = 51830, ListenPortV6 = 51831 }));

    private static PublicKey Key(int n) => PublicKey.FromBytes([.. Enumerable.Repeat((byte)n, PublicKey.Length)]);

    private static Lease Peer(int n) => Samples.DualLease(n, new WireGuardOffer(Key(n), 7001, 7002));

    private static HostFacts Facts(WireGuardConfig config) =>
        new(Samples.Node(1), new Underlay("eth0", 1500, Samples.DualPublic(1), Samples.DualPublic(1)), Samples.DualNetwork with { BackEnd = config }) { TunnelKey = Key(1) };

    private static HostPlan Dual(WireGuardConfig config, params Lease[] peers) => Planner.Plan(Facts(config), Peer(1), peers);

    private static IEnumerable<string> Peers(HostPlan plan) =>
        plan.Peers.OfType<WireGuardTunnelPeer>().Select(peer => $"{peer.EndPoint} {string.Join(',', peer.Subnets)}");
}
