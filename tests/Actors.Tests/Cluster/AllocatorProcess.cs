using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>An allocator in an actor system of its own, on a real journal, as another host has it. Without a cluster and without a back-off.</summary>
internal sealed class AllocatorProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> errors = [];
    private readonly ILedgerFence? fence;
    private readonly bool mayForget;

    /// <param name="fence">Null for the journal's own.</param>
    public AllocatorProcess(ILedgerJournal journal, ILedgerFence? fence = null)
    {
        var settings = OverlaySettingsSamples.Of(node: 1, port: 0, seedPort: 4053) with { Core = new CoreSettings(journal, Samples.IPv4Network, new ClusterFiles(Path.GetTempPath(), "boot")) };
        System = ActorSystem.Create("ledger", ConfigurationFactory.ParseString("akka.actor.provider = local\nakka.loggers = [\"Akka.Event.DefaultLogger, Akka\"]").WithFallback(OverlayConfiguration.Of(settings)));
        // From here and not from the actor, which begins in its own time: what is said at the very start is heard too.
        var listener = System.ActorOf(Props.Create(() => new Errors(errors)));
        System.EventStream.Subscribe(listener, typeof(Error));
        System.EventStream.Subscribe(listener, typeof(Warning));
        this.fence = fence ?? journal.Attach(System);
        mayForget = journal.MayForget;
        Begin();
    }

    public ActorSystem System { get; }

    public IActorRef Allocator { get; private set; } = ActorRefs.Nobody;

    /// <summary>What it has said to the operator, from warnings up.</summary>
    public IReadOnlyCollection<string> Said => errors;

    /// <summary>Waits for a line; what is logged arrives in its own time.</summary>
    public async Task<string> HasSaid(string part)
    {
        for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < Patience; await Task.Delay(20))
        {
            if (errors.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal)) is { } said)
                return said;
        }
        throw new TimeoutException($"nothing was said of '{part}', only: {string.Join(" | ", errors)}");
    }

    /// <summary>A new incarnation; the one before has stopped.</summary>
    public void Begin() => Allocator = System.ActorOf(SubnetAllocatorActor.Props(Samples.IPv4Network, fence ?? NoFence.Instance, mayForget));

    /// <returns>Null where nothing is answered.</returns>
    public async Task<Lease?> Claim(int node, TimeSpan? patience = null)
    {
        try
        {
            var claim = new LeaseProtocol.Claim(Samples.Claim(node), NetConf.Fingerprint(Samples.IPv4Network));
            return (await Allocator.Ask<LeaseProtocol.Granted>(claim, patience ?? Patience)).Lease;
        }
        catch (Exception e) when (e is AskTimeoutException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <returns>Null where the allocator stops instead of answering.</returns>
    public async Task<Lease?> ClaimUnlessStopped(int node)
    {
        var (stopped, claim) = (Allocator.WatchAsync(), Claim(node));
        return await Task.WhenAny(stopped, claim) == claim ? await claim : null;
    }

    /// <summary>The last event that it has; waits until it has recovered.</summary>
    public async Task<long> Revision() => (await Allocator.Ask<LeaseProtocol.Snapshot>(new LeaseProtocol.Watch(Samples.Node(99), Guid.Empty, 0), Patience)).Revision;

    /// <summary>Waits until it has stopped.</summary>
    public Task Stopped() => Allocator.WatchAsync().WaitAsync(Patience);

    public async ValueTask DisposeAsync() => await System.Terminate();

    private sealed class Errors : ReceiveActor
    {
        public Errors(ConcurrentQueue<string> errors) =>
            Receive<LogEvent>(logged => errors.Enqueue($"{logged.Message} {logged.Cause}".Trim()));
    }
}
