using AkkaOverlay.Chaos.History;
using AkkaOverlay.Chaos.Schedule;

namespace AkkaOverlay.Chaos.Check;

/// <summary>Who is told to leave does, and what it had is gone.</summary>
internal static class LeaveRules
{
    /// <summary>Seconds. A host that is told to leave asks the allocator for so long at least before it gives up.</summary>
    private const double LeastPatience = 29;

    /// <summary>What such a host says with its exit status.</summary>
    private const int LeftWithItsLease = 3;

    /// <summary>Of these, the last seconds: a reachable allocator has taken the lease back before.</summary>
    private const double Window = 15;

    /// <summary>Seconds from the first sign of an allocator to the last one: it asks twice a second, and one sign alone may be an allocator's last.</summary>
    private const double LeastSpan = 4;

    /// <summary>
    /// The same where the signs are others' and not the host's own: longer, since it may join later than others. It does within <see cref="Rejoining"/>
    /// seconds of whatever happened to it.
    /// </summary>
    private const double LeastSpanOfOthers = 12;
    private const int FewestSignsOfOthers = 3;
    private const double Rejoining = 30;

    /// <summary>Releases asked for without any effect that are no accident any more.</summary>
    private const int FewestReleases = 3;

    public static IEnumerable<Violation> Check(IReadOnlyList<Observation> history) =>
        Fails(history).Concat(NobodyLeaves(history)).Concat(GoneIsGone(history)).Concat(LeftBehind(history));

    private static IEnumerable<Violation> Fails(IReadOnlyList<Observation> history)
    {
        foreach (var left in history.OfType<HostCouldNotLeave>())
        {
            if (left.Status != LeftWithItsLease || left.Seconds < LeastPatience)
                yield return new Violation("ends in time", left.At, $"{left.Host}: status {left.Status}, {left.Seconds:0.0} s after it was told to leave");
            else if (Reachable(history, left) is { } sign)
                yield return new Violation("leaves", left.At, $"{left.Host} could not give its lease back within {left.Seconds:0.0} s, and {sign}");
        }
    }

    /// <summary>What says that an allocator could be reached; null where nothing does, which excuses the host.</summary>
    private static string? Reachable(IReadOnlyList<Observation> history, HostCouldNotLeave left)
    {
        // When it was told to, first of all, and how long it tried at least, are known; how long it took to end after that is not.
        double told = left.At - left.Seconds;
        double to = told + LeastPatience, from = Math.Max(to - Window, left.At - LeastPatience);
        if (Acts(history, from, to).Any(act => act.Hosts.Contains(left.Host)))
            return null;
        int run = history.OfType<HostStarted>().Where(start => start.Host == left.Host && start.At < left.At).Select(start => start.Run).DefaultIfEmpty().Max();
        var own = Signs(history.OfType<LedgerSays>().Where(view => view.Host == left.Host && view.Run == run), from, to);
        if (own.Count > 1 && own[^1].At - own[0].At >= LeastSpan)
            return $"heard revisions {own[0].Revision} to {own[^1].Revision} from the allocator meanwhile";
        if (Acts(history, told - Rejoining, to).Any(act => act.Hosts.Contains(left.Host)) || Acts(history, told, to).Any(act => act.Kind is nameof(ActKind.Cut) or nameof(ActKind.CutOneWay) or nameof(ActKind.Flap)))
            return null;
        var others = history.OfType<LedgerSays>().Where(view => view.Host != left.Host).GroupBy(view => (view.Host, view.Run)).SelectMany(same => Signs(same, from, to))
            .GroupBy(sign => sign.Revision).Select(same => same.MinBy(sign => sign.At)).OrderBy(sign => sign.At).ToList();
        return others.Count >= FewestSignsOfOthers && others[^1].At - others[0].At >= LeastSpanOfOthers
            ? $"revisions {others[0].Revision} to {others[^1].Revision} were written meanwhile, with nothing cut"
            : null;
    }

    private static IEnumerable<Acted> Acts(IReadOnlyList<Observation> history, double from, double to) =>
        history.OfType<Acted>().Where(act => act.Done && act.At < to && act.At + act.Seconds > from);

    /// <summary>When one process heard something new from the allocator, as far as that was for certain within this time.</summary>
    private static List<(double At, long Revision)> Signs(IEnumerable<LedgerSays> views, double from, double to)
    {
        var signs = new List<(double At, long Revision)>();
        LedgerSays? before = null;
        foreach (var view in views.OrderBy(view => view.When.From))
        {
            bool isNews = view.Live && before is not null && (!before.Live || view.Revision > before.Revision);
            if (isNews && before!.When.To >= from && view.When.From <= to)
                signs.Add((view.When.From, view.Revision));
            before = view;
        }
        return signs;
    }

    /// <summary>However often leaving may fail for good reasons, it does not always.</summary>
    private static IEnumerable<Violation> NobodyLeaves(IReadOnlyList<Observation> history)
    {
        var asked = history.OfType<ReleaseAsked>().Select(release => (release.Node, release.Generation)).ToHashSet();
        if (asked.Count >= FewestReleases && !asked.Any(IsGone))
            yield return new Violation("leaves", history.OfType<ReleaseAsked>().Last().At, $"{asked.Count} leases were to be given back, and not one was");

        bool IsGone((string Node, long Generation) lease) => history.OfType<LedgerSays>()
            .Any(view => view.Revision > lease.Generation && !view.Leases.Any(there => (there.Node, there.Generation) == lease));
    }

    /// <summary>
    /// A ledger that has a lease which was granted to a process that was started after a host had left is a later one than the host's end; while the host is
    /// down, it has no lease there.
    /// </summary>
    private static IEnumerable<Violation> GoneIsGone(IReadOnlyList<Observation> history)
    {
        foreach (var left in history.OfType<HostLeft>())
        {
            long later = history.OfType<Granted>().Where(grant => grant.At - grant.Seconds > left.At).Select(grant => grant.Generation).DefaultIfEmpty(long.MaxValue).Min();
            double again = history.OfType<HostStarted>().Where(start => start.Host == left.Host && start.At > left.At).Select(start => start.At).DefaultIfEmpty(double.PositiveInfinity).Min();
            var seen = history.OfType<LedgerSays>().FirstOrDefault(view => view.Revision >= later && view.When.From < again && view.Leases.Any(lease => lease.Node == left.Node));
            if (seen is not null)
                yield return new Violation("gone is gone", seen.When.From, $"{left.Host} ({left.Node}) left at {left.At:0.0} s, and {seen.Host} sees {Text(seen.Leases.First(lease => lease.Node == left.Node))} at revision {seen.Revision}");
        }
    }

    /// <summary>A host becomes another one only after it has left with success.</summary>
    private static IEnumerable<Violation> LeftBehind(IReadOnlyList<Observation> history)
    {
        if (history.OfType<Settled>().LastOrDefault() is not { } end || end.Hosts.Any(host => host.Node is null))
            yield break;
        var nodes = end.Hosts.Select(host => host.Node).ToHashSet();
        foreach (var lease in end.Hosts.SelectMany(host => host.Leases).Where(lease => !nodes.Contains(lease.Node)).Select(Text).Distinct())
            yield return new Violation("gone is gone", end.At, $"in the end the ledger has {lease}, which no host is");
    }

    private static string Text(LeaseSeen lease) => $"{lease.Subnet} of {lease.Node} (generation {lease.Generation})";
}
