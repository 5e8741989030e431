using System.Collections.Immutable;
using Akka.Actor;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Actors.View;

/// <summary>What ProbeManager knows, as ways.</summary>
/// <param name="probes">ProbeManager.</param>
public sealed class ProbedWays(IActorRef probes) : IPeerProbes
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public async Task<IReadOnlyDictionary<NodeId, PeerWay>> LatestAsync() => Of((await probes.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, Patience)).Rows);

    /// <summary>Of a peer that is probed by both IP versions the worse one shows.</summary>
    internal static IReadOnlyDictionary<NodeId, PeerWay> Of(ImmutableArray<ProbeRow> rows)
    {
        var ways = new Dictionary<NodeId, PeerWay>();
        foreach (var row in rows)
        {
            if (row.Node is { } peer && StateOf(row.State) is { } state && (!ways.TryGetValue(peer, out var other) || Badness(state) > Badness(other.State)))
                ways[peer] = new PeerWay(peer, state, (int)(row.RoundTrip?.TotalMicroseconds ?? 0));
        }
        return ways;
    }

    /// <summary>Null where nobody has tried yet.</summary>
    private static WayState? StateOf(ProbeState state) => state switch
    {
        ProbeState.Ok => WayState.Answers,
        ProbeState.Loss => WayState.Lossy,
        ProbeState.FullSizeLost => WayState.FullSizeLost,
        ProbeState.Dead => WayState.Silent,
        // Nobody is there who could answer: that says nothing of the way.
        ProbeState.Unreachable => WayState.Unknown,
        _ => null,
    };

    private static int Badness(WayState state) => state switch
    {
        WayState.Silent => 3,
        WayState.FullSizeLost => 2,
        WayState.Lossy => 1,
        WayState.Unknown => -1,
        _ => 0,
    };
}
