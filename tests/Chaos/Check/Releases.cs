using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Check;

/// <summary>
/// Who was told to leave, and since when the ledger may therefore have forgotten which lease. A process that was told so gives back what it holds at that
/// moment: that may be a newer lease than the one that was seen before, but never one that only its next process was granted.
/// </summary>
internal sealed class Releases
{
    private readonly ILookup<string, (double At, double Over)> byNode;
    private readonly Dictionary<string, double[]> byHost;
    private readonly Dictionary<(string Node, long Generation), double> firstSeen;

    public Releases(IReadOnlyList<Observation> history)
    {
        var asked = history.OfType<ReleaseAsked>().ToList();
        var starts = history.OfType<HostStarted>().ToLookup(start => start.Host, start => start.At);
        byNode = asked.ToLookup(release => release.Node, release => (release.At, starts[release.Host].Where(at => at > release.At).DefaultIfEmpty(double.PositiveInfinity).Min()));
        byHost = asked.GroupBy(release => release.Host).ToDictionary(same => same.Key, same => same.Select(release => release.At).Order().ToArray());
        firstSeen = history.OfType<LedgerSays>().SelectMany(view => view.Leases.Select(lease => (lease.Node, lease.Generation, view.When.Asked)))
            .Concat(history.OfType<HostSays>().Select(said => (said.Node, said.Generation, said.When.Asked)))
            .GroupBy(seen => (seen.Node, seen.Generation)).ToDictionary(same => same.Key, same => same.Min(seen => seen.Asked));
    }

    public bool MayBeGone(string node, long generation, double at) => Of(node, generation) <= at;

    /// <summary>Since when this lease may be gone; infinity where nobody asked for that.</summary>
    public double Of(string node, long generation)
    {
        double seen = firstSeen.GetValueOrDefault((node, generation), double.PositiveInfinity);
        return byNode[node].Where(release => seen < release.Over).Select(release => release.At).DefaultIfEmpty(double.PositiveInfinity).Min();
    }

    /// <summary>The first time at or after this moment that the host was asked to release whatever it had; infinity where never.</summary>
    public double NextOf(string host, double at) =>
        byHost.TryGetValue(host, out var times) ? times.Where(time => time >= at).DefaultIfEmpty(double.PositiveInfinity).First() : double.PositiveInfinity;

    public bool AnyBetween(string host, double from, double to) => NextOf(host, from) <= to;
}
