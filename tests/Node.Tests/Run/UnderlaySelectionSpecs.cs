using System.Net;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>Which device: what was asked for, in flannel's order, and what is right where nothing was.</summary>
public sealed class UnderlaySelectionSpecs : UnderlayFixture
{
    public UnderlaySelectionSpecs()
    {
        Veth("eth0", ["192.0.2.1/24", "2001:db8::1/64"]);
        Veth("eth1", ["198.51.100.1/24", "2001:db8:1::1/64"]);
    }

    [Fact]
    public void The_first_interface_that_can_be_used_wins()
    {
        Ip("link add br0 type bridge");
        Assert.Equal("eth1", Select(Options(iface: ["eth7", "br0", "eth1", "eth0"])).Device);
        Assert.Equal("eth0", Select(Options(iface: ["203.0.113.9", "192.0.2.1", "eth1"])).Device);
    }

    [Fact]
    public void An_interface_given_by_address_means_that_address()
    {
        Ip("addr add 192.0.2.77/24 dev eth0");
        var underlay = Select(Options(iface: ["192.0.2.77"]));
        Assert.Equal("eth0 192.0.2.77 2001:db8::1", Local(underlay));
        Assert.Equal(underlay.Local, underlay.Public);
        Assert.Equal("eth1 198.51.100.1 2001:db8:1::1", Local(Select(Options(iface: ["2001:db8:1::1"]))));
    }

    [Fact]
    public void A_pattern_is_tried_on_addresses_before_names()
    {
        // "1" is in the name eth1 and in the addresses of both: the first device's address comes first.
        Assert.Equal("eth0", Select(Options(regex: ["1"])).Device);
        Assert.Equal("eth1 198.51.100.1 2001:db8:1::1", Local(Select(Options(regex: [@"^198\.51\."]))));
        Assert.Equal("eth1", Select(Options(regex: ["^eth1$"])).Device);
        Assert.Equal("eth1", Select(Options(regex: ["^wg", "h1$"])).Device);
    }

    [Fact]
    public void A_pattern_that_matches_an_address_means_that_address()
    {
        Ip("addr add 203.0.113.5/24 dev eth0");
        Assert.Equal("eth0 203.0.113.5 2001:db8::1", Local(Select(Options(regex: [@"^203\."]))));
    }

    [Fact]
    public void A_pattern_for_everything_means_neither_loopback_nor_a_tunnel_of_ours()
    {
        Ip("link set eth0 down");
        Ip("addr add 10.244.1.0/32 dev lo");
        Test.AddVxlan("flannel.1", 1, "198.51.100.1");
        Ip("addr add 10.244.1.0/32 dev flannel.1");
        Assert.Equal("eth1", Select(Options(regex: [".*"])).Device);
        Assert.Contains("--iface-regex 10.244: matches no address and no name", Refusal(Options(regex: ["10.244"])), StringComparison.Ordinal);
    }

    [Fact]
    public void Interfaces_come_before_patterns_and_these_before_what_can_be_reached()
    {
        Assert.Equal("eth1", Select(Options(iface: ["eth1"], regex: ["eth0"], canReach: "192.0.2.9")).Device);
        Assert.Equal("eth1", Select(Options(iface: ["eth7"], regex: ["eth1"], canReach: "192.0.2.9")).Device);
        Assert.Equal("eth0", Select(Options(iface: ["eth7"], regex: ["eth8"], canReach: "192.0.2.9")).Device);
    }

    [Fact]
    public void What_the_route_takes_is_used_with_its_source()
    {
        Ip("addr add 198.51.100.2/24 dev eth1");
        Ip("route add 10.9.0.0/16 via 198.51.100.9 src 198.51.100.2");
        Assert.Equal("eth1 198.51.100.2 2001:db8:1::1", Local(Select(Options(canReach: "10.9.1.1"))));
        Assert.Equal("eth1", Select(Options(canReach: "2001:db8:1::9")).Device);
        Assert.Equal("eth0", Select(Options(canReach: "192.0.2.1")).Device);
    }

    [Fact]
    public void A_public_address_of_this_host_says_the_device_and_another_does_not()
    {
        Ip("route add default via 192.0.2.9");
        Ip("addr add 198.51.100.2/24 dev eth1");
        Assert.Equal("eth1 198.51.100.2 2001:db8:1::1", Local(Select(Options(publicIp: "198.51.100.2"), seeds: "192.0.2.9")));
        Assert.Equal("eth1", Select(Options(publicIp6: "2001:db8:1::1")).Device);

        // Behind NAT: the others use the public address, the tunnels leave from the device's own.
        var nat = Select(Options(publicIp: "203.0.113.7"));
        Assert.Equal("eth0 192.0.2.1 2001:db8::1", Local(nat));
        Assert.Equal(IPAddress.Parse("203.0.113.7"), nat.Public.IPv4);
        Assert.Equal(IPAddress.Parse("2001:db8::1"), nat.Public.IPv6);
        Assert.Equal("eth1", Select(Options(iface: ["eth1"], publicIp: "192.0.2.1")).Device);
    }

    [Fact]
    public void Public_addresses_of_two_devices_are_refused() =>
        Assert.Contains(
            "--public-ip 192.0.2.1 is an address of eth0, --public-ipv6 2001:db8:1::1 one of eth1",
            Refusal(Options(publicIp: "192.0.2.1", publicIp6: "2001:db8:1::1")), StringComparison.Ordinal);

    [Fact]
    public void A_seed_leads_to_the_device_and_goes_before_the_default_route()
    {
        Ip("route add default via 192.0.2.9");
        Assert.Equal("eth1", Select(seeds: ["198.51.100.1"]).Device);
        Assert.Equal("eth1", Select(seeds: ["198.51.100.9", "192.0.2.9"]).Device);
        // This host's own seat counts before any way.
        Assert.Equal("eth1", Select(seeds: ["192.0.2.9", "198.51.100.1"]).Device);
        Assert.Equal("eth0", Select(seeds: ["203.0.113.1"]).Device);
    }

    [Fact]
    public void The_default_route_with_the_lowest_metric_counts()
    {
        Ip("route add default via 192.0.2.9 metric 300");
        Ip("route add default via 198.51.100.9 metric 100");
        Assert.Equal("eth1", Select().Device);
        Ip("route add blackhole default metric 5");
        Assert.Equal("eth1", Select().Device);
    }

    [Fact]
    public void Without_any_way_nothing_is_guessed()
    {
        string refusal = Refusal();
        Assert.Contains("no route leads to the seeds and there is no default route; name it with --iface", refusal, StringComparison.Ordinal);
        Assert.Contains("eth0 (192.0.2.1, 2001:db8::1", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void The_default_routes_of_a_network_with_both_families_must_agree()
    {
        Ip("route add default via 192.0.2.9");
        Ip("-6 route add default via 2001:db8:1::9");
        Assert.Contains("IPv4 default route leaves by eth0 and the IPv6 one by eth1: name the underlay device with --iface", Refusal(network: DualNetwork), StringComparison.Ordinal);
        Assert.Equal("eth0", Select(network: IPv4Network).Device);
        Assert.Equal("eth1", Select(network: IPv6Network).Device);
        Assert.Equal("eth0", Select().Device);
        Assert.Equal("eth1", Select(Options(iface: ["eth1"]), DualNetwork).Device);
        Ip("-6 route replace default via 2001:db8::9 dev eth0");
        Assert.Equal("eth0", Select(network: DualNetwork).Device);
    }
}
