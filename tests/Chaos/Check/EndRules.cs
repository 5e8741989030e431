using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Check;

/// <summary>How it must stand when all is healed, and that there was something to see at all.</summary>
internal static class EndRules
{
    /// <summary>Seconds. A process has 10 to end after SIGTERM; two more are the observer's.</summary>
    private const double LongestEnd = 12;

    public static IEnumerable<Violation> Check(IReadOnlyList<Observation> history) => Heals(history).Concat(Ends(history)).Concat(SeenAtAll(history));

    /// <summary>What keeps this from being the state that must come; empty where it is.</summary>
    public static IEnumerable<string> Unsettled(IReadOnlyList<EndState> hosts)
    {
        foreach (var host in hosts)
        {
            if (host.Problem is not null)
                yield return $"{host.Host}: {host.Problem}";
            else if (!host.Ready)
                yield return $"{host.Host} is not ready";
            else if (!host.Live)
                yield return $"{host.Host} does not hear the ledger";
            else if (host.Unreachable > 0)
                yield return $"{host.Host} sees {host.Unreachable} unreachable";
        }
        foreach (string text in Differing("members", hosts, host => string.Join(", ", host.Members)))
            yield return text;
        foreach (string text in Differing("ledger", hosts, host => $"revision {host.Revision}: {string.Join(", ", host.Leases.Select(lease => $"{lease.Subnet} of {lease.Node}").Order(StringComparer.Ordinal))}"))
            yield return text;
        foreach (var host in hosts)
        {
            if (host.Members.Count != hosts.Count || host.Members.Any(member => !member.EndsWith(" Up", StringComparison.OrdinalIgnoreCase)))
                yield return $"{host.Host} has the members {string.Join(", ", host.Members)}";
            if (!host.Leases.Any(lease => lease.Node == host.Node && lease.Subnet == host.Subnet))
                yield return $"{host.Host} holds {host.Subnet ?? "nothing"}, and its ledger does not say so";
            string wanted = Sorted(host.Leases.Where(lease => lease.Node != host.Node).Select(lease => lease.Subnet)), actual = Sorted(host.Routes);
            if (wanted != actual)
                yield return $"{host.Host} has routes to {actual}; the ledger says {wanted}";
        }
    }

    private static IEnumerable<Violation> Heals(IReadOnlyList<Observation> history)
    {
        if (history.OfType<Settled>().LastOrDefault() is not { } end || history.OfType<Healed>().LastOrDefault() is not { } healed)
        {
            yield return new Violation("heals", 0, "the end was not looked at");
            yield break;
        }
        foreach (string text in Unsettled(end.Hosts))
            yield return new Violation("heals", end.At, $"{end.At - healed.At:0.0} s after everything was healed, {text}");
        if (end.At - healed.At > healed.Patience + 5)
            yield return new Violation("heals", end.At, $"it took {end.At - healed.At:0.0} s");
    }

    private static IEnumerable<Violation> Ends(IReadOnlyList<Observation> history) =>
        history.OfType<HostEnded>().Where(ended => ended.Status != 0 || ended.Seconds > LongestEnd)
            .Select(ended => new Violation("ends in time", ended.At, $"{ended.Host}: {(ended.Status is { } status ? $"status {status}" : "it had to be killed")} {ended.Seconds:0.0} s after SIGTERM"))
            .Concat(history.OfType<EndForced>().Select(ended => new Violation("ends in time", ended.At, $"{ended.Host} hung on its way out, and its own deadline ended it")))
            .Concat(history.OfType<HostDied>().Select(died => new Violation("stays up", died.At, $"{died.Host} ended by itself, status {died.Status}")));

    private static IEnumerable<Violation> SeenAtAll(IReadOnlyList<Observation> history)
    {
        var viewers = history.OfType<LedgerSays>().Where(view => view.Leases.Count > 1).Select(view => view.Host).ToHashSet();
        var looked = history.OfType<KernelHolds>().Where(sight => sight.Routes.Count > 0).Select(sight => sight.Host).ToHashSet();
        var steady = history.OfType<SteadyFrom>().FirstOrDefault()?.Subnets.Keys ?? [];
        if (!steady.Any())
            yield return new Violation("seen at all", 0, "the hosts were never steady");
        foreach (string host in steady.Where(host => !viewers.Contains(host) || !looked.Contains(host)))
            yield return new Violation("seen at all", 0, $"{host} was never seen");
        if (!history.OfType<Granted>().Any())
            yield return new Violation("seen at all", 0, "no lease was granted");
        if (!history.OfType<PingsDone>().Any() || history.OfType<PingsDone>().Any(pings => pings.Sent == 0))
            yield return new Violation("seen at all", 0, "no ping was sent");
    }

    private static IEnumerable<string> Differing(string what, IReadOnlyList<EndState> hosts, Func<EndState, string> content) =>
        hosts.Select(content).Distinct().Count() <= 1 ? [] : hosts.GroupBy(content).Select(same => $"{what} on {string.Join(", ", same.Select(host => host.Host))}: {same.Key}");

    private static string Sorted(IEnumerable<string> subnets) => string.Join(", ", subnets.Order(StringComparer.Ordinal));
}
