using System.Collections.Immutable;

namespace AkkaOverlay.Actors.Probes;

/// <summary>Whom this host probes, what they said of themselves, and when they were last heard.</summary>
internal sealed class ProbeNeighbours
{
    private readonly Dictionary<string, (ProbeProtocol.Announcement Said, TimeSpan At)> said = [];
    private readonly Dictionary<string, TimeSpan> asked = [];
    private ImmutableDictionary<string, bool> reachable = ImmutableDictionary<string, bool>.Empty;

    public IEnumerable<string> Members => reachable.Keys.Order(StringComparer.Ordinal);

    public IReadOnlyDictionary<string, ProbeProtocol.Announcement> Said => said.ToDictionary(pair => pair.Key, pair => pair.Value.Said);

    public void Adopt(ProbeProtocol.Neighbours neighbours, TimeSpan now)
    {
        reachable = neighbours.All.ToImmutableDictionary(neighbour => neighbour.Member, neighbour => neighbour.Reachable);
        // Hosts that see other members probe this one too, and say so again and again.
        foreach (string member in said.Where(pair => !reachable.ContainsKey(pair.Key) && now - pair.Value.At > TimeSpan.FromMinutes(1)).Select(pair => pair.Key).ToList())
            said.Remove(member);
        foreach (string member in asked.Keys.Where(member => !reachable.ContainsKey(member)).ToList())
            asked.Remove(member);
    }

    /// <returns>True where it says something else than before.</returns>
    public bool Hear(ProbeProtocol.Heard heard, TimeSpan now)
    {
        bool isNews = !said.TryGetValue(heard.Member, out var before) || before.Said != heard.Said;
        said[heard.Member] = (heard.Said, now);
        return isNews;
    }

    public ProbeWord WordOf(string member) =>
        new(reachable.GetValueOrDefault(member), said.TryGetValue(member, out var known) ? known.At : TimeSpan.MinValue);

    /// <returns>Members that are to be asked for a word, and from now on count as asked.</returns>
    public IReadOnlyList<string> ToAsk(IEnumerable<(ProbeTarget Target, ProbePath Path)> paths, TimeSpan now)
    {
        var silent = reachable.Keys.Where(member => !said.ContainsKey(member));
        var doubtful = paths.Where(path => ProbeReport.WantsWord(path.Path, WordOf(path.Target.Member), now)).Select(path => path.Target.Member);
        List<string> due = [.. silent.Where(member => IsDue(member, ProbeTimes.SilentAgain)), .. doubtful.Distinct().Where(member => IsDue(member, ProbeTimes.WordAgain))];
        foreach (string member in due)
            asked[member] = now;
        return due;

        bool IsDue(string member, TimeSpan again) => !asked.TryGetValue(member, out var at) || now - at >= again;
    }
}
