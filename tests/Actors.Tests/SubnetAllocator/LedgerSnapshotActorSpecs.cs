using Akka.Actor;
using Akka.Configuration;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Cluster;
using Microsoft.Data.Sqlite;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

/// <summary>Snapshots in a real file, written by the real serializer.</summary>
public sealed class LedgerSnapshotActorSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly NetworkConfig Network = NetConf.Parse("""{ "Network": "10.0.0.0/8", "SubnetLen": 26 }""");
    private static readonly string Fingerprint = NetConf.Fingerprint(Network);

    /// <summary>The plugin keeps the last event that it deleted, marked: the highest number must outlive the events.</summary>
    private const int NearTheEnd = 15;

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-snapshot-");

    private string Ledger => Path.Combine(directory.FullName, "ledger.db");

    public void Dispose() => directory.Delete(recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_enough_events_there_is_a_snapshot_and_the_ledger_goes_on_from_it(bool mayForget)
    {
        Lease gone = null!;
        var before = await InALife(mayForget, async allocator =>
        {
            await Claim(allocator, 1, 25);
            gone = await ClaimOne(allocator, 3);
            await allocator.Ask<LeaseProtocol.Released>(new LeaseProtocol.Release(gone.Owner, gone.Generation), Patience);
            await Until(() => Count("SELECT COUNT(*) FROM snapshot") == 1 && (!mayForget || Count("SELECT MIN(sequence_number) FROM journal") >= NearTheEnd));
            return await All(allocator);
        });
        if (!mayForget)
            Assert.Equal(1, Count("SELECT MIN(sequence_number) FROM journal"));
        var after = await InALife(mayForget, async allocator =>
        {
            var all = await All(allocator);
            // The one that was given back comes back to its owner, and fresh ones go on where they were.
            Assert.Equal(gone.Subnets, (await ClaimOne(allocator, 3)).Subnets);
            Assert.Equal(before.Append(gone).Select(lease => lease.Subnets.IPv4!.Value).Max().Next(1), (await ClaimOne(allocator, 5000)).Subnets.IPv4);
            return all;
        });
        Assert.Equal(before, after);
    }

    [Fact]
    public async Task A_ledger_whose_snapshot_is_lost_is_not_opened_as_if_it_were_whole()
    {
        await InALife(true, async allocator =>
        {
            await Claim(allocator, 1, 25);
            await Until(() => Count("SELECT COUNT(*) FROM snapshot") == 1 && Count("SELECT MIN(sequence_number) FROM journal") >= NearTheEnd);
            return [];
        });
        Count("DELETE FROM snapshot RETURNING 1");
        await InALife(true, async allocator =>
        {
            await Assert.ThrowsAsync<AskTimeoutException>(() =>
                allocator.Ask<object>(new LeaseProtocol.Claim(Samples.Claim(9), Fingerprint), TimeSpan.FromSeconds(3)));
            return [];
        });
    }

    private async Task<List<Lease>> InALife(bool mayForget, Func<IActorRef, Task<List<Lease>>> what)
    {
        new SqliteJournal(Ledger).Prepare();
        var settings = OverlaySettingsSamples.Of(node: 1, port: 0, seedPort: 4053, ledger: Ledger);
        var config = ConfigurationFactory.ParseString("akka.actor.provider = local").WithFallback(OverlayConfiguration.Of(settings));
        var system = ActorSystem.Create("ledger", config);
        try
        {
            return await what(system.ActorOf(SubnetAllocatorActor.Props(Network, NoFence.Instance, mayForget, snapshotAfter: 20)));
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static Task Claim(IActorRef allocator, int from, int to) =>
        Task.WhenAll(Enumerable.Range(from, to - from + 1).Select(node => ClaimOne(allocator, node)));

    private static async Task<Lease> ClaimOne(IActorRef allocator, int node) => (await allocator.Ask<LeaseProtocol.Granted>(
        new LeaseProtocol.Claim(Samples.Claim(1) with { Owner = Samples.Node(node), NodeName = $"host{node}" }, Fingerprint), Patience)).Lease;

    private static async Task<List<Lease>> All(IActorRef allocator)
    {
        var leases = new List<Lease>();
        LeaseProtocol.Described page;
        AkkaOverlay.Kernel.Net.IpPrefix? after = null;
        do
        {
            page = await allocator.Ask<LeaseProtocol.Described>(new LeaseProtocol.Describe(null, after), Patience);
            Assert.InRange(page.Leases.Count, 0, 200);
            leases.AddRange(page.Leases.Select(described => described.Lease!));
            after = page.Next;
        }
        while (after is not null);
        return leases;
    }

    private static async Task Until(Func<bool> so)
    {
        for (int i = 0; i < 600 && !so(); i++)
            await Task.Delay(100);
        Assert.True(so());
    }

    private long Count(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Ledger};Default Timeout=5");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as long? ?? 0;
    }
}
