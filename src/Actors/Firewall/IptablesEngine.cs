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
    private bool otherKindLooked;

    public HashSet<int> OwnProcesses { get; } = [];

    /// <summary>Nobody tells of changes: who wants to know must ask.</summary>
    public bool IsDeaf { get; private set; }

    /// <param name="look">Something may have changed in the kernel: its dump is asked.</param>
    public EngineOutcome Reconcile(WantedFirewall wanted, bool look)
    {
        OwnProcesses.Clear();
        IsDeaf = false;
        int written = 0;
        string? error = null;
        var notes = ImmutableArray.CreateBuilder<string>();
        foreach (bool ipv4 in Families)
        {
            try
            {
                written += Reconcile(wanted, ipv4, look, notes);
            }
            catch (ToolException e)
            {
                applied.Remove(ipv4);
                error ??= e.Message;
            }
        }
        // What could not be taken away is tried again.
        otherKindLooked = error is null;
        return new EngineOutcome(written, error, notes.ToImmutable());
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

    /// <summary>Takes our chains away, in every kind of iptables that there is; what one of them refuses keeps no other.</summary>
    /// <returns>What was removed, and what stands in the way.</returns>
    public (ImmutableArray<string> Removed, ImmutableArray<string> Errors) Remove(FirewallNames names)
    {
        var removed = ImmutableArray.CreateBuilder<string>();
        var errors = ImmutableArray.CreateBuilder<string>();
        foreach (bool ipv4 in Families)
        {
            foreach (var programs in IptablesTools.All(tools, ipv4))
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
        }
        applied.Clear();
        return (removed.ToImmutable(), errors.ToImmutable());
    }

    private int Reconcile(WantedFirewall wanted, bool ipv4, bool look, ImmutableArray<string>.Builder notes)
    {
        if (wanted.Engine != FirewallEngine.Iptables || !wanted.Has(ipv4))
            return RemoveUnwanted(wanted.Names, ipv4);
        if (look || !found.TryGetValue(ipv4, out var programs))
            found[ipv4] = programs = IptablesTools.Find(tools, ipv4);
        if (programs is null)
            throw new ToolException($"{(ipv4 ? "iptables" : "ip6tables")}-restore is not in PATH: install iptables", isMissing: true);
        IsDeaf |= programs.IsLegacy;
        var chains = IptablesChain.Of(wanted, ipv4, programs.CanRandom);
        if (!programs.CanRandom && wanted.Rules.Items.Any(rule => rule.Verdict == RuleVerdict.MasqueradeFullyRandom))
            notes.Add($"{programs.RestoreProgram} is older than 1.6.2: ports are not fully random");
        int written = otherKindLooked ? 0 : RemoveOtherKind(programs, wanted.Names);
        string signature = $"{programs.Prefix}\n{string.Join('\n', chains.Select(chain => chain.Rules is { } rules ? string.Join('\n', rules) : "-"))}";
        if (!look && applied.GetValueOrDefault(ipv4) == signature)
            return written;
        written += Put(programs, chains, wanted.Names);
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

    private int RemoveUnwanted(FirewallNames names, bool ipv4)
    {
        if (!applied.Remove(ipv4) && otherKindLooked)
            return 0;
        return IptablesTools.All(tools, ipv4).Sum(programs => Remove(programs, names).Count > 0 ? 1 : 0);
    }

    /// <summary>Left behind by a run before the administrator chose the other kind.</summary>
    private int RemoveOtherKind(IptablesTools used, FirewallNames names) =>
        IptablesTools.All(tools, used.IPv4).Where(programs => programs.IsLegacy != used.IsLegacy).Sum(programs => Remove(programs, names).Count > 0 ? 1 : 0);

    private List<string> Remove(IptablesTools programs, FirewallNames names)
    {
        IptablesDump dump;
        try
        {
            dump = programs.Dump(tools);
        }
        catch (ToolException)
        {
            // A kind that this kernel cannot do holds nothing of ours.
            return [];
        }
        var ours = IptablesChain.Of(WantedFirewall.Nothing(names), programs.IPv4, canRandom: true).Where(chain => chain.IsOurs(dump)).ToList();
        if (ours.Count > 0)
            OwnProcesses.Add(programs.Apply(tools, IptablesChain.Script(ours, dump)).ProcessId);
        return ours.ConvertAll(chain => $"{programs.Prefix} {chain.Table} {chain.Name}");
    }
}
