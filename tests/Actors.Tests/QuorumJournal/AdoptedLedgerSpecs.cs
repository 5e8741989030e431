using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Cluster;
using Microsoft.Data.Sqlite;
using static AkkaOverlay.Actors.Tests.QuorumJournal.QuorumCores;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>A core of one becomes a core of three: its ledger goes over, with real files of both journals.</summary>
public sealed class AdoptedLedgerSpecs : IDisposable
{
    private readonly QuorumCores cores = new();

    public void Dispose() => cores.Dispose();

    private string Ledger(int core) => Path.Combine(cores.StateOf(core), "ledger.db");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_lease_of_the_one_host_is_a_lease_of_the_three(bool withSnapshot)
    {
        var before = await Fill(Ledger(1), withSnapshot);
        var single = SingleLedger.Find(Ledger(1))!;
        Assert.Equal(withSnapshot, single.Log.Snapshot is not null);
        cores.Start(1, single);
        await Eventually(() => Task.FromResult(File.Exists($"{Ledger(1)}.adopted-1")));
        Assert.False(File.Exists(Ledger(1)));

        // A crash before the file was moved: the next start moves it, and brings nothing twice.
        await cores.Kill(1);
        foreach (string file in Directory.GetFiles(cores.StateOf(1), "ledger.db.adopted-1*"))
            File.Move(file, file.Replace(".adopted-1", "", StringComparison.Ordinal));
        cores.Start(1, SingleLedger.Find(Ledger(1)));
        await Eventually(() => Task.FromResult(File.Exists($"{Ledger(1)}.adopted-1")));

        cores.Start(0);
        cores.Start(2);
        var allocator = cores.StartAllocator(0);
        foreach (var lease in before)
            Assert.Equal(lease, await Claim(allocator, NodeOf(lease)));
        Assert.Equal("10.244.9.0/24", (await Claim(allocator, 9)).Subnets.ToString());
        Assert.Contains(cores.Said, said => said.Contains($"its file is kept as {Ledger(1)}.adopted-1", StringComparison.Ordinal));

        // It is the ledger now, on each of them.
        await cores.Kill(1);
        Assert.Equal("10.244.10.0/24", (await Claim(allocator, 10)).Subnets.ToString());
        await Stop(allocator);
        Assert.Equal(before[0], await Claim(cores.StartAllocator(2), NodeOf(before[0])));
    }

    [Fact]
    public async Task Two_hosts_that_bring_a_ledger_found_nothing_and_lose_nothing()
    {
        await Fill(Ledger(1), withSnapshot: false);
        await Fill(Ledger(2), withSnapshot: false);
        cores.Start(0);
        cores.Start(1, SingleLedger.Find(Ledger(1)));
        cores.Start(2, SingleLedger.Find(Ledger(2)));
        var allocator = cores.StartAllocator(0);
        await Assert.ThrowsAsync<AskTimeoutException>(() => allocator.Ask<LeaseProtocol.Granted>(ClaimOf(9), TimeSpan.FromSeconds(5)));
        Assert.Contains(cores.Said, said => said.Contains("each bring the ledger of a core of one", StringComparison.Ordinal));
        Assert.NotNull(SingleLedger.Find($"{Ledger(1)}.adopted-1"));
        Assert.NotNull(SingleLedger.Find($"{Ledger(2)}.adopted-1"));
    }

    [Fact]
    public void A_file_in_which_nothing_was_granted_is_no_ledger()
    {
        Assert.Null(SingleLedger.Find(Ledger(0)));
        new SqliteJournal(Ledger(0)).Prepare();
        Assert.Null(SingleLedger.Find(Ledger(0)));
    }

    [Fact]
    public async Task A_ledger_with_a_hole_in_it_is_damaged()
    {
        await Fill(Ledger(0), withSnapshot: false);
        using (var connection = new SqliteConnection($"Data Source={Ledger(0)};Pooling=false"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "DELETE FROM journal WHERE sequence_number = 4";
            command.ExecuteNonQuery();
        }
        Assert.True(Assert.Throws<LedgerFileException>(() => SingleLedger.Find(Ledger(0))).Broken);
    }

    private static int NodeOf(Lease lease) => int.Parse(lease.NodeName["host".Length..], System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Eight leases, by an allocator on the journal of a core of one.</summary>
    private static async Task<List<Lease>> Fill(string file, bool withSnapshot)
    {
        var journal = new SqliteJournal(file);
        journal.Prepare();
        var leases = new List<Lease>();
        await using (var process = new AllocatorProcess(journal))
        {
            var allocator = process.System.ActorOf(SubnetAllocatorActor.Props(Samples.IPv4Network, NoFence.Instance, mayForget: true, snapshotAfter: withSnapshot ? 6 : 1000), "filling");
            process.System.Stop(process.Allocator);
            for (int node = 1; node <= 8; node++)
                leases.Add(await Claim(allocator, node));
            if (withSnapshot)
                await Eventually(() => Task.FromResult(SingleLedger.Find(file)!.Log is { Snapshot: not null, Entries.Count: < 8 }));
        }
        SqliteConnection.ClearAllPools();
        return leases;
    }
}
