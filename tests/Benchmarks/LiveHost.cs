using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Benchmarks;

/// <summary>The host's side of a node as it runs, with the real kernel and its events; this object is its claimant and its feed.</summary>
internal sealed class LiveHost : IAsyncDisposable
{
    private static readonly NetworkVersion Network = new(1, Peers.Network);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(300);
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-bench-");
    private readonly ActorSystem system = ActorSystem.Create(HostSystem.Name, HostSystem.Configuration);
    private readonly RtnetlinkMonitor monitor;
    private readonly IActorRef host;
    private long revision;

    /// <param name="hear">Hears every event before the host does, on the monitor's thread; false keeps it from the host.</param>
    /// <param name="openMonitor">Null for one as the node has it.</param>
    public LiveHost(BenchNamespace bench, Func<RtnetlinkEvent, bool>? hear = null, Func<RtnetlinkMonitor>? openMonitor = null)
    {
        var files = new HostFiles(directory.FullName, Path.Combine(directory.FullName, "subnet.env"));
        var settings = new HostSettings(Peers.Mine.Owner, "bench", Peers.Underlay, files, "bench", false, bench.Open, TimeProvider.System);
        host = system.ActorOf(HostNetworkActor.Props(settings), "host-network");
        monitor = bench.Inside.Run(openMonitor ?? (() => new RtnetlinkMonitor()));
        monitor.Start(change =>
        {
            if (hear?.Invoke(change) != false)
                host.Tell(change);
        });
    }

    public long Overruns => monitor.Overruns;

    /// <summary>Tells the host of these leases, and waits until everything is in the kernel.</summary>
    public async Task<TimeSpan> Become(ImmutableDictionary<NodeId, Lease> leases)
    {
        var watch = Stopwatch.StartNew();
        if (revision == 0)
            host.Tell(new HostProtocol.LeaseHeld(Peers.Mine, Network, null));
        host.Tell(new HostProtocol.LedgerSeen(Guid.Empty, ++revision, Network, leases));
        await WaitFor(async () => await Status() is { Ready: true } status && status.Plan.Peers.Length == leases.Count - 1, "the host is ready");
        return watch.Elapsed;
    }

    /// <summary>The same, one lease at a time as they come when a whole cluster starts: a ledger for each.</summary>
    public async Task<TimeSpan> Grow(ImmutableDictionary<NodeId, Lease> leases)
    {
        var watch = Stopwatch.StartNew();
        var some = Peers.Leases(0);
        foreach (var lease in leases.Values.Where(lease => lease.Owner != Peers.Mine.Owner))
        {
            some = some.Add(lease.Owner, lease);
            host.Tell(new HostProtocol.LedgerSeen(Guid.Empty, ++revision, Network, some));
        }
        await Become(leases);
        return watch.Elapsed;
    }

    public Task<HostStatus> Status() => host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience);

    public static async Task WaitFor(Func<Task<bool>> condition, string what)
    {
        for (var watch = Stopwatch.StartNew(); !await condition(); await Task.Delay(2))
        {
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"Waited {Patience.TotalSeconds} s until {what}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        monitor.Dispose();
        await system.Terminate();
        directory.Delete(recursive: true);
    }
}
