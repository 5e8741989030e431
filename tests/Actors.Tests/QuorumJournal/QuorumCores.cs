using System.Collections.Concurrent;
using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
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

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>Three actor systems in this process with a seat each, real remoting, real files, without a cluster: the spec says where the allocator runs.</summary>
internal sealed class QuorumCores : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-quorum-");
    private readonly Dictionary<int, (ActorSystem System, ILedgerFence Fence)> cores = [];
    private readonly SeedList seeds = SeedList.Of(
        Enumerable.Range(0, 3).Select(_ => OverlaySettingsSamples.FreePort()).Select(port => new Seed($"127.0.0.1:{port}", IPAddress.Loopback, port)));

    /// <summary>What operators would read, from warnings up.</summary>
    public ConcurrentQueue<string> Said { get; } = [];

    public string StateOf(int core) => directory.CreateSubdirectory($"host{core}").FullName;

    public string SeatOf(int core) => Path.Combine(StateOf(core), "seat.db");

    public void Dispose()
    {
        Task.WaitAll([.. cores.Values.Select(core => core.System.Terminate())], Patience);
        directory.Delete(recursive: true);
    }

    public void StartAll()
    {
        for (int core = 0; core < seeds.Seeds.Count; core++)
            Start(core);
    }

    /// <returns>What the journal says of its file, mostly nothing.</returns>
    public string? Start(int core, SingleLedger? brought = null)
    {
        var seed = seeds.Seeds[core];
        string state = StateOf(core);
        var journal = new QuorumLedgerJournal(Path.Combine(state, "seat.db"), seed.EndPoint.ToString(), seeds, bootstrap: false, new LedgerMarkFile(state)) { Brought = brought };
        string? mended = journal.Prepare();
        var underlay = new Underlay("eth0", 1500, Samples.Public(core), Samples.Public(core));
        var settings = new OverlaySettings(
            IPAddress.Loopback, IPAddress.Loopback, seed.Port, seeds, new CoreSettings(journal, Samples.IPv4Network, new ClusterFiles(state, "boot")), [],
            new ClaimSettings(Samples.Node(core), $"host{core}", underlay, null, null));
        var quiet = ConfigurationFactory.ParseString("""akka.loggers = ["Akka.Event.DefaultLogger"], akka.loglevel = WARNING""");
        var system = ActorSystem.Create(OverlayAddress.SystemName, quiet.WithFallback(OverlayConfiguration.Of(settings)));
        system.EventStream.Subscribe(system.ActorOf(Props.Create(() => new Listener(Said))), typeof(Warning));
        cores[core] = (system, journal.Attach(system));
        return mended;
    }

    public async Task Kill(int core)
    {
        await cores[core].System.Terminate();
        cores.Remove(core);
    }

    public IActorRef StartAllocator(int core, bool backOff = true)
    {
        var (system, fence) = cores[core];
        var props = SubnetAllocatorActor.Props(Samples.IPv4Network, fence, mayForget: true);
        return system.ActorOf(backOff
            ? BackoffSupervisor.Props(Backoff.OnStop(props, "allocator", TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(1), 0.5, -1).WithFinalStopMessage(message => message is SubnetAllocatorActor.Stop))
            : props);
    }

    public static async Task Stop(IActorRef allocator)
    {
        allocator.Tell(SubnetAllocatorActor.Stop.Instance);
        await allocator.GracefulStop(Patience);
    }

    /// <summary>Repeated, as a host repeats it.</summary>
    public static async Task<Lease> Claim(IActorRef allocator, int node)
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

    public static LeaseProtocol.Claim ClaimOf(int node) => new(Samples.Claim(node), NetConf.Fingerprint(Samples.IPv4Network));

    /// <summary>An operator's word to this host's writer.</summary>
    public Task<object> Recover(int core) =>
        cores[core].System.ActorSelection($"/user/{LedgerWriterActor.Name}").Ask<object>(new LedgerWriterProtocol.RecoverLedger(), Patience);

    /// <summary>Waits until it is so of all seats; a writer whose ledger is closed just then says nothing, and is asked again.</summary>
    public Task SeatsAll(int core, Func<SeatView, bool> isSo) => Eventually(async () =>
    {
        try
        {
            var writer = cores[core].System.ActorSelection($"/user/{LedgerWriterActor.Name}");
            return (await writer.Ask<LedgerWriterProtocol.SeatsAre>(new LedgerWriterProtocol.GetSeats(), TimeSpan.FromMilliseconds(500))).Seats.All(isSo);
        }
        catch (AskTimeoutException)
        {
            return false;
        }
    });

    public static async Task Eventually(Func<Task<bool>> isSo)
    {
        for (int i = 0; i < 300; i++)
        {
            if (await isSo())
                return;
            await Task.Delay(100);
        }
        throw new TimeoutException("it does not come true");
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(ConcurrentQueue<string> said) => Receive<Warning>(logged => said.Enqueue($"{logged.Message}"));
    }
}
