using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Hands the cluster's events to one listener: first what makes up the present state, then each change. Ends with the overlay system, and with a listener
/// that falls behind: the channel is complete then.
/// </summary>
public sealed class DomainEventFeed : UntypedActor
{
    private readonly Akka.Cluster.Cluster cluster;
    private readonly ChannelWriter<ClusterEvent.IClusterDomainEvent> listener;

    public DomainEventFeed(Akka.Cluster.Cluster cluster, ChannelWriter<ClusterEvent.IClusterDomainEvent> listener)
    {
        this.cluster = cluster;
        this.listener = listener;
    }

    /// <param name="listener">Of a bounded channel: whoever does not read is not waited for.</param>
    public static Props Props(Akka.Cluster.Cluster cluster, ChannelWriter<ClusterEvent.IClusterDomainEvent> listener) =>
        Akka.Actor.Props.Create(() => new DomainEventFeed(cluster, listener));

    protected override void PreStart() => cluster.Subscribe(
        Self,
        ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents,
        typeof(ClusterEvent.IMemberEvent),
        typeof(ClusterEvent.IReachabilityEvent),
        typeof(ClusterEvent.LeaderChanged),
        typeof(ClusterEvent.RoleLeaderChanged),
        typeof(ClusterEvent.ClusterShuttingDown));

    protected override void PostStop()
    {
        cluster.Unsubscribe(Self);
        listener.TryComplete();
    }

    protected override void OnReceive(object message)
    {
        if (message is ClusterEvent.IClusterDomainEvent domainEvent && !listener.TryWrite(domainEvent))
            Context.Stop(Self);
    }
}
