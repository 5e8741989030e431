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

    /// <summary>Chains with their rules, and sets without their elements.</summary>
    public static NftBody Body(WantedFirewall wanted, NftFeatures features)
    {
        var body = new NftBody(wanted.Names.Table);
        if (wanted.Guard is { } guard)
            NftGuard.AddTo(body, guard, features);
        if (wanted.Engine == FirewallEngine.Nftables)
        {
            AddChain(body, wanted, RuleChain.Forward, Forward, new NftHook("filter", "forward", 0));
            AddChain(body, wanted, RuleChain.PostRouting, PostRouting, new NftHook("nat", "postrouting", 100));
        }
        return body;
    }

    /// <summary>Puts the table in the place of what was there before. The kernel shows the new rules some microseconds before the new members: packets are lost.</summary>
    public static string Whole(NftBody body, NftElements elements)
    {
        string table = $"inet {body.Table}";
        // Added first, so that deleting does not fail where there is none.
        return $"add table {table}\ndelete table {table}\n{body.Text}{Elements("add", body.Table, elements)}";
    }

    /// <summary>The sets with what they shall hold; nothing that asks them.</summary>
    public static string SetsOnly(NftBody body, NftElements elements) => body.SetsText + Elements("add", body.Table, elements);

    /// <summary>Puts the chains in the place of those that are there. What they ask must be there.</summary>
    /// <param name="before">Null where there is no table.</param>
    public static string ChainsOnly(NftBody body, NftDump? before)
    {
        var there = (before?.Chains ?? []).Select(chain => chain.Name).ToList();
        var text = new StringBuilder();
        foreach (string chain in there)
            text.Append(CultureInfo.InvariantCulture, $"flush chain inet {body.Table} {chain}\n");
        foreach (string chain in there.Except(body.Chains.Select(chain => chain.Name)))
            text.Append(CultureInfo.InvariantCulture, $"delete chain inet {body.Table} {chain}\n");
        return text.Append(body.ChainsText).ToString();
    }

    /// <summary>Sets and members that were there before and shall not be any more; empty where there are none. Nothing may ask for the sets.</summary>
    public static string Surplus(NftBody body, NftElements before, NftElements elements)
    {
        var sets = before.Sets.Keys.Except(body.Sets).ToList();
        var members = new NftElements(before.Sets.RemoveRange(sets)).Except(elements);
        return Change(body.Table, NftElements.None, members) + string.Concat(sets.Select(set => $"delete set inet {body.Table} {set}\n"));
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

    internal static string Ip(IpPrefix prefix) => prefix.IsIPv4 ? "ip" : "ip6";

    internal static string Range(IpPrefix prefix) =>
        prefix.Length == prefix.Address.BitLength() ? Hex(prefix.Address.ToBits()) : $"{Hex(prefix.Network.Address.ToBits())}-{Hex(prefix.Last.ToBits())}";

    internal static string Hex(UInt128 value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);
}
