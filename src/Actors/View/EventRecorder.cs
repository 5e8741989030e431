using Akka.Actor;
using Akka.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.LeaseFeed;

namespace AkkaOverlay.Actors.View;

/// <summary>Writes down what happens in the cluster and in its ledger, as this node sees it.</summary>
public sealed class EventRecorder : ReceiveActor
{
    private readonly Akka.Cluster.Cluster cluster;
    private HostProtocol.LedgerSeen? ledger;

    public EventRecorder(Akka.Cluster.Cluster cluster, EventRing events)
    {
        this.cluster = cluster;
        Receive<ClusterEvent.MemberUp>(up => Member(EventWeight.Normal, up.Member, "is up"));
        Receive<ClusterEvent.MemberLeft>(left => Member(EventWeight.Normal, left.Member, "leaves the cluster"));
        Receive<ClusterEvent.MemberDowned>(downed => Member(EventWeight.Warning, downed.Member, "is put out of the cluster; its lease and routes stay"));
        Receive<ClusterEvent.MemberRemoved>(removed => Member(EventWeight.Normal, removed.Member, "is no member any more"));
        Receive<ClusterEvent.UnreachableMember>(lost => Member(EventWeight.Warning, lost.Member, "cannot be reached"));
        Receive<ClusterEvent.ReachableMember>(found => Member(EventWeight.Normal, found.Member, "is reached again"));
        Receive<LedgerFollowed>(step =>
        {
            foreach (var happened in LedgerEvents.Between(ledger, step))
                events.Add(happened);
            ledger = step.Now;
        });
        ReceiveAny(_ => { });

        void Member(EventWeight weight, Member member, string text) => events.Add(EventKind.Member, weight, $"{member.Address.Host}:{member.Address.Port}", text);
    }

    public static Props Props(Akka.Cluster.Cluster cluster, EventRing events) => Akka.Actor.Props.Create(() => new EventRecorder(cluster, events));

    protected override void PreStart()
    {
        // Who is there already is no news.
        cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Context.System.EventStream.Subscribe(Self, typeof(LedgerFollowed));
    }

    protected override void PostStop()
    {
        cluster.Unsubscribe(Self);
        Context.System.EventStream.Unsubscribe(Self);
    }
}
