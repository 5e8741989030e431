using System.Collections.Immutable;
using System.Text.Json;

namespace AkkaOverlay.Kernel.Firewall;

/// <summary>A chain of nftables, with its rules in order (libnftables-json(5)).</summary>
/// <param name="Family">"ip", "ip6", "inet" …</param>
/// <param name="Hook">"forward" …; null for a chain that others jump to.</param>
/// <param name="Type">"filter", "nat" or "route" of a base chain.</param>
/// <param name="Priority">The lower goes first.</param>
/// <param name="Policy">"accept" or "drop" of a base chain.</param>
public sealed record NftChain(string Family, string Table, string Name, string? Hook, string? Type, int Priority, string Policy, ImmutableArray<NftRule> Rules)
{
    /// <summary>iptables-nft keeps its rules in this table, and does not understand everything that nft puts there: rules go in by iptables.</summary>
    public bool IsOfIptables { get; init; }

    public override string ToString() => $"{Family} {Table} {Name}";
}

/// <param name="Expressions">Matches and statements as nft prints them.</param>
public sealed record NftRule(long Handle, ImmutableArray<JsonElement> Expressions);

/// <summary>What <c>nft --json list ruleset</c> says. What iptables-nft makes is in it too, in tables of its own.</summary>
public sealed record NftRuleset(ImmutableArray<NftChain> Chains)
{
    public static readonly NftRuleset Empty = new([]);

    /// <summary>iptables(8): the tables, and the chains of which at least one is in each.</summary>
    private static readonly string[] IptablesTables = ["filter", "nat", "mangle", "raw", "security"], IptablesChains = ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"];

    private static readonly JsonElement Accept = JsonSerializer.SerializeToElement(new Dictionary<string, string?> { ["accept"] = null });

    /// <summary>Without the tables whose names begin so.</summary>
    public NftRuleset Without(string prefix) => new([.. Chains.Where(chain => !chain.Table.StartsWith(prefix, StringComparison.Ordinal))]);

    /// <summary>As it would be with one more rule, an accept for everything, in front of those of a chain.</summary>
    public NftRuleset Accepting(NftChain chain) => new([.. Chains.Select(one => one == chain ? one with { Rules = one.Rules.Insert(0, new NftRule(0, [Accept])) } : one)]);

    /// <exception cref="FormatException">It is not what nft prints.</exception>
    public static NftRuleset Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var chains = new List<NftChain>();
            var rules = new List<(string Chain, NftRule Rule)>();
            foreach (var item in document.RootElement.GetProperty("nftables").EnumerateArray())
            {
                if (item.TryGetProperty("chain", out var chain))
                    chains.Add(Chain(chain));
                else if (item.TryGetProperty("rule", out var rule))
                    rules.Add((KeyOf(rule, "chain"), new NftRule(rule.GetProperty("handle").GetInt64(), [.. rule.GetProperty("expr").EnumerateArray().Select(expression => expression.Clone())])));
            }
            var byChain = rules.ToLookup(rule => rule.Chain, rule => rule.Rule);
            var iptables = chains.Where(chain => chain is { Family: "ip" or "ip6", Hook: not null } && IptablesTables.Contains(chain.Table) && IptablesChains.Contains(chain.Name)).Select(chain => (chain.Family, chain.Table)).ToHashSet();
            return new NftRuleset([.. chains.Select(chain => chain with { Rules = [.. byChain[chain.ToString()]], IsOfIptables = iptables.Contains((chain.Family, chain.Table)) })]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new FormatException($"nft's listing is not understood: {e.Message}", e);
        }
    }

    private static NftChain Chain(JsonElement chain) => new(
        Text(chain, "family")!,
        Text(chain, "table")!,
        Text(chain, "name")!,
        Text(chain, "hook"),
        Text(chain, "type"),
        chain.TryGetProperty("prio", out var priority) && priority.ValueKind == JsonValueKind.Number ? priority.GetInt32() : 0,
        Text(chain, "policy") ?? "accept",
        []);

    private static string KeyOf(JsonElement item, string name) => $"{Text(item, "family")} {Text(item, "table")} {Text(item, name)}";

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
