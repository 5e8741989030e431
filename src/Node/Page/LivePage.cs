using Akka.Actor;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Page;

/// <summary>What the live page needs for as long as the process runs: events are noted also while nobody looks.</summary>
internal sealed class LivePage : IDisposable
{
    /// <summary>Events of cluster and ledger that are kept.</summary>
    private const int Room = 200;

    private readonly MeterEvents meter;

    /// <param name="system">The host's own.</param>
    /// <param name="host">HostNetwork.</param>
    public LivePage(ActorSystem system, IActorRef host, IPeerProbes probes)
    {
        var own = new EventRing(32, TimeProvider.System);
        meter = new MeterEvents(own);
        View = new ViewSettings(
            system.ActorOf(HostViewActor.Props(host, new HostViewSources(NodeVersion.Text, own, probes, DeviceCounters.Read), TimeProvider.System), "host-view"),
            new EventRing(Room, TimeProvider.System));
    }

    public ViewSettings View { get; }

    public void Dispose() => meter.Dispose();
}
