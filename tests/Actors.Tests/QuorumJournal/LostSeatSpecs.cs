using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.SubnetAllocator;
using Microsoft.Data.Sqlite;
using Xunit.Abstractions;
using static AkkaOverlay.Actors.Tests.QuorumJournal.QuorumCores;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>Copies of the ledger that are damaged, gone, or replaced: real files, and what becomes of the leases that were in them.</summary>
public sealed class LostSeatSpecs(ITestOutputHelper output) : IDisposable
{
    private readonly QuorumCores cores = new();

    public void Dispose() => cores.Dispose();

    [Fact]
    public async Task Three_damaged_copies_keep_the_ledger_shut_until_an_operator_gives_them_up()
    {
        await FillAndKillAll();
        for (int core = 0; core < 3; core++)
            Damage(core);
        for (int core = 0; core < 3; core++)
        {
            string said = Assert.IsType<string>(cores.Start(core));
            Assert.Contains($"{cores.SeatOf(core)}.broken-1", said, StringComparison.Ordinal);
        }
        var allocator = cores.StartAllocator(0);
        await AssertShut(allocator);
        string line = Assert.Single(cores.Said, said => said.Contains("a majority of its copies is lost", StringComparison.Ordinal));
        output.WriteLine(line);
        Assert.All([0, 1, 2], core => Assert.Contains($"{cores.SeatOf(core)}.broken-1", line, StringComparison.Ordinal));
        Assert.Contains("cluster seats recover", line, StringComparison.Ordinal);

        // Not another start either: the blank copies remember that they are no new ones.
        await Stop(allocator);
        for (int core = 0; core < 3; core++)
            await cores.Kill(core);
        cores.StartAll();
        allocator = cores.StartAllocator(1);
        await AssertShut(allocator);

        var seats = Assert.IsType<LedgerWriterProtocol.SeatsAre>(await cores.Recover(1));
        Assert.Equal(3, seats.Seats.Count);
        await Claim(allocator, 9);
        Assert.IsType<LedgerWriterProtocol.SeatsRefused>(await cores.Recover(1));
        Assert.All([0, 1, 2], core => Assert.False(new LedgerMarkFile(cores.StateOf(core)).Current!.Lost));
    }

    [Fact]
    public async Task Copies_that_are_gone_from_a_majority_are_known_to_be_and_the_last_one_goes_on_at_an_operators_word()
    {
        await FillAndKillAll();
        foreach (int core in new[] { 0, 2 })
        {
            foreach (string file in Directory.GetFiles(cores.StateOf(core), "seat.db*"))
                File.Delete(file);
        }
        cores.StartAll();
        var allocator = cores.StartAllocator(0);
        await AssertShut(allocator);
        Assert.Contains(cores.Said, said => said.Contains("(its file is gone), ", StringComparison.Ordinal) && said.Contains("every seat answers", StringComparison.Ordinal));
        Assert.IsType<LedgerWriterProtocol.SeatsAre>(await cores.Recover(0));
        Assert.Equal("10.244.3.0/24", (await Claim(allocator, 3)).Subnets.ToString());
        Assert.Equal("10.244.4.0/24", (await Claim(allocator, 4)).Subnets.ToString());
    }

    /// <summary>The overlay system of a host begins anew in the same process; its file was damaged or replaced meanwhile.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_seat_acknowledges_in_a_later_life_is_on_its_disk(bool replaced)
    {
        cores.StartAll();
        var allocator = cores.StartAllocator(0);
        for (int node = 1; node <= 3; node++)
            await Claim(allocator, node);
        await cores.Kill(2);
        string file = cores.SeatOf(2);
        File.Delete($"{file}-wal");
        if (replaced)
            File.Delete(file);
        using (var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite))
            stream.Write([.. Enumerable.Repeat((byte)'x', 100)]);
        output.WriteLine($"at its second life: {cores.Start(2) ?? "nothing is said"}");
        await Claim(allocator, 7);
        await cores.SeatsAll(0, seat => seat is { Counted: true, LastSeq: 5 });

        using (var disk = new SqliteConnection($"Data Source={file};Pooling=false;Mode=ReadOnly"))
        {
            disk.Open();
            using var question = disk.CreateCommand();
            question.CommandText = "SELECT count(*) FROM journal WHERE persistence_id = 'seat'";
            Assert.NotEqual(0L, question.ExecuteScalar());
        }
        // With the one that lost its file, and without one of the others.
        await cores.Kill(1);
        await Claim(allocator, 8);
        await Stop(allocator);
        Assert.Equal("10.244.5.0/24", (await Claim(cores.StartAllocator(2), 8)).Subnets.ToString());
    }

    private async Task FillAndKillAll()
    {
        cores.StartAll();
        var allocator = cores.StartAllocator(0);
        for (int node = 1; node <= 3; node++)
            await Claim(allocator, node);
        await cores.SeatsAll(0, seat => seat.LastSeq == 4);
        for (int core = 0; core < 3; core++)
            await cores.Kill(core);
        // As another process finds it.
        SqliteConnection.ClearAllPools();
    }

    private void Damage(int core)
    {
        string file = cores.SeatOf(core);
        File.Delete($"{file}-wal");
        byte[] content = [.. Enumerable.Repeat((byte)'x', 100), .. File.ReadAllBytes(file)[100..]];
        File.WriteAllBytes(file, content);
    }

    private static Task AssertShut(IActorRef allocator) =>
        Assert.ThrowsAsync<AskTimeoutException>(() => allocator.Ask<LeaseProtocol.Granted>(ClaimOf(9), TimeSpan.FromSeconds(9)));
}
