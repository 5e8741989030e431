using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Node.Page;

/// <summary>Letters of a row in <see cref="PageWays.States"/>: three hundred hosts have ninety thousand ways.</summary>
internal static class PageWayLetters
{
    public const char Self = '.';

    /// <summary>The host in the row says nothing of the one in the column.</summary>
    public const char Unknown = '-';

    public static char Of(WayState state) => state switch
    {
        WayState.Waiting => 'w',
        WayState.Programmed => 'p',
        WayState.Answers => 'a',
        WayState.Lossy => 'l',
        WayState.Silent => 's',
        WayState.FullSizeLost => 'f',
        _ => Unknown,
    };
}

/// <summary>Who reaches whom, in the words of those who send.</summary>
internal static class WaysGrid
{
    public static PageWays Of(IReadOnlyList<HostFacts> hosts)
    {
        var places = new Dictionary<NodeId, int>();
        for (int i = 0; i < hosts.Count; i++)
        {
            if (hosts[i].Node is { } node)
                places[node] = i;
        }
        var states = new List<string>(hosts.Count);
        var trips = new List<IReadOnlyList<int>>(hosts.Count);
        for (int i = 0; i < hosts.Count; i++)
        {
            char[] row = new char[hosts.Count];
            int[]? times = null;
            Array.Fill(row, PageWayLetters.Unknown);
            row[i] = PageWayLetters.Self;
            foreach (var way in hosts[i].View?.Ways ?? [])
            {
                if (!places.TryGetValue(way.Peer, out int place) || place == i)
                    continue;
                row[place] = PageWayLetters.Of(way.State);
                if (way.RoundTripMicroseconds > 0)
                    (times ??= new int[hosts.Count])[place] = way.RoundTripMicroseconds;
            }
            states.Add(new string(row));
            trips.Add(times ?? []);
        }
        return new PageWays(states, trips);
    }
}
