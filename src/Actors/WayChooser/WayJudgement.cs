using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Actors.WayChooser;

/// <summary>
/// With back end <c>auto</c>: which ways to a peer are passed over since nothing came back by them, while the cluster was fine. None is tried again by itself: that
/// would cost packets each time. Pure; times are of any beginning.
/// </summary>
/// <param name="recalled">What was known before this process.</param>
internal sealed class WayJudgement(ImmutableDictionary<AvoidedWay, Avoidance> recalled)
{
    /// <summary>A way that was just taken has this long: the peer must find out by its own probes, then change too, and then some must come back.</summary>
    public static readonly TimeSpan Fair = TimeSpan.FromSeconds(30);

    private readonly Dictionary<NodeId, (string BackEnd, TimeSpan Since)> taken = [];
    private long last = recalled.Values.Select(avoidance => avoidance.Order).DefaultIfEmpty().Max();

    public ImmutableDictionary<AvoidedWay, Avoidance> Avoided { get; private set; } = recalled;

    /// <param name="reached">By what each peer is reached now.</param>
    /// <returns>True where <see cref="Avoided"/> has changed.</returns>
    public bool Look(TimeSpan now, IEnumerable<ReachedSubnet> reached, IEnumerable<ProbeRow> rows)
    {
        var before = Avoided;
        var ways = reached.GroupBy(subnet => subnet.Node).ToDictionary(group => group.Key, group => group.First().BackEnd);
        foreach (var node in taken.Keys.Where(node => !ways.ContainsKey(node)).ToList())
        {
            taken.Remove(node);
            Avoided = Avoided.RemoveRange(Avoided.Keys.Where(way => way.Peer == node));
        }
        foreach (var (node, way) in ways)
        {
            // At the very first one nobody else has to change.
            if (!taken.TryGetValue(node, out var known) || known.BackEnd != way)
                taken[node] = (way, known.BackEnd is null ? now - Fair / 2 : now);
        }
        foreach (var row in rows.Where(row => row is { State: ProbeState.Dead, Node: not null }))
        {
            var node = row.Node!.Value;
            if (!taken.TryGetValue(node, out var way) || now - way.Since < Fair)
                continue;
            Avoided = Avoided.SetItem(new AvoidedWay(node, way.BackEnd), new Avoidance(++last, $"nothing came back from {row.Address}"));
            // Where there is no other way it has its time again.
            taken[node] = (way.BackEnd, now);
        }
        return Avoided != before;
    }
}
