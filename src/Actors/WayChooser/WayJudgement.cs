using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Actors.WayChooser;

/// <summary>
/// With back end <c>auto</c>: which ways to a peer are passed over since nothing came back by them, while the cluster was fine. Pure; times are of any beginning.
/// </summary>
internal sealed class WayJudgement
{
    /// <summary>A way that was just taken has this long: the peer must change, too, and probes of before are lost still.</summary>
    public static readonly TimeSpan Fair = TimeSpan.FromSeconds(15);

    /// <summary>How long one is passed over: whoever opens a firewall does not want to restart hosts.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromHours(1);

    private readonly Dictionary<NodeId, (string BackEnd, TimeSpan Since)> taken = [];
    private readonly Dictionary<AvoidedWay, (string Why, TimeSpan Since)> avoided = [];

    public ImmutableDictionary<AvoidedWay, string> Avoided => avoided.ToImmutableDictionary(item => item.Key, item => item.Value.Why);

    /// <param name="reached">By what each peer is reached now.</param>
    /// <returns>True where <see cref="Avoided"/> has changed.</returns>
    public bool Look(TimeSpan now, IEnumerable<ReachedSubnet> reached, IEnumerable<ProbeRow> rows)
    {
        var ways = reached.GroupBy(subnet => subnet.Node).ToDictionary(group => group.Key, group => group.First().BackEnd);
        bool changed = Forget(now, ways);
        foreach (var (node, way) in ways)
        {
            if (!taken.TryGetValue(node, out var before) || before.BackEnd != way)
                taken[node] = (way, now);
        }
        foreach (var row in rows.Where(row => row is { State: ProbeState.Dead, Node: not null }))
        {
            var node = row.Node!.Value;
            if (taken.TryGetValue(node, out var way) && now - way.Since >= Fair && avoided.TryAdd(new AvoidedWay(node, way.BackEnd), ($"nothing came back from {row.Address}", now)))
                changed = true;
        }
        return changed;
    }

    private bool Forget(TimeSpan now, Dictionary<NodeId, string> ways)
    {
        var over = avoided.Where(item => now - item.Value.Since >= Remembered || !ways.ContainsKey(item.Key.Peer)).Select(item => item.Key).ToList();
        foreach (var way in over)
            avoided.Remove(way);
        foreach (var node in taken.Keys.Where(node => !ways.ContainsKey(node)).ToList())
            taken.Remove(node);
        return over.Count > 0;
    }
}
