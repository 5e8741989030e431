using System.Collections.Immutable;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>How the packet filter stands.</summary>
/// <param name="Errors">What was asked for and is not in place, a line each.</param>
/// <param name="Absent">What would be there if the host had the programs for it; nobody asked for it.</param>
public sealed record FirewallOutcome(int Written, bool Masquerades, ImmutableArray<string> Errors, ImmutableArray<string> Absent, string Detail)
{
    /// <summary>What of ours shall not be there any more and is, a line each.</summary>
    public ImmutableArray<string> Leftovers { get; init; } = [];

    public bool InPlace => Errors.IsEmpty;
}

/// <summary>
/// Both engines: the wanted one gets its rules first, and only then does the other one lose its own.
/// </summary>
public sealed class FirewallReconciler(IToolRunner tools)
{
    private readonly NftablesEngine nftables = new(tools);
    private readonly IptablesEngine iptables = new(tools);

    public bool IsDeaf => iptables.IsDeaf;

    public bool IsOwn(NetfilterEvent change) =>
        nftables.OwnProcesses.Contains((int)change.PortId) || nftables.OwnProcesses.Contains(change.ProcessId)
        || iptables.OwnProcesses.Contains((int)change.PortId) || iptables.OwnProcesses.Contains(change.ProcessId);

    /// <param name="mayRemove">False on a partial view: then no peer is taken out of the guard's sets.</param>
    /// <param name="look">Something may have changed in the kernel.</param>
    public FirewallOutcome Reconcile(WantedFirewall wanted, bool mayRemove, bool look)
    {
        var errors = ImmutableArray.CreateBuilder<string>();
        var absent = ImmutableArray.CreateBuilder<string>();
        var leftovers = ImmutableArray.CreateBuilder<string>();
        EngineOutcome rules, guard;
        void Note(string error, bool required, string what)
        {
            if (required)
                errors.Add(error);
            else
                absent.Add($"no {what} ({error})");
        }

        if (wanted.Engine == FirewallEngine.Nftables)
        {
            rules = guard = nftables.Reconcile(wanted, mayRemove, look);
            var old = rules.Error is null ? iptables.Reconcile(wanted, look) : EngineOutcome.Unchanged;
            rules = rules with { Written = rules.Written + old.Written, Leftover = old.Leftover };
            if (rules.Error is { } error)
                errors.Add(error);
        }
        else
        {
            rules = iptables.Reconcile(wanted, look);
            guard = nftables.Reconcile(wanted, mayRemove, look);
            if (rules.Error is { } error)
                Note(error, wanted.RulesRequired, "forward rules");
            if (guard.Error is { } failure)
            {
                bool required = wanted.Guard?.Required == true;
                Note(required || guard.IsMissing ? failure : $"{failure} (--spoof-guard off does without)", required || !guard.IsMissing, "guard against forged tunnel packets");
            }
        }
        if (rules.Leftover is { } chains)
            leftovers.Add($"old rules of ours are left in iptables ({chains})");
        if (guard.Leftover is { } table)
            leftovers.Add($"our old table is left in nftables ({table})");
        bool rulesStand = rules.Error is null;
        return new FirewallOutcome(
            rules.Written + (wanted.Engine == FirewallEngine.Nftables ? 0 : guard.Written),
            wanted.Masquerades && rulesStand,
            errors.ToImmutable(),
            absent.ToImmutable(),
            Describe(wanted, rulesStand, guard.Error is null, [.. errors, .. absent, .. leftovers, .. rules.Notes, .. wanted.Engine == FirewallEngine.Nftables ? [] : guard.Notes]))
        {
            Leftovers = leftovers.ToImmutable(),
        };
    }

    /// <summary>A fresh comparison with the kernel.</summary>
    public ImmutableArray<ObjectStatus> Compare(WantedFirewall wanted)
    {
        var rows = nftables.Compare(wanted).Select(row => new ObjectStatus("firewall", $"inet {wanted.Names.Table} {row.Chain}", row.Wanted, row.Actual, row.State));
        return [.. rows, .. wanted.Engine == FirewallEngine.Iptables
            ? iptables.Compare(wanted).Select(row => new ObjectStatus("firewall", row.Chain, row.Wanted, row.Actual, row.State))
            : []];
    }

    private static string Describe(WantedFirewall wanted, bool rules, bool guard, IEnumerable<string> remarks)
    {
        var parts = new List<string>();
        string[] kinds = [.. wanted.Masquerades ? new[] { "masquerade" } : [], .. wanted.Forwards ? new[] { "forward rules" } : []];
        if (rules && kinds.Length > 0)
            parts.Add($"{(wanted.Engine == FirewallEngine.Nftables ? "nftables" : "iptables")}: {string.Join(" and ", kinds)}");
        if (guard && wanted.Guard is { } guarded)
            parts.Add($"guard of {guarded.What}");
        parts.AddRange(remarks);
        return parts.Count == 0 ? "nothing wanted" : string.Join("; ", parts);
    }
}
