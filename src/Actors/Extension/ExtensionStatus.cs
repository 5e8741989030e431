using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Reconcile;

namespace AkkaOverlay.Actors.Extension;

/// <summary>How far the commands are, for an operator. Pure.</summary>
/// <param name="due">What is left to be run.</param>
/// <param name="isRunning">True for a step that runs now.</param>
/// <param name="troubleOf">Why a step failed last; null where it did not.</param>
internal sealed class ExtensionStatus(
    ExtensionGoal? goal,
    ExtensionRecord record,
    ImmutableArray<ExtensionStep> due,
    Func<ExtensionStep, bool> isRunning,
    Func<ExtensionStep, string?> troubleOf)
{
    public string Detail
    {
        get
        {
            var troubles = due.Select(troubleOf).OfType<string>().ToList();
            if (troubles.Count > 0)
                return troubles.Count == 1 ? troubles[0] : $"{troubles[0]} (and {troubles.Count - 1} more)";
            if (due.Length > 0)
                return $"{due[0].Name}{(due.Length == 1 ? "" : $" and {due.Length - 1} more")} {(due.Any(isRunning) ? "running" : "waiting")}";
            return goal is null ? "nothing left of it" : $"{goal.Peers.Count} peers";
        }
    }

    public ImmutableArray<ObjectStatus> Rows => [.. Own(), .. Peers(), .. due.Where(step => step is ExtensionStep.Remove or ExtensionStep.Shutdown).Select(step => Row(step, "stale"))];

    /// <param name="plan">Where it is another back end's, nobody waits for what is left of this one.</param>
    public HostProtocol.ExtensionReport ToReport(Plan.HostPlan plan, string? trouble) =>
        new(plan, (goal is null && !plan.IsNothing) || (trouble is null && ExtensionPlan.IsInPlace(goal, record)), trouble ?? Detail);

    private IEnumerable<ObjectStatus> Own()
    {
        if (goal is { Pre: { } pre, PreText: { } text })
            yield return pre == record.Pre ? Ran("PreStartupCommand", pre) : Row(new ExtensionStep.Pre(text, pre), "waiting");
        if (goal?.Post is { } post)
            yield return post == record.Post ? Ran("PostStartupCommand", post) : Row(new ExtensionStep.Post(post), "waiting");
    }

    private IEnumerable<ObjectStatus> Peers()
    {
        foreach (var (node, peer) in goal?.Peers ?? ImmutableDictionary<Leases.NodeId, ExtensionPeer>.Empty)
        {
            var step = new ExtensionStep.Add(node, peer);
            yield return ExtensionPlan.IsDone(peer, record.Peers.GetValueOrDefault(node)) ? Ran(step.Name, peer.Add) : Row(step, "waiting");
        }
    }

    private static ObjectStatus Ran(string name, PreparedCommand? command) =>
        new("command", name, command is null ? null : CommandOutcome.Show(command), command is null ? "none configured" : "exit status 0", "ok");

    private ObjectStatus Row(ExtensionStep step, string state)
    {
        string? trouble = troubleOf(step);
        return new ObjectStatus("command", step.Name, step.Command is null ? null : CommandOutcome.Show(step.Command), isRunning(step) ? "running" : null, trouble is null ? state : "failed", trouble);
    }
}
