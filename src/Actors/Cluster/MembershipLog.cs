using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>One line in the log for each change of membership that an operator wants to know of; Akka's own many are switched off.</summary>
public sealed class MembershipLog : ReceiveActor
{
    private readonly Akka.Cluster.Cluster cluster;

    public MembershipLog(Akka.Cluster.Cluster cluster)
    {
        this.cluster = cluster;
        var log = Context.GetLogger();
        Receive<ClusterEvent.MemberUp>(up => log.Info("Member {Address} is up{Roles}", up.Member.Address, RolesOf(up.Member)));
        Receive<ClusterEvent.MemberLeft>(left => log.Info("Member {Address} leaves", left.Member.Address));
        Receive<ClusterEvent.MemberDowned>(downed => log.Warning("Member {Address} is put out of the cluster (its lease and routes stay)", downed.Member.Address));
        Receive<ClusterEvent.MemberRemoved>(removed => log.Info("Member {Address} is gone", removed.Member.Address));
        Receive<ClusterEvent.UnreachableMember>(lost => log.Warning("Member {Address} cannot be reached", lost.Member.Address));
        Receive<ClusterEvent.ReachableMember>(found => log.Info("Member {Address} is reached again", found.Member.Address));
        ReceiveAny(_ => { });
    }

    public static Props Props(Akka.Cluster.Cluster cluster) => Akka.Actor.Props.Create(() => new MembershipLog(cluster));

    protected override void PreStart() => cluster.Subscribe(
        Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));

    protected override void PostStop() => cluster.Unsubscribe(Self);

    private static string RolesOf(Member member) => member.Roles.IsEmpty ? "" : $" ({string.Join(", ", member.Roles)})";
}
