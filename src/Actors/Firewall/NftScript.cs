using System.Globalization;
using System.Text;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>
/// The wanted rules in nft's own language, for <c>nft -f -</c>: one script is one transaction, so that all of it is there or nothing. Every rule
/// has a comment that says what it is for; by these the dump is compared.
/// </summary>
public static class NftScript
{
    public const string Forward = "forward";
    public const string PostRouting = "postrtg";

    /// <summary>Tunnel packets for this host.</summary>
    public const string GuardInput = "guard-input";

    /// <summary>Tunnel packets that this host sends on to another: out of a container, and masqueraded, they would seem to be its own.</summary>
    public const string GuardForward = "guard-forward";

    /// <summary>What both guards ask of a tunnel packet.</summary>
    public const string Tunnel = "tunnel";

    // Bits behind the start of the UDP header, for nft's @th,offset,length: UDP 8 octets, VXLAN 8, Ethernet 14 (RFC 7348, section 5).
    private const int VniOffset = 96;
    private const int EtherTypeOffset = 224;
    private const int InnerSourceIPv4 = 336;
    private const int InnerSourceIPv6 = 304;

    /// <summary>Chains with their rules, and sets without their elements.</summary>
    public static NftBody Body(WantedFirewall wanted, NftFeatures features)
    {
        var body = new NftBody(wanted.Names.Table);
        if (wanted.Guard is { } guard)
            AddGuard(body, guard, features);
        if (wanted.Engine == FirewallEngine.Nftables)
        {
            AddChain(body, wanted, RuleChain.Forward, Forward, new NftHook("filter", "forward", 0));
            AddChain(body, wanted, RuleChain.PostRouting, PostRouting, new NftHook("nat", "postrouting", 100));
        }
        return body;
    }

    /// <summary>Puts the table in the place of what was there before.</summary>
    public static string Whole(NftBody body, NftElements elements)
    {
        string table = $"inet {body.Table}";
        // Added first, so that deleting does not fail where there is none.
        return $"add table {table}\ndelete table {table}\n{body.Text}{Elements("add", body.Table, elements)}";
    }

    public static string Delete(string table) => $"add table inet {table}\ndelete table inet {table}\n";

    /// <summary>Only what is new and what is gone.</summary>
    public static string Change(string table, NftElements add, NftElements remove) => Elements("add", table, add) + Elements("delete", table, remove);

    private static string Elements(string verb, string table, NftElements elements)
    {
        var text = new StringBuilder();
        foreach (var (set, members) in elements.Sets)
        {
            if (members.Count > 0)
                text.Append(CultureInfo.InvariantCulture, $"{verb} element inet {table} {set} {{ {string.Join(", ", members.Select(member => member.Text))} }}\n");
        }
        return text.ToString();
    }

    private static void AddGuard(NftBody body, WantedGuard guard, NftFeatures features)
    {
        string ours = $"udp dport {guard.Port}{(guard.Vni is { } vni ? $" @th,{VniOffset},24 {Hex(vni)}" : "")}";
        body.Set(NftElements.Hosts(true), "type ipv4_addr");
        body.Set(NftElements.Hosts(false), "type ipv6_addr");
        bool binds = guard.Bound is not null && features.HasFlag(NftFeatures.Binding);
        if (binds)
        {
            body.Set(NftElements.Bound(true), $"typeof ip saddr . @th,{InnerSourceIPv4},32; flags interval");
            body.Set(NftElements.Bound(false), $"typeof ip6 saddr . @th,{InnerSourceIPv6},128; flags interval");
        }
        body.Chain(Tunnel, null);
        foreach (var network in guard.Networks)
            body.Rule($"{Ip(network)} saddr {network} counter drop", "drop", "tunnel packet from an overlay address");
        if (features.HasFlag(NftFeatures.Path))
            body.Rule("fib saddr . iif oif missing counter drop", "drop", "tunnel packet from where its sender is not");
        if (guard.Senders is not null)
        {
            body.Rule($"ip saddr != @{NftElements.Hosts(true)} counter drop", "drop", "IPv4 sender without a lease");
            body.Rule($"ip6 saddr != @{NftElements.Hosts(false)} counter drop", "drop", "IPv6 sender without a lease");
        }
        if (binds)
        {
            foreach (var network in guard.Networks)
                body.Rule(Binding(network), "drop", $"inner {network} from another's host");
        }
        body.Chain(GuardInput, new NftHook("filter", "input", -150));
        body.Rule($"{ours} jump {Tunnel}", "jump", "tunnel packets to this host");
        body.Chain(GuardForward, new NftHook("filter", "forward", -150));
        body.Rule($"ip daddr @{NftElements.Hosts(true)} {ours} jump {Tunnel}", "jump", "tunnel packets to other hosts by IPv4");
        body.Rule($"ip6 daddr @{NftElements.Hosts(false)} {ours} jump {Tunnel}", "jump", "tunnel packets to other hosts by IPv6");
    }

    /// <summary>Inner senders outside of the overlay are let through: a host may pass on what comes from elsewhere. IPv4 is carried in IPv4, IPv6 in IPv6.</summary>
    private static string Binding(IpPrefix network)
    {
        var (etherType, offset, bits) = network.IsIPv4 ? ("0x0800", InnerSourceIPv4, 32) : ("0x86dd", InnerSourceIPv6, 128);
        string source = $"@th,{offset},{bits}";
        return $"@th,{EtherTypeOffset},16 {etherType} {source} {Range(network)} {Ip(network)} saddr . {source} != @{NftElements.Bound(network.IsIPv4)} counter drop";
    }

    private static void AddChain(NftBody body, WantedFirewall wanted, RuleChain chain, string name, NftHook hook)
    {
        var rules = wanted.Rules.Items.Where(rule => rule.Chain == chain).ToList();
        if (rules.Count == 0)
            return;
        body.Chain(name, hook);
        foreach (var rule in rules)
            body.Rule(Text(rule), Verdict(rule.Verdict).Split(' ')[0], Describe(rule));
    }

    private static string Text(PacketRule rule)
    {
        string mark = rule.Marked ? $"meta mark & {Hex(PacketRule.MasqueradeMark)} == {Hex(PacketRule.MasqueradeMark)} " : "";
        return $"{mark}{Address("saddr", rule.Source)}{Address("daddr", rule.Destination)}counter {Verdict(rule.Verdict)}";
    }

    private static string Address(string side, AddressMatch? match) => match is { } given ? $"{Ip(given.Prefix)} {side} {(given.Not ? "!= " : "")}{given.Prefix} " : "";

    private static string Verdict(RuleVerdict verdict) => verdict switch
    {
        RuleVerdict.Return => "return",
        RuleVerdict.Accept => "accept",
        RuleVerdict.Masquerade => "masquerade",
        _ => "masquerade fully-random",
    };

    private static string Describe(PacketRule rule) => rule.Marked ? "marked by others"
        : $"{rule.Source?.ToString() ?? "any"} to {rule.Destination?.ToString() ?? "any"}";

    private static string Ip(IpPrefix prefix) => prefix.IsIPv4 ? "ip" : "ip6";

    internal static string Range(IpPrefix prefix) =>
        prefix.Length == prefix.Address.BitLength() ? Hex(prefix.Address.ToBits()) : $"{Hex(prefix.Network.Address.ToBits())}-{Hex(prefix.Last.ToBits())}";

    private static string Hex(UInt128 value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
