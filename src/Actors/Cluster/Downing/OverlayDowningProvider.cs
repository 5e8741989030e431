using Akka.Actor;
using Akka.Cluster;
using Akka.Pattern;

namespace AkkaOverlay.Actors.Cluster.Downing;

/// <summary>Akka's way to whoever decides about downing: on a core host <see cref="CoreDowningActor"/>, on a plain one nobody.</summary>
public sealed class OverlayDowningProvider : IDowningProvider
{
    private readonly ActorSystem system;
    private readonly Akka.Cluster.Cluster cluster;

    public OverlayDowningProvider(ActorSystem system, Akka.Cluster.Cluster cluster)
    {
        this.system = system;
        this.cluster = cluster;
    }

    public TimeSpan DownRemovalMargin => system.Settings.Config.GetTimeSpan("akka.cluster.down-removal-margin");

    /// <summary>
    /// Under a back-off of its own, that outlives whatever is thrown: the parent would end an actor that fails while it is made, and a core without downing
    /// stops at the first host that falls.
    /// </summary>
    public Props? DowningActorProps
    {
        get
        {
            var setup = system.Settings.Setup.Get<DowningSetup>();
            if (!setup.HasValue)
                return null;
            var backOff = Backoff.OnStop(
                    CoreDowningActor.Props(cluster, setup.Value.Quorum, setup.Value.Times),
                    "core",
                    minBackoff: TimeSpan.FromMilliseconds(100),
                    maxBackoff: TimeSpan.FromSeconds(2),
                    randomFactor: 0.2,
                    maxNrOfRetries: -1)
                .WithDefaultStoppingStrategy();
            return BackoffSupervisor.Props(backOff);
        }
    }
}
