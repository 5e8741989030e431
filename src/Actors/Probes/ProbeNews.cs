using System.Collections.Immutable;

namespace AkkaOverlay.Actors.Probes;

/// <summary>
/// What the log says of paths: one line when some begin to fail, one when they are well again, however many they are. A path that comes and goes is named once in a
/// while. Pure.
/// </summary>
internal sealed class ProbeNews
{
    /// <summary>Named in one line; the others are counted.</summary>
    private const int MostNamed = 3;

    private static readonly TimeSpan Again = TimeSpan.FromSeconds(60);

    private readonly Dictionary<(string, System.Net.IPAddress), (ProbeState Said, TimeSpan At)> said = [];

    /// <returns>Lines, and whether each is a complaint.</returns>
    public IEnumerable<(bool Complains, string Text)> Of(ImmutableArray<ProbeRow> rows, TimeSpan now)
    {
        var probed = rows.Where(row => row.Address is not null).ToDictionary(row => (row.Member, row.Address!));
        foreach (var gone in said.Keys.Where(key => !probed.ContainsKey(key)).ToList())
            said.Remove(gone);
        var fail = new List<ProbeRow>();
        var heal = new List<ProbeRow>();
        foreach (var (key, row) in probed)
        {
            bool known = said.TryGetValue(key, out var before);
            // Worse than it was is news at once; failing again, after a while.
            if (row.Fails && (!known || (before.Said == ProbeState.Ok ? now - before.At >= Again : row.State > before.Said)))
                fail.Add(row);
            else if (row.State == ProbeState.Ok && known && before.Said != ProbeState.Ok)
                heal.Add(row);
            else
                continue;
            said[key] = (row.State, now);
        }
        return [.. Lines(fail, heal)];
    }

    private static IEnumerable<(bool, string)> Lines(List<ProbeRow> fail, List<ProbeRow> heal)
    {
        if (fail.Count > 0)
            yield return (true, $"The overlay fails between this host and {Names(fail, row => $"{row.Name}: {row.Describe()}")}. The control plane is fine");
        if (heal.Count > 0)
            yield return (false, $"The overlay works again between this host and {Names(heal, row => $"{row.Name} ({row.Address})")}");
    }

    private static string Names(List<ProbeRow> rows, Func<ProbeRow, string> name) =>
        string.Join("; ", rows.Take(MostNamed).Select(name)) + (rows.Count > MostNamed ? $" and {rows.Count - MostNamed} more" : "");
}
