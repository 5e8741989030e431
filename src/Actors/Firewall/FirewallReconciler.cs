using System.Collections.Immutable;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>How the packet filter stands.</summary>
/// <param name="Errors">What was asked for and is not in place, a line each.</param>
/// <param name="Absent">What nobody asked for and is not as it would be on a host with all programs, a line each.</param>
public sealed record FirewallOutcome(int Written, bool Masquerades, ImmutableArray<string> Errors, ImmutableArray<string> Absent, string Detail)
{
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
            rules = rules with { Written = rules.Written + old.Written };
            if (rules.Error is { } error)
                errors.Add(error);
            if (old.Error is { } stays)
                absent.Add($"iptables' rules of before are still there ({stays})");
        }
        else
        {
            rules = iptables.Reconcile(wanted, look);
            guard = nftables.Reconcile(wanted, mayRemove, look);
            if (rules.Error is { } error)
                Note(error, wanted.RulesRequired, "forward rules");
            if (guard.Error is { } failure)
                Note(failure, wanted.Guard?.Required == true, "guard against forged tunnel packets");
        }
        bool rulesStand = rules.Error is null;
        return new FirewallOutcome(
            rules.Written + (ReferenceEquals(rules, guard) ? 0 : guard.Written),
            wanted.Masquerades && rulesStand,
            errors.ToImmutable(),
            absent.ToImmutable(),
            Describe(wanted, rulesStand, guard.Error is null, [.. errors, .. absent, .. rules.Notes, .. wanted.Engine == FirewallEngine.Nftables ? [] : guard.Notes]));
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
            parts.Add($"guard of UDP port {guarded.Port}");
        parts.AddRange(remarks);
        return parts.Count == 0 ? "nothing wanted" : string.Join("; ", parts);
    }
}
