using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>Our table as <c>nft -j list table</c> shows it (libnftables-json(5)).</summary>
/// <param name="RulesText">Every chain and rule in full, without handles and counts: equal texts are equal rules.</param>
/// <param name="Unread">Members of sets that were written in a way unknown here, by set.</param>
/// <param name="Dropped">Packets that rules dropped, by the rule's comment.</param>
/// <param name="Flags">The table's; ours has none. A dormant table filters nothing.</param>
public sealed record NftDump(
    ImmutableArray<NftChain> Chains,
    NftElements Elements,
    ImmutableDictionary<string, int> Unread,
    string RulesText,
    ImmutableSortedDictionary<string, long> Dropped,
    string? Flags)
{
    /// <exception cref="FormatException">It is not what nft prints.</exception>
    public static NftDump Parse(string json)
    {
        try
        {
            return new NftDumpReader().Read(JsonNode.Parse(json)!["nftables"]!.AsArray());
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NullReferenceException or ArgumentException or OverflowException)
        {
            throw new FormatException($"nft's answer cannot be read: {e.Message}", e);
        }
    }

    /// <summary>What of a body and its members the kernel does not hold; null where it holds all, and nothing else.</summary>
    public string? Lacks(NftBody body, NftElements elements)
    {
        if (Flags is not null)
            return $"table inet {body.Table} has flags: {Flags}";
        foreach (var chain in body.Chains)
        {
            if (Chains.FirstOrDefault(there => there.Name == chain.Name) is not { } found)
                return $"chain {chain.Name} is missing";
            if (found.Hook != chain.Hook)
                return $"chain {chain.Name} hooks in elsewhere";
            if (found.Rules != chain.Rules)
                return $"chain {chain.Name} has {found.Rules.Count} rules, not the {chain.Rules.Count} that it shall have";
        }
        if (Chains.Length != body.Chains.Length)
            return "there are chains that are not ours";
        if (Elements.Sets.Keys.FirstOrDefault(set => !body.Sets.Contains(set)) is { } foreign)
            return $"there is a set {foreign} that is not ours";
        foreach (var (set, members) in elements.Sets)
        {
            var there = Elements.Sets.GetValueOrDefault(set) ?? [];
            int unread = Unread.GetValueOrDefault(set);
            if (there.Count + unread != members.Count || (unread == 0 && !there.SetEquals(members)))
                return $"set {set} has {there.Count + unread} members, not the {members.Count} that it shall have";
        }
        return null;
    }
}

/// <summary>Walks the objects of one table.</summary>
internal sealed class NftDumpReader
{
    private readonly List<(string Name, NftHook? Hook, List<NftRule> Rules)> chains = [];
    private readonly ImmutableSortedDictionary<string, ImmutableSortedSet<NftElement>>.Builder sets = NftElements.None.Sets.ToBuilder();
    private readonly ImmutableDictionary<string, int>.Builder unread = ImmutableDictionary.CreateBuilder<string, int>();
    private readonly ImmutableSortedDictionary<string, long>.Builder dropped = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
    private readonly List<string> texts = [];
    private string? flags;

    public NftDump Read(JsonArray objects)
    {
        foreach (var item in objects)
        {
            if (item!["table"] is JsonObject table)
                flags = table["flags"]?.ToJsonString();
            else if (item["chain"] is JsonObject chain)
                ReadChain(chain);
            else if (item["set"] is JsonObject set)
                ReadSet(set);
            else if (item["rule"] is JsonObject rule)
                ReadRule(rule);
        }
        return new NftDump(
            [.. chains.Select(chain => new NftChain(chain.Name, chain.Hook, chain.Rules.ToEquatableArray()))],
            new NftElements(sets.ToImmutable()),
            unread.ToImmutable(),
            string.Join('\n', texts),
            dropped.ToImmutable(),
            flags);
    }

    private void ReadChain(JsonObject chain)
    {
        // A policy that drops would be another chain than ours: it shows as another type.
        var hook = chain["hook"] is null ? null : new NftHook(
            chain["policy"]?.GetValue<string>() is "accept" or null ? chain["type"]!.GetValue<string>() : "dropping",
            chain["hook"]!.GetValue<string>(),
            chain["prio"]!.GetValue<int>());
        chains.Add((chain["name"]!.GetValue<string>(), hook, []));
        Note(chain);
    }

    private void ReadRule(JsonObject rule)
    {
        string comment = rule["comment"]?.GetValue<string>() ?? "";
        var expressions = rule["expr"]!.AsArray();
        string verdict = expressions.Count == 0 ? "" : NameOf(expressions[^1]!);
        string chain = rule["chain"]!.GetValue<string>();
        chains.Find(known => known.Name == chain).Rules.Add(new NftRule(verdict, comment));
        foreach (var expression in expressions)
        {
            if (expression!["counter"] is not JsonObject counter)
                continue;
            if (verdict == "drop")
                dropped[comment] = dropped.GetValueOrDefault(comment) + counter["packets"]!.GetValue<long>();
            counter["packets"] = 0;
            counter["bytes"] = 0;
        }
        Note(rule);
    }

    private void Note(JsonObject item)
    {
        item.Remove("handle");
        texts.Add(item.ToJsonString());
    }

    private void ReadSet(JsonObject set)
    {
        string name = set["name"]!.GetValue<string>();
        var members = ImmutableSortedSet.CreateBuilder<NftElement>();
        foreach (var element in set["elem"]?.AsArray() ?? [])
        {
            if (ReadElement(element!) is { } member)
                members.Add(member);
            else
                unread[name] = unread.GetValueOrDefault(name) + 1;
        }
        sets[name] = members.ToImmutable();
    }

    private static NftElement? ReadElement(JsonNode element)
    {
        if (element is JsonObject wrapped && wrapped["elem"] is JsonObject inside)
            element = inside["val"]!;
        if (element is JsonValue single)
            return Address(single) is { } address ? new NftElement(address, null) : null;
        return element is JsonObject && element["concat"] is JsonArray { Count: 2 } pair && Address(pair[0]!) is { } outer && Prefix(pair[1]!, outer.IsIPv4) is { } inner
            ? new NftElement(outer, inner)
            : null;
    }

    private static IpPrefix? Address(JsonNode node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String && IPAddress.TryParse(value.GetValue<string>(), out var address) ? IpPrefix.Host(address) : null;

    /// <summary>An integer, or a range of them that is a whole prefix.</summary>
    private static IpPrefix? Prefix(JsonNode node, bool ipv4)
    {
        var ends = node is JsonObject && node["range"] is JsonArray { Count: 2 } range ? (Number(range[0]!), Number(range[1]!)) : (Number(node), Number(node));
        if (ends is not ({ } first, { } last) || last < first)
            return null;
        var span = last - first;
        int bits = 128 - (int)UInt128.LeadingZeroCount(span);
        int length = (ipv4 ? 32 : 128) - bits;
        // Every bit of the span is one, and none of them is in the first address.
        return (span & (span + 1)) != 0 || (first & span) != 0 || length < 0
            ? null
            : new IpPrefix(AddressMath.FromBits(first, ipv4 ? System.Net.Sockets.AddressFamily.InterNetwork : System.Net.Sockets.AddressFamily.InterNetworkV6), length);
    }

    private static UInt128? Number(JsonNode node)
    {
        if (node is not JsonValue value)
            return null;
        string text = value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();
        return text.StartsWith("0x", StringComparison.Ordinal)
            ? UInt128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex) ? hex : null
            : UInt128.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static string NameOf(JsonNode expression) => expression.AsObject().First().Key;
}
