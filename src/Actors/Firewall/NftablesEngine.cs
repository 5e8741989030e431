using System.Collections.Immutable;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>
/// Our table of nftables: written whole in one transaction, then changed member by member, and compared with its dump. Nobody else's table is touched.
/// </summary>
public sealed class NftablesEngine(IToolRunner tools)
{
    public const string Nft = "nft";

    private static readonly ImmutableArray<NftFeatures> Steps = [NftFeatures.All, NftFeatures.Path, NftFeatures.Binding, NftFeatures.None];

    private NftFeatures features = NftFeatures.All;
    private string? without;

    /// <summary>Null until this process has written the table or found that it is not there.</summary>
    private Applied? applied;
    private bool foundNothing;

    /// <summary>Process ids under which the kernel reports our own changes.</summary>
    public HashSet<int> OwnProcesses { get; } = [];

    /// <param name="mayRemove">False on a partial view: then no member goes.</param>
    /// <param name="look">Something may have changed in the kernel: its dump is asked.</param>
    public EngineOutcome Reconcile(WantedFirewall wanted, bool mayRemove, bool look)
    {
        OwnProcesses.Clear();
        var body = NftScript.Body(wanted, features);
        try
        {
            if (body.IsEmpty)
                return Remove(wanted.Names.Table, look);
            if (!tools.Has(Nft))
            {
                applied = null;
                return EngineOutcome.Failed($"{Nft} is not in PATH: install nftables") with { IsMissing = true };
            }
            foundNothing = false;
            if (look && features != NftFeatures.All && CanAll(wanted))
            {
                features = NftFeatures.All;
                body = NftScript.Body(wanted, features);
            }
            var elements = NftElements.Of(wanted, body);
            if (applied is null || look || applied.Body != body.Text)
            {
                var dump = Readable(body.Table);
                if (!IsAsApplied(dump, body))
                    return WriteWhole(wanted, mayRemove ? NftElements.None : dump?.Elements ?? applied?.Elements ?? NftElements.None);
            }
            return Change(wanted, body, elements, mayRemove);
        }
        catch (Exception e) when (e is ToolException or FormatException)
        {
            applied = null;
            return EngineOutcome.Failed(e.Message);
        }
    }

    /// <summary>Takes our table away.</summary>
    /// <returns>True where there was one.</returns>
    /// <exception cref="ToolException">nft is not there, or failed.</exception>
    public bool Remove(string table)
    {
        if (DumpText(table) is null)
            return false;
        var result = Run(["-f", "-"], NftScript.Delete(table));
        return result.Succeeded ? true : throw new ToolException(Reason(result));
    }

    /// <summary>What the kernel holds of the wanted rules, chain by chain, for an operator.</summary>
    public ImmutableArray<(string Chain, string Wanted, string? Actual, string State)> Compare(WantedFirewall wanted)
    {
        var body = NftScript.Body(wanted, features);
        if (body.IsEmpty || !tools.Has(Nft))
            return [.. body.Chains.Select(chain => (chain.Name, $"{chain.Rules.Count} rules", (string?)null, "missing"))];
        try
        {
            var dump = Dump(body.Table);
            return [.. body.Chains.Select(chain => Compare(chain, dump))];
        }
        catch (Exception e) when (e is ToolException or FormatException)
        {
            return [(body.Table, "to be read", e.Message, "failed")];
        }
    }

    private static (string Chain, string Wanted, string? Actual, string State) Compare(NftChain chain, NftDump? dump)
    {
        var there = dump?.Chains.FirstOrDefault(there => there.Name == chain.Name);
        long dropped = chain.Rules.Items.Where(rule => rule.Verdict == "drop").Sum(rule => dump?.Dropped.GetValueOrDefault(rule.Comment) ?? 0);
        string drops = chain.Rules.Items.Any(rule => rule.Verdict == "drop") ? $", {dropped} packets dropped" : "";
        return (chain.Name, $"{chain.Rules.Count} rules", there is null ? null : $"{there.Rules.Count} rules{drops}", there is null ? "missing" : there == chain && dump?.Flags is null ? "ok" : "differs");
    }

    private EngineOutcome Remove(string table, bool look)
    {
        if (!tools.Has(Nft) || (foundNothing && !look))
            return EngineOutcome.Unchanged;
        applied = null;
        try
        {
            bool removed = Remove(table);
            foundNothing = true;
            return EngineOutcome.Unchanged with { Written = removed ? 1 : 0 };
        }
        catch (ToolException e)
        {
            return EngineOutcome.Unchanged with { Leftover = e.Message };
        }
    }

