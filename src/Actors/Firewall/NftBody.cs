using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>Where a base chain hooks in.</summary>
public sealed record NftHook(string Type, string Name, int Priority);

/// <param name="Verdict">The first word of what it does.</param>
public sealed record NftRule(string Verdict, string Comment);

/// <param name="Hook">Null for one that is only jumped to.</param>
public sealed record NftChain(string Name, NftHook? Hook, EquatableArray<NftRule> Rules);

/// <summary>A table as text for nft, and as what its dump must show.</summary>
public sealed class NftBody(string table)
{
    private readonly StringBuilder sets = new();
    private readonly StringBuilder text = new();
    private readonly List<string> setNames = [];
    private readonly List<(string Name, NftHook? Hook, List<NftRule> Rules)> chains = [];

    public string Table { get; } = table;

    public bool IsEmpty => chains.Count == 0;

    public IReadOnlyList<string> Sets => setNames;

    public ImmutableArray<NftChain> Chains => [.. chains.Select(chain => new NftChain(chain.Name, chain.Hook, chain.Rules.ToEquatableArray()))];

    public string Text => Block($"{sets}{text}{(chains.Count > 0 ? " }\n" : "")}");

    /// <summary>The table with its sets, which have no members, and without chains.</summary>
    public string SetsText => Block(sets.ToString());

    /// <summary>The chains with their rules.</summary>
    public string ChainsText => Block($"{text}{(chains.Count > 0 ? " }\n" : "")}");

    public void Set(string name, string definition)
    {
        setNames.Add(name);
        sets.Append(CultureInfo.InvariantCulture, $" set {name} {{ {definition}; }}\n");
    }

    public void Chain(string name, NftHook? hook)
    {
        if (chains.Count > 0)
            text.Append(" }\n");
        chains.Add((name, hook, []));
        text.Append(CultureInfo.InvariantCulture, $" chain {name} {{\n");
        if (hook is not null)
            text.Append(CultureInfo.InvariantCulture, $"  type {hook.Type} hook {hook.Name} priority {hook.Priority}; policy accept;\n");
    }

    /// <param name="comment">At most 127 octets.</param>
    public void Rule(string rule, string verdict, string comment)
    {
        chains[^1].Rules.Add(new NftRule(verdict, comment));
        text.Append(CultureInfo.InvariantCulture, $"  {rule} comment \"{comment}\"\n");
    }

    private string Block(string content) => $"table inet {Table} {{\n{content}}}\n";
}
