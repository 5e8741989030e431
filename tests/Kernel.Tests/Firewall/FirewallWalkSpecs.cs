using System.Net;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Tests.Firewall;

/// <summary>Packets through listings as nft prints them.</summary>
public sealed class FirewallWalkSpecs
{
    private const string Drop = """{"drop":null}""", Accept = """{"accept":null}""", Return = """{"return":null}""", Jump = """{"jump":{"target":"user"}}""";

    private const string UserChain = """{"chain":{"family":"inet","table":"t","name":"user"}}""";

    private const string UdpPort = """{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":""";

    private static readonly PacketView Inner = new("cni0", "flannel.1", IPAddress.Parse("10.244.1.2"), IPAddress.Parse("10.244.2.2"));

    private static readonly PacketView Tunnel = new("eth0", null, IPAddress.Parse("192.168.7.1"), IPAddress.Parse("192.168.7.2"), "udp", 8472);

    [Theory]
    [InlineData("""{"drop":null}""", true)]
    [InlineData("""{"reject":{"type":"icmp","expr":"port-unreachable"}}""", true)]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"prefix":{"addr":"10.244.2.0","len":24}}}},{"counter":{"packets":1,"bytes":1}},{"drop":null}""", true)]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"prefix":{"addr":"10.244.3.0","len":24}}}},{"drop":null}""", false)]
    [InlineData("""{"match":{"op":"!=","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":"10.244.1.2"}},{"drop":null}""", false)]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":{"set":["docker0","cni*"]}}},{"drop":null}""", true)]
    [InlineData("""{"match":{"op":"!=","left":{"meta":{"key":"oifname"}},"right":"flannel.1"}},{"drop":null}""", false)]
    [InlineData("""{"match":{"op":"in","left":{"ct":{"key":"state"}},"right":["established","related"]}},{"drop":null}""", false)]
    [InlineData("""{"accept":null}""", false)]
    [InlineData("""{"xt":{"type":"match","name":"comment"}},{"counter":{"packets":0,"bytes":0}},{"drop":null}""", true)]
    [InlineData("""{"xt":{"type":"match","name":"comment"}},{"accept":null}""", false)]
    [InlineData("""{"xt":{"type":"target","name":"REJECT"}}""", true)]
    [InlineData("""{"xt":{"type":"target","name":"LOG"}}""", false)]
    public void A_rule_drops_what_it_matches_and_nothing_else(string expressions, bool drops)
    {
        var drop = FirewallWalk.At(Listing("accept", expressions), "forward", Inner);
        Assert.Equal(drops, drop is { Certain: true, Handle: 1 });
        Assert.Equal(drops, drop is not null);
    }

    [Theory]
    [InlineData("""{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":"@blocked"}},{"drop":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"l4proto"}},"right":"tcp"}},{"drop":null}""")]
    [InlineData("""{"xt":{"type":"match","name":"recent"}},{"drop":null}""")]
    [InlineData("""{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"drop":null}""")]
    public void What_is_not_known_makes_a_verdict_uncertain(string expressions) =>
        Assert.False(FirewallWalk.At(Listing("accept", expressions), "forward", Inner)!.Certain);

    [Fact]
    public void A_policy_drops_what_no_rule_accepts()
    {
        Assert.Equal((true, null), FirewallWalk.At(Listing("drop"), "forward", Inner) is { } drop ? (drop.Certain, drop.Handle) : default);
        Assert.Null(FirewallWalk.At(Listing("drop", """{"match":{"op":"==","left":{"meta":{"key":"iifname"}},"right":"cni0"}},{"accept":null}"""), "forward", Inner));
        // What may have been accepted is not certain to be dropped.
        Assert.False(FirewallWalk.At(Listing("drop", """{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"accept":null}"""), "forward", Inner)!.Certain);
    }

    [Fact]
    public void An_accept_ends_one_chain_and_not_the_next()
    {
        var rules = Ruleset(Chain("a", "accept", -10), Rule("a", 1, Accept), Chain("b", "accept", 0), Rule("b", 2, Drop));
        Assert.Equal("inet t b", FirewallWalk.At(rules, "forward", Inner)!.Chain.ToString());
    }

    [Fact]
    public void What_mends_a_drop_lets_the_overlay_past_it_and_leaves_the_rule_for_everybody_else()
    {
        var overlay = IpPrefix.Parse("10.244.0.0/16");
        var flow = new FlowMatch(overlay, overlay);
        Assert.Equal("nft insert rule inet t f handle 1 ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept", FirewallWalk.At(Listing("accept", Drop), "forward", Inner)!.Mend(flow));
        Assert.Equal("nft add rule inet t f ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept", FirewallWalk.At(Listing("drop"), "forward", Inner)!.Mend(flow));
        // Behind the rule that returns nothing would be asked.
        Assert.StartsWith("nft insert rule inet t f ip saddr", FirewallWalk.At(Listing("drop", Return), "forward", Inner)!.Mend(flow), StringComparison.Ordinal);
        Assert.Equal("nft insert rule inet t f handle 1 udp dport 8472 accept", FirewallWalk.At(Listing("accept", Drop), "forward", Inner)!.Mend(new FlowMatch(Protocol: "udp", Port: 8472)));
    }

    [Theory]
    [InlineData("ip", "10.244.0.0/16", "iptables -I FORWARD 2 -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT", "iptables -A FORWARD -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT")]
    [InlineData("ip6", "fd00::/56", "ip6tables -I FORWARD 2 -s fd00::/56 -d fd00::/56 -j ACCEPT", "ip6tables -A FORWARD -s fd00::/56 -d fd00::/56 -j ACCEPT")]
    public void What_iptables_made_is_mended_by_iptables_of_the_same_family(string family, string network, string beforeRule, string beforePolicy)
    {
        string chain = $$$"""{"chain":{"family":"{{{family}}}","table":"filter","name":"FORWARD","handle":1,"type":"filter","hook":"forward","prio":0,"policy":"drop"}}""";
        string other = $$$"""{"rule":{"family":"{{{family}}}","table":"filter","chain":"FORWARD","handle":4,"expr":[{"counter":null}]}}""";
        string rule = $$$"""{"rule":{"family":"{{{family}}}","table":"filter","chain":"FORWARD","handle":9,"expr":[{"drop":null}]}}""";
        var prefix = IpPrefix.Parse(network);
        var packet = new PacketView("cni0", "flannel.1", prefix.AddressAt(2), prefix.AddressAt(258));
        Assert.Equal(beforeRule, FirewallWalk.At(Ruleset(chain, other, rule), "forward", packet)!.Mend(new FlowMatch(prefix, prefix)));
        Assert.Equal(beforePolicy, FirewallWalk.At(Ruleset(chain, other), "forward", packet)!.Mend(new FlowMatch(prefix, prefix)));
    }

    [Fact]
    public void An_accept_in_a_chain_helps_where_the_drop_comes_behind_the_jump_to_it()
    {
        var behind = Ruleset(Chain("f", "drop", 0), UserChain, Rule("f", 1, Jump));
        Assert.Null(FirewallWalk.At(behind.Accepting(behind.Chains.Single(chain => chain.Name == "user")), "forward", Inner));
        var before = Ruleset(Chain("f", "accept", 0), UserChain, Rule("f", 1, Drop), Rule("f", 2, Jump));
        Assert.Equal(1, FirewallWalk.At(before.Accepting(before.Chains.Single(chain => chain.Name == "user")), "forward", Inner)!.Handle);
    }

    [Fact]
    public void Jumps_come_back_and_end_even_where_they_are_a_circle()
    {
        Assert.Equal(2, FirewallWalk.At(Ruleset(Chain("f", "accept", 0), UserChain, Rule("f", 1, Jump), Rule("f", 2, Drop), Rule("user", 3, Return)), "forward", Inner)!.Handle);
        Assert.Equal(3, FirewallWalk.At(Ruleset(Chain("f", "accept", 0), UserChain, Rule("f", 1, Jump), Rule("user", 3, Drop)), "forward", Inner)!.Handle);
        Assert.Null(FirewallWalk.At(Ruleset(Chain("f", "accept", 0), UserChain, Rule("f", 1, Jump), Rule("user", 3, Jump)), "forward", Inner));
    }

    [Theory]
    [InlineData("8472", true)]
    [InlineData("4789", false)]
    [InlineData("""{"range":[8000,9000]}""", true)]
    [InlineData("""{"set":[53,8472]}""", true)]
    public void The_tunnels_port_is_found_in_a_rule(string right, bool drops) => Assert.Equal(
        drops,
        FirewallWalk.At(Listing("accept", UdpPort + right + "}}," + Drop, "input"), "input", Tunnel) is not null);

    [Fact]
    public void A_rule_for_another_protocol_does_not_concern_it()
    {
        var rules = Listing("accept", """{"match":{"op":"==","left":{"payload":{"protocol":"tcp","field":"dport"}},"right":8472}},{"drop":null}""", "input");
        Assert.Null(FirewallWalk.At(rules, "input", Tunnel));
        Assert.NotNull(FirewallWalk.At(rules, "input", Tunnel with { Protocol = "tcp" }));
    }

    [Fact]
    public void Masquerading_is_found_unless_an_accept_spares_it()
    {
        const string masquerade = """{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"saddr"}},"right":{"prefix":{"addr":"10.244.1.0","len":24}}}},{"masquerade":null}""";
        const string chain = """{"chain":{"family":"ip","table":"n","name":"p","hook":"postrouting","type":"nat","prio":100,"policy":"accept"}}""";
        const string rule = """{"rule":{"family":"ip","table":"n","chain":"p","handle":7,"expr":[""";
        const string before = """{"rule":{"family":"ip","table":"n","chain":"p","handle":6,"expr":[{"accept":null}]}}""";
        Assert.Equal(7, FirewallWalk.Translates(Ruleset(chain, rule + masquerade + "]}}"), Inner)!.Handle);
        // As iptables-nft has it.
        Assert.Equal(7, FirewallWalk.Translates(Ruleset(chain, rule + masquerade.Replace("""{"masquerade":null}""", """{"xt":{"type":"target","name":"MASQUERADE"}}""", StringComparison.Ordinal) + "]}}"), Inner) is { Certain: true } found ? found.Handle : null);
        Assert.Null(FirewallWalk.Translates(Ruleset(chain, before, rule + masquerade + "]}}"), Inner));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"nftables":7}""")]
    [InlineData("""{"nftables":[{"rule":{"family":"ip"}}]}""")]
    public void What_nft_does_not_print_is_refused(string text) => Assert.Throws<FormatException>(() => NftRuleset.Parse(text));

    private static NftRuleset Listing(string policy, string? expressions = null, string hook = "forward") =>
        expressions is null ? Ruleset(Chain("f", policy, 0, hook)) : Ruleset(Chain("f", policy, 0, hook), Rule("f", 1, expressions));

    private static NftRuleset Ruleset(params string[] items) => NftRuleset.Parse("{\"nftables\":[{\"metainfo\":{\"version\":\"1.0.6\"}}," + string.Join(',', items) + "]}");

    private static string Chain(string name, string policy, int priority, string hook = "forward") =>
        $$$"""{"chain":{"family":"inet","table":"t","name":"{{{name}}}","handle":1,"type":"filter","hook":"{{{hook}}}","prio":{{{priority}}},"policy":"{{{policy}}}"}}""";

    private static string Rule(string chain, int handle, string expressions) =>
        $$$"""{"rule":{"family":"inet","table":"t","chain":"{{{chain}}}","handle":{{{handle}}},"expr":[{{{expressions}}}]}}""";
}