    private bool IsAsApplied(NftDump? dump, NftBody body) =>
        applied is not null && dump is not null && applied.Body == body.Text && dump.RulesText == applied.RulesText && dump.Lacks(body, applied.Elements) is null;

    private EngineOutcome Change(WantedFirewall wanted, NftBody body, NftElements elements, bool mayRemove)
    {
        var add = elements.Except(applied!.Elements);
        var remove = mayRemove ? applied.Elements.Except(elements) : NftElements.None;
        if (add.IsEmpty && remove.IsEmpty)
            return EngineOutcome.Unchanged with { Notes = Notes };
        var result = Run(["-f", "-"], NftScript.Change(body.Table, add, remove));
        if (!result.Succeeded)
            return WriteWhole(wanted, mayRemove ? NftElements.None : applied.Elements);
        applied = applied with { Elements = mayRemove ? elements : elements.Union(applied.Elements) };
        return new EngineOutcome(1, null, Notes);
    }

    /// <summary>With all parts of the guard, else with those that this kernel and this nft can do.</summary>
    /// <param name="keep">Members that stay on a partial view.</param>
    private EngineOutcome WriteWhole(WantedFirewall wanted, NftElements keep)
    {
        string? refusal = null;
        foreach (var step in Steps.SkipWhile(step => step != features))
        {
            var body = NftScript.Body(wanted, step);
            var elements = NftElements.Of(wanted, body).Union(keep);
            string script = NftScript.Whole(body, elements);
            var result = Run(["-f", "-"], script);
            // A protection is given up only for what is refused twice: a kernel in need of memory may refuse anything once.
            if (!result.Succeeded && wanted.Guard is not null)
                result = Run(["-f", "-"], script);
            if (result.Succeeded)
            {
                features = step;
                without = step == NftFeatures.All ? null : refusal ?? without;
                return Verify(body, elements);
            }
            refusal ??= Reason(result);
            if (wanted.Guard is null)
                break;
        }
        applied = null;
        return EngineOutcome.Failed($"nft refused our rules: {refusal}");
    }

    /// <summary>Asked at every look: what was refused before may be possible now, with a module that somebody loaded.</summary>
    private bool CanAll(WantedFirewall wanted)
    {
        var body = NftScript.Body(wanted, NftFeatures.All);
        return Run(["-c", "-f", "-"], NftScript.Whole(body, NftElements.None)).Succeeded;
    }

    /// <summary>Done is what the dump shows: a guard that is not there must not count.</summary>
    private EngineOutcome Verify(NftBody body, NftElements elements)
    {
        applied = null;
        if (Dump(body.Table) is not { } dump)
            return EngineOutcome.Failed($"nft took our rules, and table inet {body.Table} is not there");
        if (dump.Lacks(body, elements) is { } lack)
            return EngineOutcome.Failed($"nft took our rules, and {lack}");
        applied = new Applied(body.Text, elements, dump.RulesText);
        return new EngineOutcome(1, null, Notes);
    }

    private ImmutableArray<string> Notes => features == NftFeatures.All ? [] :
    [
        .. features.HasFlag(NftFeatures.Path) ? [] : new[] { $"the guard does not look at the way a packet came ({without})" },
        .. features.HasFlag(NftFeatures.Binding) ? [] : new[] { $"the guard does not bind inner senders to their hosts ({without})" },
    ];

    /// <summary>
    /// Null where there is no such table, or one whose dump cannot be read: nft 1.0.6 prints broken JSON for a table with flags. Both are written whole, and what
    /// that makes is read strictly.
    /// </summary>
    private NftDump? Readable(string table)
    {
        try
        {
            return Dump(table);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <returns>Null where there is no such table.</returns>
    /// <exception cref="FormatException">It cannot be read.</exception>
    private NftDump? Dump(string table) => DumpText(table) is { } text ? NftDump.Parse(text) : null;

    private string? DumpText(string table)
    {
        var result = Run(["-j", "list", "table", "inet", table], "");
        if (result.Succeeded)
            return result.Output;
        return result.Error.Contains("No such file or directory", StringComparison.Ordinal) ? null : throw new ToolException(Reason(result));
    }

    private ToolResult Run(IReadOnlyList<string> arguments, string input)
    {
        var result = tools.Run(Nft, arguments, input);
        OwnProcesses.Add(result.ProcessId);
        return result;
    }

    /// <summary>Without the place in a text that nobody has seen.</summary>
    private static string Reason(ToolResult result)
    {
        int at = result.Reason.IndexOf("Error: ", StringComparison.Ordinal);
        return at < 0 ? result.Reason : result.Reason[(at + "Error: ".Length)..];
    }

    private sealed record Applied(string Body, NftElements Elements, string RulesText);
}
