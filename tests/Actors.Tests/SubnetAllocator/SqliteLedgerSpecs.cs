using Akka.Actor;
using Akka.Configuration;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Cluster;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

/// <summary>The ledger in a real file, written by the real serializer.</summary>
public sealed class SqliteLedgerSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-ledger-");

    private string Ledger => Path.Combine(directory.FullName, "ledger.db");

    public void Dispose() => directory.Delete(recursive: true);

    [Fact]
    public async Task Leases_outlive_the_process()
    {
        var first = await InALife(async allocator =>
        {
            var leases = new List<Lease>();
            for (int node = 1; node <= 3; node++)
                leases.Add(await Claim(allocator, node));
            await allocator.Ask<LeaseProtocol.Released>(new LeaseProtocol.Release(leases[1].Owner, leases[1].Generation), Patience);
            return leases;
        });
        var second = await InALife(async allocator => new List<Lease> { await Claim(allocator, 1), await Claim(allocator, 3), await Claim(allocator, 2), await Claim(allocator, 4) });
        Assert.Equal([first[0], first[2]], second[..2]);
        Assert.Equal(first[1].Subnets, second[2].Subnets);
        Assert.True(second[2].Generation > first[2].Generation);
        Assert.Equal("10.244.4.0/24", second[3].Subnets.ToString());
    }

    [Fact]
    public void A_file_that_is_no_ledger_is_refused_before_anything_starts()
    {
        File.WriteAllText(Ledger, "this is no database, whatever its name says: " + new string('x', 5000));
        Assert.Contains(Ledger, Assert.Throws<LedgerFileException>(() => new SqliteJournal(Ledger).Prepare()).Message, StringComparison.Ordinal);
    }

    private async Task<List<Lease>> InALife(Func<IActorRef, Task<List<Lease>>> what)
    {
        new SqliteJournal(Ledger).Prepare();
        var settings = OverlaySettingsSamples.Of(node: 1, port: 0, seedPort: 4053, ledger: Ledger);
        var config = ConfigurationFactory.ParseString("akka.actor.provider = local").WithFallback(OverlayConfiguration.Of(settings));
        var system = ActorSystem.Create("ledger", config);
        try
        {
            return await what(system.ActorOf(SubnetAllocatorActor.Props(Samples.IPv4Network, NoFence.Instance, mayForget: true)));
        }
        finally
        {
            await system.Terminate();
        }
    }

    private static async Task<Lease> Claim(IActorRef allocator, int node) =>
        (await allocator.Ask<LeaseProtocol.Granted>(new LeaseProtocol.Claim(Samples.Claim(node), NetConf.Fingerprint(Samples.IPv4Network)), Patience)).Lease;
}
