using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Check;

/// <summary>Who was told to give which lease back, and since when the ledger may therefore have forgotten it.</summary>
internal sealed class Releases(IEnumerable<ReleaseAsked> asked)
{
    private readonly Dictionary<(string Node, long Generation), double> first =
        asked.GroupBy(release => (release.Node, release.Generation)).ToDictionary(same => same.Key, same => same.Min(release => release.At));

    private readonly Dictionary<string, double[]> byHost =
        asked.GroupBy(release => release.Host).ToDictionary(same => same.Key, same => same.Select(release => release.At).Order().ToArray());

    public bool MayBeGone(string node, long generation, double at) => Of(node, generation) <= at;

    /// <summary>Infinity where nobody asked.</summary>
    public double Of(string node, long generation) => first.GetValueOrDefault((node, generation), double.PositiveInfinity);

    /// <summary>The first time at or after this moment that the host was asked to release whatever it had; infinity where never.</summary>
    public double NextOf(string host, double at) =>
        byHost.TryGetValue(host, out var times) ? times.Where(time => time >= at).DefaultIfEmpty(double.PositiveInfinity).First() : double.PositiveInfinity;

    public bool AnyBetween(string host, double from, double to) => NextOf(host, from) <= to;
}
