using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

public sealed class NftGuardSpecs
{
    private static string Guard(WantedFirewall wanted) => NftScript.Body(wanted, NftFeatures.All).Text;

    [Theory]
    [InlineData("""{"Type":"vxlan"}""", true)]
    [InlineData("""{"Type":"vxlan","GBP":true}""", false)]
    public void A_device_that_takes_every_VNI_is_guarded_for_every_VNI_and_what_is_sent_on_for_ours(string backEnd, bool everyVni)
    {
        string guard = Guard(Wanted(NetworkOf(backEnd: backEnd), VxlanLayout.Compact, null, Samples.Lease(2)));
        Assert.Equal(everyVni, guard.Contains("\n  udp dport 8472 jump tunnel", StringComparison.Ordinal));
        Assert.Equal(everyVni, guard.Contains("@th,96,24 != 0x1 counter drop comment \"tunnel packet of another VNI than 1\"", StringComparison.Ordinal));
        Assert.Contains("ip daddr @hosts4 udp dport 8472 @th,96,24 0x1 jump tunnel", guard, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("vxlan", "udp", true, "UDP ports 8472 and 8285")]
    [InlineData("vxlan", "udp", false, "UDP ports 8472 and 8285")]
    [InlineData("udp", "vxlan", true, "UDP ports 8472 and 8285")]
    [InlineData("vxlan", "host-gw", false, "UDP port 8472")]
    [InlineData("host-gw", "udp", true, "UDP port 8285")]
    [InlineData("udp", "host-gw", false, "UDP port 8285")]
    public void While_two_back_ends_stand_both_are_guarded_and_plain_packets_pass(string former, string next, bool holds, string what)
    {
        var guard = FirewallPlanner.Plan(Masquerading, Changing(former, next) with { HoldsLeaving = holds }, Samples.Lease(1), [Samples.Lease(2)]).Guard!;
        Assert.Equal((what, false), (guard.What, guard.TunnelOnly));
    }

    [Fact]
    public void With_several_ways_to_choose_from_both_tunnels_are_guarded() =>
        Assert.Equal("UDP ports 8472 and 8285", Wanted(NetworkOf(backEnd: """{"Type":"auto"}"""), null, Samples.Lease(2)).Guard!.What);

    [Fact]
    public void The_tunnel_beside_takes_nothing_of_strangers()
    {
        string guard = Guard(FirewallPlanner.Plan(Masquerading, Changing("vxlan", "udp"), Samples.Lease(1), [Samples.Lease(2)]));
        string chain = guard[guard.IndexOf(" chain tunnel-udp {", StringComparison.Ordinal)..];
        chain = chain[..chain.IndexOf('}', StringComparison.Ordinal)];
        Assert.Contains("ip saddr != @hosts4 counter drop", chain, StringComparison.Ordinal);
        Assert.DoesNotContain("@th", chain, StringComparison.Ordinal);
        Assert.Contains("\n  udp dport 8285 jump tunnel-udp", guard, StringComparison.Ordinal);
        Assert.Contains("ip daddr @hosts4 udp dport 8285 jump tunnel-udp", guard, StringComparison.Ordinal);
        Assert.Contains("ip6 daddr @hosts6 udp dport 8285 jump tunnel-udp", guard, StringComparison.Ordinal);
    }

    private static HostFacts Changing(string former, string next) =>
        new(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), NetworkOf(backEnd: $$"""{"Type":"{{next}}"}"""))
        {
            Leaving = NetworkOf(backEnd: $$"""{"Type":"{{former}}"}""").BackEnd,
        };

    [Fact]
    public void A_lease_holder_that_is_allowed_by_hand_is_bound_once()
    {
        var guard = Wanted(NetworkOf(), Masquerading with { Allowed = [Samples.Address("192.168.7.2")] }, Samples.Lease(2), Samples.Lease(3)).Guard!;
        Assert.Equal(["10.244.0.0/16", "10.244.3.0/24"], guard.Bound!.Select(pair => pair.Inner.ToString()));
    }

