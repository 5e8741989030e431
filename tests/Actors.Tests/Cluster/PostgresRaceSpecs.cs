using AkkaOverlay.Actors.Cluster;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>Two allocators, each on a host of its own, at one database: what Akka does not promise cannot be.</summary>
public sealed class PostgresRaceSpecs(PostgresFixture postgres, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private const string DropTrigger = "DROP TRIGGER journal_in_order ON akka_overlay.journal", DropKey = "ALTER TABLE akka_overlay.journal DROP CONSTRAINT journal_uq";

    /// <summary>Each guard by itself; the trigger alone leaves a window, so that only the key is promised to hold at any speed.</summary>
    [Theory]
    [InlineData("SELECT 1")]
    [InlineData(DropTrigger)]
    public async Task Of_two_that_recovered_at_the_same_event_and_both_write_exactly_one_is_acknowledged(string before)
    {
        const int Rounds = 20;
        string database = await postgres.NewDatabaseAsync();
        var outcomes = await Race(database, before, Rounds);
        output.WriteLine($"measured: {Rounds} races of two allocators at one PostgreSQL: {outcomes.Count(granted => granted == 1)} with one acknowledged, {outcomes.Count(granted => granted == 2)} with both");
        Assert.All(outcomes, granted => Assert.Equal(1, granted));
        Assert.Equal(0, await DoubledNumbers(database));
    }

    /// <summary>The control: what this test looks at does show where nothing fences.</summary>
    [Fact]
    public async Task Without_the_key_both_are_acknowledged()
    {
        string database = await postgres.NewDatabaseAsync();
        var outcomes = await Race(database, $"{DropTrigger}; {DropKey}", 1);
        Assert.Equal([2], outcomes);
        Assert.Equal(1, await DoubledNumbers(database));
    }

    /// <returns>For each round, how many of the two were granted.</returns>
    private async Task<List<int>> Race(string database, string before, int rounds)
    {
        postgres.Journal(database).Prepare();
        await postgres.Server.ExecuteAsync(database, before);
        await using var one = new AllocatorProcess(postgres.Journal(database), NoFence.Instance);
        Assert.NotNull(await one.Claim(1));
        await using var other = new AllocatorProcess(postgres.Journal(database), NoFence.Instance);
        var outcomes = new List<int>();
        for (int round = 0; round < rounds; round++)
        {
            Assert.Equal(await one.Revision(), await other.Revision());
            var granted = await Task.WhenAll(one.ClaimUnlessStopped(10 + (round * 2)), other.ClaimUnlessStopped(11 + (round * 2)));
            outcomes.Add(granted.Count(lease => lease is not null));
            if (outcomes[^1] == 2)
                break;
            var loser = granted[0] is null ? one : other;
            await loser.HasSaid("another allocator has written since");
            foreach (var process in new[] { one, other })
            {
                process.System.Stop(process.Allocator);
                process.Begin();
            }
        }
        // Whoever reads it next has every grant that was acknowledged, whoever of the two wrote it.
        if (rounds > 1)
            Assert.Equal(2 + rounds, await one.Revision());
        return outcomes;
    }

    private Task<long> DoubledNumbers(string database) =>
        postgres.Server.AskAsync<long>("SELECT count(*) - count(DISTINCT (persistence_id, sequence_number)) FROM akka_overlay.journal", database);
}
