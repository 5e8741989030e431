using AkkaOverlay.Actors.Firewall;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

public sealed class IptablesRulesSpecs
{
    private static readonly WantedFirewall Firewall = Wanted(NetworkOf(nftables: false));

    private static readonly IptablesChain Forward = IptablesChain.Of(Firewall, ipv4: true, canRandom: true)[0];

    private static readonly IptablesChain Masquerade = IptablesChain.Of(Firewall, ipv4: true, canRandom: true)[1];

    private const string Jump = """-A FORWARD -m comment --comment "akka-overlay forward" -j FLANNEL-FWD""";

    private const string Chain = """
        -A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "akka-overlay forward" -j ACCEPT
        -A FLANNEL-FWD -d 10.244.0.0/16 -m comment --comment "akka-overlay forward" -j ACCEPT
        """;

    [Fact]
    public void Flannels_rules_in_flannels_order_and_ours_between() => Assert.Equal(
        """
        *nat
        :FLANNEL-POSTRTG - [0:0]
        -I POSTROUTING 1 -m comment --comment "akka-overlay masq" -j FLANNEL-POSTRTG
        -A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "akka-overlay masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.1.0/24 -d 10.244.0.0/16 -m comment --comment "akka-overlay masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "akka-overlay masq" -j RETURN
        -A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "akka-overlay masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "akka-overlay masq" -j RETURN
        -A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "akka-overlay masq" -j MASQUERADE --random-fully
        -A FLANNEL-POSTRTG ! -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "akka-overlay masq" -j MASQUERADE --random-fully
        COMMIT

        """,
        Masquerade.Script(IptablesDump.Parse("")));

    [Fact]
    public void An_old_iptables_masquerades_without_the_option_that_it_lacks() =>
        Assert.DoesNotContain("--random-fully", IptablesChain.Of(Firewall, ipv4: true, canRandom: false)[1].Script(IptablesDump.Parse("")), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "", Jump)]
    [InlineData(true, "-A FORWARD -j DOCKER-USER", Jump)]
    [InlineData(true, "-A FORWARD -s 192.0.2.7/32 -j DROP", Jump)]
    [InlineData(false, "-A FORWARD -j DROP", Jump)]
    [InlineData(false, "-A FORWARD -j REJECT --reject-with icmp-port-unreachable", Jump)]
    [InlineData(false, "-A FORWARD -j DOCKER-FORWARD", Jump)]
    [InlineData(false, "-A FORWARD -o docker0 -j DOCKER", Jump)]
    [InlineData(false, "", "")]
    [InlineData(false, Jump, Jump)]
    public void Its_place_counts_too(bool isSo, string before, string jump) =>
        Assert.Equal(isSo, Forward.IsIn(IptablesDump.Parse($"*filter\n:FORWARD ACCEPT [0:0]\n:FLANNEL-FWD - [0:0]\n{before}\n{jump}\n{Chain}\nCOMMIT\n")));

    [Fact]
    public void A_rule_that_is_missing_or_in_excess_shows()
    {
        Assert.False(Forward.IsIn(IptablesDump.Parse($"*filter\n{Jump}\n{Chain.Split('\n')[0]}\nCOMMIT\n")));
        Assert.False(Forward.IsIn(IptablesDump.Parse($"*filter\n{Jump}\n{Chain}\n-A FLANNEL-FWD -j DROP\nCOMMIT\n")));
    }

    [Fact]
    public void What_an_administrator_told_Docker_goes_first() => Assert.StartsWith(
        $"*filter\n:FLANNEL-FWD - [0:0]\n-D{Jump[2..]}\n-I FORWARD 2 -m comment",
        Forward.Script(IptablesDump.Parse($"*filter\n-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-FORWARD\n{Jump}\n{Chain}\nCOMMIT\n")),
        StringComparison.Ordinal);

    [Fact]
    public void Ours_goes_and_flannels_own_chain_stays()
    {
        var nothing = IptablesChain.Of(WantedFirewall.Nothing(FirewallNames.Default), ipv4: true, canRandom: true)[0];
        var ours = IptablesDump.Parse($"*filter\n:FLANNEL-FWD - [0:0]\n{Jump}\n{Chain}\nCOMMIT\n");
        Assert.True(nothing.IsOurs(ours));
        Assert.Equal($"*filter\n-D{Jump[2..]}\n-F FLANNEL-FWD\n-X FLANNEL-FWD\nCOMMIT\n", nothing.Script(ours));
        Assert.False(nothing.IsOurs(IptablesDump.Parse($"*filter\n:FLANNEL-FWD - [0:0]\n{Jump}\n{Chain}\nCOMMIT\n".Replace("akka-overlay", "flanneld", StringComparison.Ordinal))));
    }
}
