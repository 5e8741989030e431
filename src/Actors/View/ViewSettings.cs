using Akka.Actor;

namespace AkkaOverlay.Actors.View;

/// <summary>What the overlay system needs so that its host can be seen, and can see the others.</summary>
/// <param name="Host">Of the host's own system: describes this host (<see cref="HostViewActor"/>).</param>
/// <param name="Events">Gets what happens in the cluster and in its ledger. Outlives the overlay system.</param>
public sealed record ViewSettings(IActorRef Host, EventRing Events)
{
    /// <summary>Nobody looks.</summary>
    public static ViewSettings None => new(ActorRefs.Nobody, new EventRing(1, TimeProvider.System));

    internal void StartIn(ActorSystem system)
    {
        var cluster = Akka.Cluster.Cluster.Get(system);
        system.ActorOf(ViewAgent.Props(Host), ViewAgent.Name);
        system.ActorOf(OverviewActor.Props(() => OverviewActor.Others(cluster), address => system.ActorSelection($"{address.Address}/user/{ViewAgent.Name}"), TimeProvider.System), OverviewActor.Name);
        system.ActorOf(EventRecorder.Props(cluster, Events), "event-recorder");
    }
}