    [Fact]
    public void A_first_fragment_must_show_whatever_is_asked_for()
    {
        string guard = Guard(Wanted(NetworkOf(), null, Samples.Lease(2)));
        Assert.Contains("@th,424,8 >= 0x0 return", guard, StringComparison.Ordinal);
        Assert.Contains("policy accept;\n  udp dport 8472 frag frag-off 0 frag more-fragments 1 jump fragment", guard, StringComparison.Ordinal);
        Assert.Contains("ip daddr @hosts4 ip frag-off & 0x3fff == 0x2000 udp dport 8472 jump fragment", guard, StringComparison.Ordinal);
        Assert.DoesNotContain("frag", Guard(Wanted(NetworkOf(backEnd: """{"Type":"udp"}"""), null, Samples.Lease(2))), StringComparison.Ordinal);
    }

    [Fact]
    public void Each_family_is_carried_in_its_own_and_nothing_else_is_also_where_senders_cannot_be_bound()
    {
        var wanted = Wanted(NetworkOf(), null, Samples.Lease(2));
        foreach (var features in new[] { NftFeatures.All, NftFeatures.None })
        {
            string guard = NftScript.Body(wanted, features).Text;
            Assert.Contains("meta nfproto ipv4 @th,224,16 != 0x0800 @th,224,16 != 0x0806 counter drop", guard, StringComparison.Ordinal);
            Assert.Contains("meta nfproto ipv6 @th,224,16 != 0x86dd counter drop", guard, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("nfproto", Guard(Wanted(NetworkOf(backEnd: """{"Type":"udp"}"""), null, Samples.Lease(2))), StringComparison.Ordinal);
    }

    [Fact]
    public void Ipip_takes_nothing_of_strangers_and_binds_inner_senders_to_their_host()
    {
        var wanted = Wanted(NetworkOf(backEnd: """{"Type":"ipip"}"""), null, Samples.Lease(2, 0, new IpipOffer()));
        string guard = Guard(wanted);
        Assert.Contains("ip daddr 192.168.7.1 ip protocol 4 jump tunnel", guard, StringComparison.Ordinal);
        Assert.Contains("ip daddr @hosts4 ip protocol 4 jump tunnel", guard, StringComparison.Ordinal);
        Assert.Contains("ip saddr != @hosts4 counter drop", guard, StringComparison.Ordinal);
        Assert.Contains("@th,96,32 0xaf40000-0xaf4ffff ip saddr . @th,96,32 != @bound4 counter drop", guard, StringComparison.Ordinal);
        Assert.DoesNotContain("udp", guard, StringComparison.Ordinal);
        var elements = NftElements.Of(wanted, NftScript.Body(wanted, NftFeatures.All));
        Assert.Equal("192.168.7.2", Assert.Single(elements.Sets["hosts4"]).Text);
        Assert.Equal("192.168.7.2 . 0xaf40200-0xaf402ff", Assert.Single(elements.Sets["bound4"]).Text);
    }

    [Fact]
    public void Wireguard_judges_its_own_packets_so_that_only_those_outside_of_the_tunnel_are_looked_at()
    {
        var wanted = Wanted(NetworkOf(nftables: false, backEnd: """{"Type":"wireguard"}"""), Masquerading with { Guard = SpoofGuard.On }, Samples.Lease(2));
        var body = NftScript.Body(wanted, NftFeatures.All);
        Assert.Equal(["plain", "guard-input", "guard-forward"], body.Chains.Select(chain => chain.Name));
        Assert.Empty(body.Sets);
        Assert.True(NftElements.Of(wanted, body).IsEmpty);
        Assert.True(wanted.Guard is { Required: true, What: "overlay addresses" });
    }

    [Theory]
    [InlineData("""{"Type":"vxlan"}""", true)]
    [InlineData("""{"Type":"udp"}""", true)]
    [InlineData("""{"Type":"udp","Encryption":"aes-256-gcm"}""", true)]
    [InlineData("""{"Type":"wireguard"}""", true)]
    [InlineData("""{"Type":"ipip"}""", true)]
    [InlineData("""{"Type":"ipip","DirectRouting":true}""", false)]
    [InlineData("""{"Type":"vxlan","DirectRouting":true}""", false)]
    public void Between_overlay_addresses_nothing_comes_but_by_a_tunnel_or_from_where_its_sender_is(string backEnd, bool isSo)
    {
        string guard = Guard(Wanted(NetworkOf(nftables: false, backEnd: backEnd), null, Samples.Lease(2)));
        Assert.Equal(isSo ? 3 : 1, guard.Split("ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16").Length);
        Assert.Equal(isSo, guard.Contains("overlay packet from where its sender is not", StringComparison.Ordinal));
    }
}
