using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Check;

/// <summary>What the views of the ledger, on all hosts, must be to each other.</summary>
internal static class LedgerRules
{
    public static IEnumerable<Violation> Check(IReadOnlyList<Observation> history, Releases releases)
    {
        var views = history.OfType<LedgerSays>().OrderBy(view => view.When.From).ToList();
        return OneOwner(views).Concat(OneLedger(views)).Concat(OneHistory(history, views)).Concat(NothingLost(history, views, releases)).Concat(NoWayBack(views));
    }

    private static IEnumerable<Violation> OneOwner(IEnumerable<LedgerSays> views)
    {
        foreach (var view in views)
        {
            for (int i = 0; i < view.Leases.Count; i++)
            {
                var lease = view.Leases[i];
                if (lease.Generation > view.Revision)
                    yield return Broken(view, $"{Text(lease)} is newer than the revision");
                foreach (var other in view.Leases.Skip(i + 1))
                {
                    if (Subnets.Overlap(lease.Subnet, other.Subnet))
                        yield return Broken(view, $"{Text(lease)} and {Text(other)} overlap");
                    if (lease.Node == other.Node)
                        yield return Broken(view, $"{lease.Node} has {lease.Subnet} and {other.Subnet}");
                }
            }
        }

        static Violation Broken(LedgerSays view, string text) => new("one owner", view.When.From, $"{view.Host}, revision {view.Revision}: {text}");
    }

    private static IEnumerable<Violation> OneLedger(IEnumerable<LedgerSays> views)
    {
        foreach (var same in views.GroupBy(view => view.Revision))
        {
            var first = same.First();
            string known = Content(first);
            foreach (var view in same.Where(view => Content(view) != known))
                yield return new Violation("one ledger", view.When.From, $"revision {view.Revision} is {Content(view)} on {view.Host}, and {known} on {first.Host}");
        }
    }

    /// <summary>A generation is a revision, and at one revision one lease is granted.</summary>
    private static IEnumerable<Violation> OneHistory(IReadOnlyList<Observation> history, IReadOnlyList<LedgerSays> views)
    {
        foreach (var same in Known(history, views).GroupBy(known => known.Lease.Generation))
        {
            var holders = same.Select(known => $"{known.Lease.Subnet} of {known.Lease.Node}").Distinct().ToList();
            if (holders.Count > 1)
                yield return new Violation("one ledger", same.Max(known => known.Since), $"generation {same.Key} is {string.Join(" and ", holders)}");
        }
    }

    private static IEnumerable<Violation> NothingLost(IReadOnlyList<Observation> history, IReadOnlyList<LedgerSays> views, Releases releases)
    {
        var known = Known(history, views).Select(known => (known.Lease.Node, known.Lease.Generation, known.Lease.Subnet)).Distinct().ToList();
        foreach (var view in views)
        {
            var there = view.Leases.Select(lease => (lease.Node, lease.Generation, lease.Subnet)).ToHashSet();
            foreach (var lease in known.Where(lease => lease.Generation <= view.Revision && !there.Contains(lease) && !releases.MayBeGone(lease.Node, lease.Generation, view.When.Heard)))
                yield return new Violation("nothing lost", view.When.From, $"{view.Host}, revision {view.Revision}, has no {lease.Subnet} of {lease.Node}, generation {lease.Generation}, which nobody released");
        }
    }

    private static IEnumerable<Violation> NoWayBack(IEnumerable<LedgerSays> views)
    {
        foreach (var host in views.Where(view => view.Live).GroupBy(view => view.Host))
        {
            LedgerSays? before = null;
            foreach (var view in host)
            {
                if (before is not null && view.Revision < before.Revision)
                    yield return new Violation("no way back", view.When.From, $"{view.Host} hears revision {view.Revision} after {before.Revision}");
                before = view;
            }
        }
    }

    /// <summary>Every lease that anybody ever spoke of.</summary>
    private static IEnumerable<(LeaseSeen Lease, double Since)> Known(IReadOnlyList<Observation> history, IReadOnlyList<LedgerSays> views) =>
        views.SelectMany(view => view.Leases.Select(lease => (lease, view.When.From)))
            .Concat(history.OfType<HostSays>().Where(said => said.Subnet is not null).Select(said => (new LeaseSeen(said.Node, said.Subnet!, said.Generation, null), said.When.From)))
            .Concat(history.OfType<Granted>().Select(granted => (new LeaseSeen(granted.Node, granted.Subnet, granted.Generation, null), granted.At)));

    private static string Content(LedgerSays view) => string.Join(", ", view.Leases.Select(lease => $"{Text(lease)} at {lease.PublicIp}").Order(StringComparer.Ordinal));

    private static string Text(LeaseSeen lease) => $"{lease.Subnet} of {lease.Node} ({lease.Generation})";
}
