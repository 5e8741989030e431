using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Chaos.Check;

/// <summary>What the hosts hold by their own word and in their files.</summary>
internal static class HolderRules
{
    public static IEnumerable<Violation> Check(IReadOnlyList<Observation> history, Releases releases)
    {
        var said = history.OfType<HostSays>().OrderBy(sight => sight.When.From).ToList();
        var files = history.OfType<FileSays>().OrderBy(sight => sight.When.From).ToList();
        return NoOverlap(Holds(said, files, releases)).Concat(SameSubnet(said, releases)).Concat(SameFile(files, releases));
    }

    private static IEnumerable<Violation> NoOverlap(IReadOnlyList<Hold> holds)
    {
        for (int i = 0; i < holds.Count; i++)
        {
            foreach (var other in holds.Skip(i + 1))
            {
                var one = holds[i];
                double from = Math.Max(one.From, other.From);
                if (one.Host != other.Host && from <= Math.Min(one.To, other.To) && Subnets.Overlap(one.Subnet, other.Subnet))
                    yield return new Violation("no overlap", from, $"{one.Host} holds {one.Subnet} and {other.Host} holds {other.Subnet}");
            }
        }
    }

    private static IEnumerable<Violation> SameSubnet(IEnumerable<HostSays> said, Releases releases)
    {
        foreach (var host in said.GroupBy(sight => sight.Host))
        {
            HostSays? held = null;
            foreach (var sight in host)
            {
                if (held is not null && (sight.Node, sight.Subnet, sight.Generation) != (held.Node, held.Subnet, held.Generation)
                    && !releases.MayBeGone(held.Node, held.Generation, sight.When.Heard))
                {
                    yield return new Violation("same subnet", sight.When.From,
                        $"{sight.Host} ({held.Node}) held {held.Subnet}, generation {held.Generation}, and says now that it ({sight.Node}) holds {sight.Subnet ?? "nothing"}, generation {sight.Generation}");
                }
                if (held is not null && sight.Node == held.Node && sight.Subnet is not null && sight.Generation < held.Generation)
                    yield return new Violation("same subnet", sight.When.From, $"{sight.Host}: generation {sight.Generation} after {held.Generation}");
                if (sight.Subnet is not null)
                    held = sight;
            }
        }
    }

    private static IEnumerable<Violation> SameFile(IEnumerable<FileSays> files, Releases releases)
    {
        foreach (var host in files.GroupBy(sight => sight.Host))
        {
            FileSays? held = null;
            foreach (var sight in host)
            {
                if (held is not null && sight.Subnet != held.Subnet && !releases.AnyBetween(sight.Host, held.When.Asked - HolderSlack, sight.When.Heard))
                    yield return new Violation("same subnet", sight.When.From, $"{sight.Host}: subnet.env had {held.Subnet} and has {sight.Subnet ?? "gone"} now");
                if (sight.Subnet is not null)
                    held = sight;
            }
        }
    }

    /// <summary>Seconds: a file is written a moment after the lease came, and the release may be asked for in that moment.</summary>
    private const double HolderSlack = 1;

    /// <summary>
    /// For how long, for certain, each host held what: between sights of the same lease too, whether its process ran or not. By word and by file.
    /// A hold ends when its release is asked for: from then on the ledger may have given the subnet to another.
    /// </summary>
    private static List<Hold> Holds(IReadOnlyList<HostSays> said, IReadOnlyList<FileSays> files, Releases releases)
    {
        var byWord = said.Where(sight => sight.Subnet is not null).GroupBy(sight => (sight.Host, sight.Node, sight.Subnet, sight.Generation))
            .Select(same => new Hold(same.Key.Host, same.Key.Subnet!, same.Min(sight => sight.When.From), Math.Min(same.Max(sight => sight.When.To), releases.Of(same.Key.Node, same.Key.Generation))));
        var byFile = files.Where(sight => sight.Subnet is not null)
            .Select(sight => new Hold(sight.Host, sight.Subnet!, sight.When.From, Math.Min(sight.When.To, releases.NextOf(sight.Host, sight.When.Asked - HolderSlack))));
        return [.. byWord.Concat(byFile).Where(hold => hold.From <= hold.To)];
    }

    private sealed record Hold(string Host, string Subnet, double From, double To);
}
