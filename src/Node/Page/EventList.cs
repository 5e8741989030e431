using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Node.Page;

/// <summary>What happened lately: in cluster and ledger as this node saw it, and on each host as it says itself.</summary>
internal static class EventList
{
    private const int Most = 100;

    public static IReadOnlyList<PageEvent> Of(IReadOnlyList<HostFacts> hosts, IReadOnlyList<OverlayEvent> happened)
    {
        var names = hosts.Where(host => host.Member is not null).GroupBy(host => host.Member!.Text).ToDictionary(group => group.Key, group => group.First().Name);
        foreach (var host in hosts.Where(host => host.Lease is not null))
        {
            // One that has gone is known by its lease.
            foreach (var address in new[] { host.Lease!.Public.IPv4, host.Lease.Public.IPv6 })
            {
                if (address is not null)
                    names.TryAdd(address.ToString(), host.Name);
            }
        }
        var seenHere = happened.Select(item => ToPage(item, "here", 0, NameOf(item.Host)));
        var said = hosts.Where(host => host.View is not null)
            .SelectMany(host => host.View!.Events.Items.Select(item => ToPage(item, host.View.Node.ToString(), host.AgeSeconds ?? 0, item.Host.Length > 0 ? item.Host : host.Name)));
        return [.. seenHere.Concat(said).OrderBy(item => item.AgeSeconds).Take(Most)];

        string NameOf(string host) => names.GetValueOrDefault(host) ?? (host.LastIndexOf(':') is > 0 and var colon ? names.GetValueOrDefault(host[..colon].Trim('[', ']')) : null) ?? host;
    }

    private static PageEvent ToPage(OverlayEvent happened, string ring, double answerAge, string host) => new(
        $"{ring}:{happened.Number}",
        happened.Age.TotalSeconds + answerAge,
        happened.Kind.ToString().ToLowerInvariant(),
        happened.Weight.ToString().ToLowerInvariant(),
        PageText.Plain(host),
        PageText.Plain(happened.Text));
}
