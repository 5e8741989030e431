using System.Collections.Immutable;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>
/// Flannel's chains in iptables' tables filter and nat, and the jumps that lead there. iptables-restore takes each table's changes in one transaction; where
/// a second table is refused, what the first one got of ours goes again.
/// </summary>
public sealed class IptablesEngine(IToolRunner tools)
{
    private static readonly bool[] Families = [true, false];

    private readonly Dictionary<bool, string> applied = [];
    private readonly Dictionary<bool, IptablesTools?> found = [];

    /// <summary>Families in which nothing of ours is left where it shall not be, with the kind that was in use when that was seen (true: legacy); null is none.</summary>
    private readonly Dictionary<bool, bool?> swept = [];

    public HashSet<int> OwnProcesses { get; } = [];

    /// <summary>Nobody tells of changes: who wants to know must ask.</summary>
    public bool IsDeaf { get; private set; }

    /// <param name="look">Something may have changed in the kernel: its dump is asked.</param>
    public EngineOutcome Reconcile(WantedFirewall wanted, bool look)
    {
        OwnProcesses.Clear();
        IsDeaf = false;
        int written = 0;
        string? error = null, leftover = null;
        var notes = ImmutableArray.CreateBuilder<string>();
        foreach (bool ipv4 in Families)
        {
            IptablesTools? used = null;
            try
            {
                if (wanted.Engine == FirewallEngine.Iptables && wanted.Has(ipv4))
                    written += Put(wanted, ipv4, look, notes, out used);
                else
                    applied.Remove(ipv4);
            }
            catch (ToolException e)
            {
                applied.Remove(ipv4);
                error ??= e.Message;
                continue;
            }
            written += Sweep(wanted.Names, ipv4, used, ref leftover);
        }
        return new EngineOutcome(written, error, notes.ToImmutable()) { Leftover = leftover };
    }

    public ImmutableArray<(string Chain, string Wanted, string? Actual, string State)> Compare(WantedFirewall wanted)
    {
        var rows = ImmutableArray.CreateBuilder<(string, string, string?, string)>();
        foreach (bool ipv4 in Families.Where(wanted.Has))
        {
            try
            {
                var programs = IptablesTools.Find(tools, ipv4);
                var dump = programs?.Dump(tools);
                foreach (var chain in IptablesChain.Of(wanted, ipv4, programs?.CanRandom ?? true))
                {
                    if (chain.Rules is not { } rules)
                        continue;
                    var there = dump?.Rules(chain.Table, chain.Name);
                    string state = dump is not null && chain.IsIn(dump) ? "ok" : there is null ? "missing" : "differs";
                    rows.Add(($"{(ipv4 ? "" : "ip6 ")}{chain.Table} {chain.Name}", $"{rules.Length} rules", there is null ? null : $"{there.Count} rules", state));
                }
            }
            catch (ToolException e)
            {
                rows.Add((ipv4 ? "iptables" : "ip6tables", "to be read", e.Message, "failed"));
            }
        }
        return rows.ToImmutable();
    }

    /// <summary>Takes our chains away, in every kind of iptables that there is.</summary>
    /// <returns>What was removed, and why other things were not.</returns>
    public (IReadOnlyList<string> Removed, IReadOnlyList<string> Errors) Remove(FirewallNames names)
    {
        List<string> removed = [], errors = [];
        foreach (var programs in Families.SelectMany(ipv4 => IptablesTools.All(tools, ipv4)))
        {
            try
            {
                removed.AddRange(Remove(programs, names));
            }
            catch (ToolException e)
            {
                errors.Add(e.Message);
            }
        }
        applied.Clear();
        return (removed, errors);
    }

    private int Put(WantedFirewall wanted, bool ipv4, bool look, ImmutableArray<string>.Builder notes, out IptablesTools programs)
    {
        if (look || !found.TryGetValue(ipv4, out var there))
            found[ipv4] = there = IptablesTools.Find(tools, ipv4);
        programs = there ?? throw new ToolException($"{(ipv4 ? "iptables" : "ip6tables")}-restore is not in PATH: install iptables", isMissing: true);
        IsDeaf |= programs.IsLegacy;
        var chains = IptablesChain.Of(wanted, ipv4, programs.CanRandom);
        if (!programs.CanRandom && wanted.Rules.Items.Any(rule => rule.Verdict == RuleVerdict.MasqueradeFullyRandom))
            notes.Add($"{programs.RestoreProgram} is older than 1.6.2: ports are not fully random");
        string signature = $"{programs.Prefix}\n{string.Join('\n', chains.Select(chain => chain.Rules is { } rules ? string.Join('\n', rules) : "-"))}";
        if (!look && applied.GetValueOrDefault(ipv4) == signature)
            return 0;
        int written = Put(programs, chains, wanted.Names);
        applied[ipv4] = signature;
        return written;
    }

    private int Put(IptablesTools programs, ImmutableArray<IptablesChain> chains, FirewallNames names)
    {
        var before = programs.Dump(tools);
        var changes = chains.Where(chain => !chain.IsIn(before)).ToList();
        if (changes.Count == 0)
            return 0;
        try
        {
            OwnProcesses.Add(programs.Apply(tools, IptablesChain.Script(changes, before)).ProcessId);
        }
        catch (ToolException)
        {
            // As it was: nothing of ours.
            if (!chains.Any(chain => chain.IsOurs(before)))
                Remove(programs, names);
            throw;
        }
        var after = programs.Dump(tools);
        return chains.FirstOrDefault(chain => !chain.IsIn(after)) is { } lacking
            ? throw new ToolException($"{programs.RestoreProgram} took our rules, and chain {lacking.Name} is not as wanted")
            : 1;
    }

    /// <summary>
    /// Takes away what this process, or one before it, left in another kind than the one in use. What could not be read or removed is tried again: whoever holds
    /// iptables' lock may hold it at the first time.
    /// </summary>
    private int Sweep(FirewallNames names, bool ipv4, IptablesTools? used, ref string? leftover)
    {
        if (swept.TryGetValue(ipv4, out bool? then) && then == used?.IsLegacy)
            return 0;
        swept.Remove(ipv4);
        int removed = 0;
        bool clean = true;
        foreach (var programs in IptablesTools.All(tools, ipv4).Where(programs => programs.IsLegacy != used?.IsLegacy))
        {
            try
            {
                removed += Remove(programs, names).Count > 0 ? 1 : 0;
            }
            catch (ToolException e)
            {
                clean = false;
                leftover ??= e.Message;
            }
        }
        if (clean)
            swept[ipv4] = used?.IsLegacy;
        return removed;
    }

    /// <exception cref="ToolException">The program failed.</exception>
    private List<string> Remove(IptablesTools programs, FirewallNames names)
    {
        if (programs.DumpIfSupported(tools) is not { } dump)
            return [];
        var ours = IptablesChain.Of(WantedFirewall.Nothing(names), programs.IPv4, canRandom: true).Where(chain => chain.IsOurs(dump)).ToList();
        if (ours.Count > 0)
            OwnProcesses.Add(programs.Apply(tools, IptablesChain.Script(ours, dump)).ProcessId);
        return ours.ConvertAll(chain => $"{programs.Prefix} {chain.Table} {chain.Name}");
    }
}
