using System.Globalization;
using AkkaOverlay.Chaos.Check;
using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Run;

/// <param name="Kept">Where history and logs are; null where nothing was broken.</param>
/// <param name="Waiting">Seconds that a claim had waited when the run was over.</param>
public sealed record ChaosResult(ChaosOptions Options, IReadOnlyList<Observation> History, IReadOnlyList<Violation> Violations, double Waiting, string? Kept)
{
    public long Sent => History.OfType<PingsDone>().Sum(pings => pings.Sent);

    public long Lost => History.OfType<PingsDone>().Sum(pings => (long)pings.LostAt.Count);

    /// <summary>What the run found, a line each.</summary>
    public IEnumerable<string> Measured()
    {
        var acts = History.OfType<Acted>().Where(act => act.Done).GroupBy(act => act.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => $"{kind.Count()} {kind.Key}");
        var grants = History.OfType<Granted>().ToList();
        var waits = grants.Select(grant => grant.Seconds).Order().ToList();
        double healed = History.OfType<Settled>().LastOrDefault()?.At - History.OfType<Healed>().LastOrDefault()?.At ?? double.NaN;
        yield return Text($"chaos: seed {Options.Seed}, {Options.Length.TotalMinutes:0.0} min, {Options.Hosts} hosts ({Options.Core} core) and {Options.Claimants} that come and go");
        yield return Text($"chaos: acts: {string.Join(", ", acts)}; {History.OfType<Acted>().Count(act => !act.Done)} not possible just then");
        yield return Text($"chaos: {grants.Count} leases granted, {History.OfType<ReleaseAsked>().Count()} releases asked for, {History.OfType<LedgerSays>().Select(view => view.Revision).DefaultIfEmpty().Max()} revisions, {History.Count} observations");
        yield return Text($"chaos: a claim took {(waits.Count == 0 ? double.NaN : waits[waits.Count / 2]):0.0} s (median), {Math.Max(waits.LastOrDefault(), Waiting):0.0} s at most: so long, start of the process included, no allocator granted");
        yield return Text($"chaos: {History.OfType<HostEnded>().Count()} processes ended {History.OfType<HostEnded>().Select(ended => ended.Seconds).DefaultIfEmpty().Max():0.0} s at most after SIGTERM, {History.OfType<EndForced>().Count()} of them by their own deadline");
        yield return Text($"chaos: {History.OfType<HostLeft>().Count()} hosts left when they were told to, {History.OfType<HostCouldNotLeave>().Count()} said that they could not");
        yield return Text($"chaos: all well {healed:0.0} s after everything was healed");
        yield return Text($"chaos: {Sent} pings, {Lost} lost");
        yield return Text($"chaos: {Violations.Count} violations");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
