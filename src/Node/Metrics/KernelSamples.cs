using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Metrics;

/// <summary>What this host's kernel has of ours.</summary>
internal static class KernelSamples
{
    /// <summary>
    /// Peers are counted by state. Only those in trouble have a row of their own, and no more of them than an operator reads: with a row for each peer a cluster
    /// of 1,000 hosts would have a million.
    /// </summary>
    public const int MostProblems = 20;

    public static void Add(Samples samples, IReadOnlyList<PeerModel> peers)
    {
        foreach (var group in peers.GroupBy(peer => (peer.BackEnd, State: StateOf(peer))).OrderBy(group => group.Key))
            samples.Add(Catalogue.Peers, group.Count(), group.Key.BackEnd, group.Key.State);
        foreach (var backEnd in peers.GroupBy(peer => peer.BackEnd).Where(group => group.All(peer => StateOf(peer) != "ok")))
            samples.Add(Catalogue.Peers, 0, backEnd.Key, "ok");
        foreach (var peer in peers.Where(peer => StateOf(peer) != "ok").OrderBy(peer => peer.Name, StringComparer.Ordinal).Take(MostProblems))
            samples.Add(Catalogue.PeerProblem, 1, peer.Name, peer.Subnet, StateOf(peer));
    }

    public static void Add(Samples samples, IReadOnlyList<ObjectStatus> rows)
    {
        foreach (var kind in rows.GroupBy(row => row.Kind).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var states = kind.CountBy(row => row.State).ToDictionary();
            states.TryAdd("ok", 0);
            states.TryAdd("failed", 0);
            foreach (var (state, count) in states.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                samples.Add(Catalogue.KernelObjects, count, kind.Key, state);
        }
    }

    /// <summary>"route missing" is "missing": what exactly is, the peer's own page says.</summary>
    private static string StateOf(PeerModel peer) => peer.State[(peer.State.LastIndexOf(' ') + 1)..];
}
