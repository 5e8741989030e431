using System.Collections.Immutable;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>
/// Our table of nftables: written, then changed member by member, and compared with its dump. Nobody else's table is touched.
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
                bool isReadable = TryDump(body.Table, out var dump);
                if (!IsAsApplied(dump, body))
                    return Write(wanted, new Before(dump, isReadable), mayRemove ? NftElements.None : dump?.Elements ?? applied?.Elements ?? NftElements.None);
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
        {
            bool isReadable = TryDump(body.Table, out var dump);
            return Write(wanted, new Before(dump, isReadable), mayRemove ? NftElements.None : applied.Elements);
        }
        applied = applied with { Elements = mayRemove ? elements : elements.Union(applied.Elements) };
        return new EngineOutcome(1, null, Notes);
    }

    /// <summary>With all parts of the guard, else with those that this kernel and this nft can do.</summary>
    /// <param name="keep">Members that stay on a partial view.</param>
    private EngineOutcome Write(WantedFirewall wanted, Before before, NftElements keep)
    {
        string? refusal = null;
        foreach (var step in Steps.SkipWhile(step => step != features))
        {
            var body = NftScript.Body(wanted, step);
            var elements = NftElements.Of(wanted, body).Union(keep);
            if (before.CanStay(body) && InOrder(body, elements, before.Dump))
            {
                Accepted(step, refusal);
                return new EngineOutcome(1, null, Notes);
            }
            string script = NftScript.Whole(body, elements);
            var result = Run(["-f", "-"], script);
            // A protection is given up only for what is refused twice: a kernel in need of memory may refuse anything once.
            if (!result.Succeeded && wanted.Guard is not null)
                result = Run(["-f", "-"], script);
            if (result.Succeeded)
            {
                Accepted(step, refusal);
                return Verify(body, elements) is { } lack
                    ? EngineOutcome.Failed($"nft took our rules, and {lack}")
                    : new EngineOutcome(1, null, Notes);
            }
            refusal ??= Reason(result);
            if (wanted.Guard is null)
                break;
        }
        applied = null;
        if (before.IsNothing)
            Run(["-f", "-"], NftScript.Delete(wanted.Names.Table));
        return EngineOutcome.Failed($"nft refused our rules: {refusal}");
    }

    private void Accepted(NftFeatures step, string? refusal)
    {
        features = step;
        without = step == NftFeatures.All ? null : refusal ?? without;
    }

    /// <summary>
    /// First members, then the rules that ask for them, then what is left of the members before: three transactions, and no packet between them that finds rules
    /// without members. In one transaction there would be (decision 19).
    /// </summary>
    /// <returns>False where the table is not as wanted afterwards.</returns>
    private bool InOrder(NftBody body, NftElements elements, NftDump? before)
    {
        if (!Run(["-f", "-"], NftScript.SetsOnly(body, elements)).Succeeded || !Run(["-f", "-"], NftScript.ChainsOnly(body, before)).Succeeded)
            return false;
        string surplus = before is null ? "" : NftScript.Surplus(body, before.Elements, elements);
        return (surplus.Length == 0 || Run(["-f", "-"], surplus).Succeeded) && Verify(body, elements) is null;
    }

    /// <summary>Asked at every look: what was refused before may be possible now, with a module that somebody loaded.</summary>
    private bool CanAll(WantedFirewall wanted)
    {
        var body = NftScript.Body(wanted, NftFeatures.All);
        return Run(["-c", "-f", "-"], NftScript.Whole(body, NftElements.None)).Succeeded;
    }

    /// <summary>Done is what the dump shows: a guard that is not there must not count.</summary>
    /// <returns>What is not as it shall be.</returns>
    private string? Verify(NftBody body, NftElements elements)
    {
        applied = null;
        if (Dump(body.Table) is not { } dump)
            return $"table inet {body.Table} is not there";
        if (dump.Lacks(body, elements) is { } lack)
            return lack;
        applied = new Applied(body.Text, elements, dump.RulesText);
        return null;
    }

    private ImmutableArray<string> Notes => features == NftFeatures.All ? [] :
    [
        .. features.HasFlag(NftFeatures.Path) ? [] : new[] { $"the guard does not look at the way a packet came ({without})" },
        .. features.HasFlag(NftFeatures.Binding) ? [] : new[] { $"the guard does not bind inner senders to their hosts ({without})" },
    ];

    /// <summary>False for a dump that cannot be read: nft 1.0.6 prints broken JSON for a table with flags. What is written then is read strictly.</summary>
    /// <param name="dump">Null where there is no such table.</param>
    private bool TryDump(string table, out NftDump? dump)
    {
        try
        {
            dump = Dump(table);
            return true;
        }
        catch (FormatException)
        {
            dump = null;
            return false;
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

    /// <summary>What the kernel holds under our table's name.</summary>
    /// <param name="Dump">Null where there is nothing, or nothing that can be read.</param>
    private sealed record Before(NftDump? Dump, bool IsReadable)
    {
        public bool IsNothing => IsReadable && Dump is null;

        /// <summary>Its hooks are where the body's shall be, and every member of its sets is known: chains and members can be changed in place.</summary>
        public bool CanStay(NftBody body) => IsReadable && (Dump is null || (Dump.Flags is null && Dump.Unread.IsEmpty
            && body.Chains.All(wanted => Dump.Chains.FirstOrDefault(chain => chain.Name == wanted.Name) is not { } there || there.Hook == wanted.Hook)));
    }
}
