using AkkaOverlay.Chaos.Check;
using AkkaOverlay.Chaos.History;

namespace AkkaOverlay.Node.Tests.Chaos;

/// <summary>The judge of the chaos test, tried with a history that a real run has written down.</summary>
public sealed class HistoryCheckerSpecs
{
    private static readonly List<Observation> Recorded =
        [.. HistoryFile.Read(Path.Combine(AppContext.BaseDirectory, "Chaos", "recorded.jsonl"))];

    public static TheoryData<string> Planted => [.. PlantedViolation.All.Select(planted => planted.Name)];

    [Fact]
    public void A_recorded_run_breaks_nothing() => Assert.Empty(HistoryChecker.Check(Recorded));

    [Theory]
    [MemberData(nameof(Planted))]
    public void It_sees(string name)
    {
        var (_, rule, plant) = PlantedViolation.All.Single(planted => planted.Name == name);
        Assert.Contains(HistoryChecker.Check([.. plant(Recorded)]), violation => violation.Rule == rule);
    }

    [Fact]
    public void A_history_of_nothing_proves_nothing() =>
        Assert.Equal(["heals", "seen at all", "seen at all", "seen at all"], HistoryChecker.Check([]).Select(violation => violation.Rule).Order(StringComparer.Ordinal));

    [Fact]
    public void A_subnet_that_was_released_may_be_anothers_at_once()
    {
        List<Observation> history =
        [
            new HostSays("h1", new Span(0, 1, 9, 10), 1, "a", "10.244.1.0/24", 2, true, "Up"),
            new ReleaseAsked(5, "h1", "a", 2),
            new HostSays("h2", new Span(6, 7, 9, 10), 1, "b", "10.244.1.0/24", 4, true, "Up"),
        ];
        Assert.DoesNotContain(HistoryChecker.Check(history), violation => violation.Rule == "no overlap");
        Assert.Contains(HistoryChecker.Check([.. history.Where(seen => seen is not ReleaseAsked)]), violation => violation.Rule == "no overlap");
    }

    [Fact]
    public void A_release_excuses_no_lease_that_a_later_process_was_granted()
    {
        List<Observation> history =
        [
            new ReleaseAsked(5, "h1", "a", 2),
            new HostStarted(6, "h1", 2),
            new LedgerSays("h2", new Span(7, 8, 8, 9), 1, true, 4, [new LeaseSeen("a", "10.244.1.0/24", 4, null)]),
            new LedgerSays("h2", new Span(9, 10, 10, 11), 1, true, 5, []),
        ];
        Assert.Contains(HistoryChecker.Check(history), violation => violation.Rule == "nothing lost");
        Assert.DoesNotContain(HistoryChecker.Check([.. history, new ReleaseAsked(8.5, "h1", "a", 4)]), violation => violation.Rule == "nothing lost");
    }

    /// <summary>Its first release reached the ledger though the answer did not reach it; it claimed again, and left in the same moment.</summary>
    [Fact]
    public void A_release_excuses_the_lease_that_its_process_got_in_the_same_moment()
    {
        List<Observation> history =
        [
            new HostStarted(1, "h1", 1),
            new ReleaseAsked(5, "h1", "a", 2),
            new HostSays("h1", new Span(5.5, 5.6, 5.6, 5.7), 1, "a", "10.244.1.0/24", 4, true, "Up"),
            new HostSays("h1", new Span(6, 6.1, 6.1, 6.2), 1, "a", null, 0, false, "Up"),
            new HostStarted(7, "h1", 2),
            new LedgerSays("h2", new Span(9, 10, 10, 11), 1, true, 5, []),
        ];
        Assert.DoesNotContain(HistoryChecker.Check(history), violation => violation.Rule is "nothing lost" or "same subnet");
    }

    /// <summary>h7 is cut off and joined again from 44 to 67 s, again and again; h9 was never heard of, and others are cut.</summary>
    [Theory]
    [InlineData("h7", 58)]
    [InlineData("h9", 58)]
    public void A_host_that_can_reach_no_allocator_may_fail_to_leave(string host, double at) =>
        Assert.Empty(HistoryChecker.Check([.. Recorded, new HostCouldNotLeave(at, host, 30.4, 3)]));

    /// <summary>From 31 to 51 s nothing happened in the ledger.</summary>
    [Fact]
    public void A_host_that_hears_nothing_from_the_allocator_may_fail_to_leave() =>
        Assert.Empty(HistoryChecker.Check([.. Recorded, new HostCouldNotLeave(51.5, "h4", 30.4, 3)]));

    [Fact]
    public void A_host_that_has_left_may_come_back() =>
        Assert.Empty(HistoryChecker.Check([.. Recorded, new HostLeft(27, "h6", "4cbb4414-b7d7-4ed2-aedb-25510ddaa836"), new HostLeft(31, "h8", "54094537-8e53-448c-a7a7-776a1fd46bd9")]));

    [Fact]
    public void A_history_comes_back_from_its_file_as_it_was()
    {
        string file = Path.GetTempFileName();
        try
        {
            HistoryFile.Write(file, Recorded);
            string written = File.ReadAllText(file);
            HistoryFile.Write(file, HistoryFile.Read(file));
            Assert.Equal(written, File.ReadAllText(file));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
