using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Extension;

/// <summary>
/// Wanted against carried out: the commands that are due now. Pure.
/// <code>
/// Pre ──▶ Post ──▶ Add, each peer by itself          a changed peer: Remove with the old parameters, then Add with the new
/// given back:      Remove, each peer by itself ──▶ Shutdown
/// </code>
/// </summary>
public static class ExtensionPlan
{
    /// <param name="goal">Null once the lease was given back, and for another back end.</param>
    /// <param name="mayRemove">False on a partial view: then nothing is undone.</param>
    /// <returns>One step for a key at most.</returns>
    public static ImmutableArray<ExtensionStep> Due(ExtensionGoal? goal, bool mayRemove, ExtensionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var due = ImmutableArray.CreateBuilder<ExtensionStep>();
        var claimed = goal?.Peers.Values.SelectMany(peer => peer.Subnets).ToHashSet() ?? [];
        var inTheWay = new Dictionary<IpPrefix, NodeId>();
        foreach (var (node, carried) in record.Peers)
        {
            if (goal?.Peers.GetValueOrDefault(node) == carried.Peer)
                continue;
            foreach (var subnet in carried.Peer.Subnets)
                inTheWay[subnet] = node;
            // Once is enough where nobody knows whether there is anything to undo, and where a longer wait would keep the subnet's new owner waiting.
            if (mayRemove)
                due.Add(new ExtensionStep.Remove(node, carried.Peer, Patient: carried.WasDone && !carried.Peer.Subnets.Any(claimed.Contains)));
        }
        if (goal is not null)
            AddWanted(goal, record, inTheWay, due);
        else if (mayRemove && record.Peers.IsEmpty && !record.IsEmpty)
            due.Add(new ExtensionStep.Shutdown(record.Shutdown));
        return due.ToImmutable();
    }

    /// <summary>True where everything that is wanted was carried out; what is left to be undone holds up nobody.</summary>
    public static bool IsInPlace(ExtensionGoal? goal, ExtensionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return goal is null ? record.IsEmpty
            : IsPreDone(goal, record) && IsPostDone(goal, record) && goal.Peers.All(peer => IsDone(peer.Value, record.Peers.GetValueOrDefault(peer.Key)));
    }

    /// <returns>False where another command must end first.</returns>
    /// <param name="running">What runs now.</param>
    public static bool MayStart(ExtensionStep step, IEnumerable<ExtensionStep> running)
    {
        ArgumentNullException.ThrowIfNull(step);
        // An Add that ended behind the command that took its device away would count as done.
        return running.All(other => !other.Key.Equals(step.Key) && other is not ExtensionStep.Shutdown && !(other is ExtensionStep.Add && step.IsOfHost));
    }

    public static bool IsDone(ExtensionPeer wanted, CarriedOut? carried) => carried is { Done: true } && carried.Peer == wanted;

    private static void AddWanted(ExtensionGoal goal, ExtensionRecord record, Dictionary<IpPrefix, NodeId> inTheWay, ImmutableArray<ExtensionStep>.Builder due)
    {
        if (!IsPreDone(goal, record))
        {
            due.Add(new ExtensionStep.Pre(goal.PreText!, goal.Pre!));
            return;
        }
        if (!IsPostDone(goal, record))
        {
            due.Add(new ExtensionStep.Post(goal.Post!));
            return;
        }
        foreach (var (node, peer) in goal.Peers)
        {
            // What undoes a former owner's subnet must not undo this one's, nor the peer's own former parameters its new ones.
            if (!IsDone(peer, record.Peers.GetValueOrDefault(node)) && !inTheWay.ContainsValue(node) && !peer.Subnets.Any(inTheWay.ContainsKey))
                due.Add(new ExtensionStep.Add(node, peer));
        }
    }

    private static bool IsPreDone(ExtensionGoal goal, ExtensionRecord record) => goal.Pre is null || goal.Pre == record.Pre;

    private static bool IsPostDone(ExtensionGoal goal, ExtensionRecord record) => goal.Post is null || goal.Post == record.Post;
}
