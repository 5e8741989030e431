using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Check;

/// <summary>What the kernels hold, and what it is for: the pings.</summary>
internal static class KernelRules
{
    public static IEnumerable<Violation> Check(IReadOnlyList<Observation> history) => RoutesStay(history).Concat(KnownOnly(history)).Concat(Pings(history));

    private static IEnumerable<Violation> RoutesStay(IReadOnlyList<Observation> history)
    {
        if (history.OfType<SteadyFrom>().FirstOrDefault() is not { } steady)
            yield break;
        foreach (var sight in history.OfType<KernelHolds>().Where(sight => steady.Subnets.ContainsKey(sight.Host) && sight.When.Asked >= steady.At))
        {
            foreach (var (peer, subnet) in steady.Subnets.Where(peer => peer.Key != sight.Host && !sight.Routes.Contains(peer.Value)))
                yield return new Violation("routes stay", sight.When.From, $"{sight.Host} has no route to {subnet} of {peer}");
            foreach (string route in sight.Routes.Where(route => Subnets.Overlap(route, steady.Subnets[sight.Host])))
                yield return new Violation("routes stay", sight.When.From, $"{sight.Host} has a route to {route}: its own subnet is {steady.Subnets[sight.Host]}");
        }
    }

    private static IEnumerable<Violation> KnownOnly(IReadOnlyList<Observation> history)
    {
        var known = history.OfType<LedgerSays>().SelectMany(view => view.Leases.Select(lease => lease.Subnet))
            .Concat(history.OfType<HostSays>().Select(sight => sight.Subnet).OfType<string>()).ToHashSet();
        foreach (var sight in history.OfType<KernelHolds>())
        {
            foreach (string route in sight.Routes.Where(route => !known.Contains(route)))
                yield return new Violation("routes stay", sight.When.From, $"{sight.Host} has a route to {route}, which nobody ever held");
        }
    }

    private static IEnumerable<Violation> Pings(IReadOnlyList<Observation> history) =>
        history.OfType<PingsDone>().Where(pings => pings.LostAt.Count > 0)
            .Select(pings => new Violation(
                "nothing lost on the way",
                pings.LostAt[0],
                $"{pings.LostAt.Count} of {pings.Sent} pings from {pings.From} to {pings.To}, between {pings.LostAt[0]:0.00} and {pings.LostAt[^1]:0.00} s"));
}
