using Akka.Actor;
using Akka.Cluster;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Answers for this node: to nodes that lost the core, and to operators on other hosts.</summary>
public sealed class NodeAgent : ReceiveActor
{
    public const string Name = "node";

    public NodeAgent(Akka.Cluster.Cluster cluster, IActorRef supervisor)
    {
        Receive<NodeProtocol.WhoAreYou>(question =>
        {
            var self = cluster.SelfUniqueAddress;
            bool knows = cluster.State.Members.Any(member => member.UniqueAddress.Uid == question.Uid && member.Address.ToString() == question.Address);
            Sender.Tell(new NodeProtocol.IAm(self.Address.ToString(), self.Uid, cluster.SelfMember.Status == MemberStatus.Up, knows, CoreCount.Of(cluster.State).Reached));
        });
        Receive<NodeProtocol.LeaveOverlay>(_ =>
        {
            supervisor.Tell(OverlaySupervisor.LeaveForGood.Instance);
            Sender.Tell(new NodeProtocol.LeavingOverlay(true, $"{cluster.SelfAddress} gives its lease back and leaves"));
        });
    }

    public static Props Props(Akka.Cluster.Cluster cluster, IActorRef supervisor) => Akka.Actor.Props.Create(() => new NodeAgent(cluster, supervisor));
}
