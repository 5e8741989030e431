using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.Pattern;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.QuorumJournal;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Cluster;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>Three actor systems with a seat each, real remoting, real files; the test itself says where the allocator runs.</summary>
public sealed class QuorumLedgerSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-quorum-");
    private readonly ITestOutputHelper output;
    private readonly SeedList seeds;
    private readonly Dictionary<int, (ActorSystem System, ILedgerFence Fence)> cores = [];

    public QuorumLedgerSpecs(ITestOutputHelper output)
    {
        this.output = output;
        seeds = SeedList.Of(Enumerable.Range(0, 3).Select(_ => OverlaySettingsSamples.FreePort()).Select(port => new Seed($"127.0.0.1:{port}", IPAddress.Loopback, port)));
    }

    public void Dispose()
    {
        Task.WaitAll([.. cores.Values.Select(core => core.System.Terminate())], Patience);
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Leases_go_on_wherever_the_allocator_runs_and_whichever_seat_is_down()
    {
        foreach (int core in new[] { 0, 1, 2 })
            Start(core);
        var allocator = StartAllocator(0);
        var first = await Claim(allocator, 1);
        Assert.Equal("10.244.1.0/24", first.Subnets.ToString());
        long began = TimeProvider.System.GetTimestamp();
        for (int node = 2; node <= 51; node++)
            await Claim(allocator, node);
        output.WriteLine($"measured: 50 claims one after another on three seats in one process: {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds / 50:0.0} ms each");

        // Its host dies with its disk's last word unsaid.
        await Kill(0);
        began = TimeProvider.System.GetTimestamp();
        allocator = StartAllocator(1);
        Assert.Equal(first, await Claim(allocator, 1));
        output.WriteLine($"measured: another allocator opens the ledger and answers after {TimeProvider.System.GetElapsedTime(began).TotalMilliseconds:0} ms");
        Assert.Equal("10.244.52.0/24", (await Claim(allocator, 52)).Subnets.ToString());

        // The dead one comes back, another one dies: the majority is a different one.
        Start(0);
        await Eventually(async () => (await Seats(1)).Seats.All(seat => seat.LastSeq == 53));
        await Kill(2);
        Assert.Equal("10.244.53.0/24", (await Claim(allocator, 53)).Subnets.ToString());
        await Stop(allocator);
        Assert.Equal("10.244.53.0/24", (await Claim(StartAllocator(0), 53)).Subnets.ToString());
    }

    [Fact]
    public async Task A_second_allocator_takes_over_and_the_first_one_answers_nobody_any_more()
    {
        foreach (int core in new[] { 0, 1, 2 })
            Start(core);
        var first = StartAllocator(0, backOff: false);
        await Claim(first, 1);
        var second = StartAllocator(1);
        await Claim(second, 2);
        await Assert.ThrowsAsync<AskTimeoutException>(() => first.Ask<LeaseProtocol.Granted>(ClaimOf(3), TimeSpan.FromSeconds(3)));
        Assert.Equal("10.244.3.0/24", (await Claim(second, 3)).Subnets.ToString());
    }

    [Fact]
    public async Task A_seat_that_lost_its_disk_is_enrolled_by_the_others()
    {
        foreach (int core in new[] { 0, 1, 2 })
            Start(core);
        var allocator = StartAllocator(0);
        await Claim(allocator, 1);
        await Kill(2);
        foreach (string file in Directory.GetFiles(directory.FullName, "seat2.db*"))
            File.Delete(file);
        await Claim(allocator, 2);
        Start(2);
        await Eventually(async () => (await Seats(0)).Seats.All(seat => seat is { Counted: true, LastSeq: 3 }));
        await Kill(1);
        await Claim(allocator, 3);
    }

    [Fact]
    public async Task Without_a_majority_nothing_is_granted_and_with_it_again()
    {
        foreach (int core in new[] { 0, 1, 2 })
            Start(core);
        var allocator = StartAllocator(0);
        await Claim(allocator, 1);
        await Kill(1);
        await Kill(2);
        await Assert.ThrowsAsync<AskTimeoutException>(() => allocator.Ask<LeaseProtocol.Granted>(ClaimOf(2), TimeSpan.FromSeconds(7)));
        Start(1);
        Assert.Equal("10.244.2.0/24", (await Claim(allocator, 2)).Subnets.ToString());
    }

    private void Start(int core)
    {
        var seed = seeds.Seeds[core];
        var journal = new QuorumLedgerJournal(Path.Combine(directory.FullName, $"seat{core}.db"), seed.EndPoint.ToString(), seeds, bootstrap: false);
        journal.Prepare();
        var underlay = new Underlay("eth0", 1500, Samples.Public(core), Samples.Public(core));
        var settings = new OverlaySettings(
            IPAddress.Loopback, IPAddress.Loopback, seed.Port, seeds, new CoreSettings(journal, Samples.IPv4Network, new ClusterFiles(directory.FullName, "boot")), [],
            new ClaimSettings(Samples.Node(core), $"host{core}", underlay, null, null));
        var quiet = ConfigurationFactory.ParseString("""akka.loggers = ["Akka.Event.DefaultLogger"], akka.loglevel = OFF""");
        var system = ActorSystem.Create(OverlayAddress.SystemName, quiet.WithFallback(OverlayConfiguration.Of(settings)));
        cores[core] = (system, journal.Attach(system));
    }

    private async Task Kill(int core)
    {
        await cores[core].System.Terminate();
        cores.Remove(core);
    }

    private IActorRef StartAllocator(int core, bool backOff = true)
    {
        var (system, fence) = cores[core];
        var props = SubnetAllocatorActor.Props(Samples.IPv4Network, fence, mayForget: true);
        return system.ActorOf(backOff
            ? BackoffSupervisor.Props(Backoff.OnStop(props, "allocator", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), 0.5, -1).WithFinalStopMessage(message => message is SubnetAllocatorActor.Stop))
            : props);
    }

    private static async Task Stop(IActorRef allocator)
    {
        allocator.Tell(SubnetAllocatorActor.Stop.Instance);
        await allocator.GracefulStop(Patience);
    }

    /// <summary>Repeated, as a host repeats it.</summary>
    private static async Task<Lease> Claim(IActorRef allocator, int node)
    {
        for (int i = 0; i < 60; i++)
        {
            try
            {
                return (await allocator.Ask<LeaseProtocol.Granted>(ClaimOf(node), TimeSpan.FromMilliseconds(500))).Lease;
            }
            catch (AskTimeoutException)
            {
            }
        }
        throw new TimeoutException($"node {node} is not granted anything");
    }

    private static LeaseProtocol.Claim ClaimOf(int node) => new(Samples.Claim(node), NetConf.Fingerprint(Samples.IPv4Network));

    private Task<LedgerWriterProtocol.SeatsAre> Seats(int core) =>
        cores[core].System.ActorSelection($"/user/{LedgerWriterActor.Name}").Ask<LedgerWriterProtocol.SeatsAre>(new LedgerWriterProtocol.GetSeats(), Patience);

    private static async Task Eventually(Func<Task<bool>> isSo)
    {
        for (int i = 0; i < 300; i++)
        {
            if (await isSo())
                return;
            await Task.Delay(100);
        }
        throw new TimeoutException("it does not come true");
    }
}
