using System.Globalization;
using AkkaOverlay.Actors.Firewall;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

public sealed class IptablesRulesSpecs
{
    private static readonly WantedFirewall Firewall = Wanted(NetworkOf(nftables: false));

    private static readonly IptablesChain Inside = IptablesChain.Of(Firewall, ipv4: true, canRandom: true)[0];

    private static readonly IptablesChain Forward = IptablesChain.Of(Firewall, ipv4: true, canRandom: true)[1];

    private static readonly IptablesChain Masquerade = IptablesChain.Of(Firewall, ipv4: true, canRandom: true)[2];

    private const string InsideJump = """-A FORWARD -m comment --comment "akka-overlay inside" -j OVERLAY-INSIDE""";

    private const string InsideChain = """-A OVERLAY-INSIDE -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "akka-overlay inside" -j ACCEPT""";

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
        IptablesChain.Script([Masquerade], IptablesDump.Parse("")));

    [Fact]
    public void An_old_iptables_masquerades_without_the_option_that_it_lacks() =>
        Assert.DoesNotContain("--random-fully", IptablesChain.Script(IptablesChain.Of(Firewall, ipv4: true, canRandom: false), IptablesDump.Parse("")), StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "", Jump)]
    [InlineData(true, "-A FORWARD -j DOCKER-USER", Jump)]
    [InlineData(true, "-A FORWARD -s 192.0.2.7/32 -j DROP", Jump)]
    [InlineData(true, "-A FORWARD -j DOCKER-FORWARD", Jump)]
    [InlineData(false, "-A FORWARD -j DROP", Jump)]
    [InlineData(false, "-A FORWARD -j REJECT --reject-with icmp-port-unreachable", Jump)]
    [InlineData(false, "", "")]
    [InlineData(false, Jump, Jump)]
    public void Its_place_counts_too(bool isSo, string before, string jump) =>
        Assert.Equal(isSo, Forward.IsIn(IptablesDump.Parse($"*filter\n:FORWARD ACCEPT [0:0]\n:FLANNEL-FWD - [0:0]\n{before}\n{jump}\n{Chain}\nCOMMIT\n")));

    /// <summary>As an older release of ours left it, or where Docker came later.</summary>
    [Theory]
    [InlineData(false, "-A FORWARD -j DOCKER-FORWARD")]
    [InlineData(false, "-A FORWARD -o docker0 -j DOCKER")]
    [InlineData(true, "-A FORWARD -j DOCKER-USER")]
    [InlineData(true, "-A FORWARD -j DROP\n-A FORWARD -j DOCKER-FORWARD")]
    public void What_is_for_others_too_waits_for_Dockers_word(bool isSo, string behind) =>
        Assert.Equal(isSo, Forward.IsIn(IptablesDump.Parse($"*filter\n:FORWARD ACCEPT [0:0]\n:FLANNEL-FWD - [0:0]\n{Jump}\n{behind}\n{Chain}\nCOMMIT\n")));

    [Theory]
    [InlineData(true, "-A FORWARD -j DOCKER-USER")]
    [InlineData(true, "-A FORWARD -s 192.0.2.7/32 -j DROP")]
    [InlineData(false, "-A FORWARD -j DROP")]
    [InlineData(false, "-A FORWARD -j DOCKER-FORWARD")]
    [InlineData(false, "-A FORWARD -o docker0 -j DOCKER")]
    public void Between_overlay_addresses_Docker_does_not_decide(bool isSo, string before) =>
        Assert.Equal(isSo, Inside.IsIn(IptablesDump.Parse($"*filter\n:FORWARD ACCEPT [0:0]\n:OVERLAY-INSIDE - [0:0]\n{before}\n{InsideJump}\n{InsideChain}\nCOMMIT\n")));

    [Fact]
    public void A_rule_that_is_missing_or_in_excess_shows()
    {
        Assert.False(Forward.IsIn(IptablesDump.Parse($"*filter\n{Jump}\n{Chain.Split('\n')[0]}\nCOMMIT\n")));
        Assert.False(Forward.IsIn(IptablesDump.Parse($"*filter\n{Jump}\n{Chain}\n-A FLANNEL-FWD -j DROP\nCOMMIT\n")));
    }

    [Theory]
    [InlineData("DOCKER-USER,[inside],DOCKER-FORWARD,[forward]", "-j DOCKER-USER", "-j DOCKER-FORWARD")]
    [InlineData("admin,DOCKER-USER,[inside],DOCKER-FORWARD,[forward]", "-s 192.0.2.7/32 -d 10.244.1.9/32 -m comment --comment x -j admin", "-j DOCKER-USER", "-j DOCKER-FORWARD")]
    [InlineData("admin,[inside],[forward],DROP", "-s 192.0.2.7/32 -j admin", "-j DROP")]
    [InlineData("DOCKER-USER,[inside],DOCKER-FORWARD,[forward],DROP", "-j DOCKER-USER", "-j DOCKER-FORWARD", "-j DROP")]
    [InlineData("DOCKER-USER,[inside],DOCKER-FORWARD,[forward],DROP", "JUMP", "-j DOCKER-USER", "-j DOCKER-FORWARD", "-j DROP")]
    [InlineData("DOCKER-USER,[inside],DOCKER-FORWARD,[forward],DROP", "-j DOCKER-USER", "INSIDE", "JUMP", "-j DOCKER-FORWARD", "-j DROP")]
    [InlineData("DOCKER-USER,[inside],DOCKER-FORWARD,[forward],DROP", "-j DOCKER-USER", "-j DOCKER-FORWARD", "-j DROP", "JUMP", "INSIDE", "INSIDE")]
    public void What_an_administrator_says_goes_first_and_Docker_is_asked_about_everything_but_the_overlay(string expected, params string[] rules)
    {
        var before = rules.Select(rule => rule.Replace("INSIDE", InsideJump[11..], StringComparison.Ordinal).Replace("JUMP", Jump[11..], StringComparison.Ordinal)).ToList();
        string script = IptablesChain.Script([Inside, Forward], IptablesDump.Parse($"*filter\n:FORWARD ACCEPT [0:0]\n{string.Concat(before.Select(rule => $"-A FORWARD {rule}\n"))}COMMIT\n"));
        // As iptables-restore would.
        foreach (string line in script.Split('\n'))
        {
            if (line.StartsWith("-D FORWARD ", StringComparison.Ordinal))
                Assert.True(before.Remove(line[11..]));
            else if (line.StartsWith("-I FORWARD ", StringComparison.Ordinal) && line[11..].Split(' ', 2) is [var place, var rule])
                before.Insert(int.Parse(place, CultureInfo.InvariantCulture) - 1, rule);
        }
        Assert.Equal(expected, string.Join(',', before.Select(rule => rule == Jump[11..] ? "[forward]" : rule == InsideJump[11..] ? "[inside]" : rule[(rule.IndexOf("-j ", StringComparison.Ordinal) + 3)..])));
        var after = IptablesDump.Parse($"*filter\n:FORWARD ACCEPT [0:0]\n{string.Concat(before.Select(rule => $"-A FORWARD {rule}\n"))}{InsideChain}\n{Chain}\nCOMMIT\n");
        Assert.True(Inside.IsIn(after) && Forward.IsIn(after));
    }

    [Fact]
    public void Ours_goes_and_flannels_own_chain_stays()
    {
        var nothing = IptablesChain.Of(WantedFirewall.Nothing(FirewallNames.Default), ipv4: true, canRandom: true)[1];
        var ours = IptablesDump.Parse($"*filter\n:FLANNEL-FWD - [0:0]\n{Jump}\n{Chain}\nCOMMIT\n");
        Assert.True(nothing.IsOurs(ours));
        Assert.Equal($"*filter\n-D{Jump[2..]}\n-F FLANNEL-FWD\n-X FLANNEL-FWD\nCOMMIT\n", IptablesChain.Script([nothing], ours));
        Assert.False(nothing.IsOurs(IptablesDump.Parse($"*filter\n:FLANNEL-FWD - [0:0]\n{Jump}\n{Chain}\nCOMMIT\n".Replace("akka-overlay", "flanneld", StringComparison.Ordinal))));
    }
}
