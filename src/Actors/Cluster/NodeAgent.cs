using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Answers for this node: to nodes that lost the core, and to operators on other hosts.</summary>
public sealed class NodeAgent : ReceiveActor
{
    public const string Name = "node";

    private readonly RareLog rare = new(TimeSpan.FromSeconds(60));
    private readonly ILoggingAdapter log = Context.GetLogger();

    public NodeAgent(Akka.Cluster.Cluster cluster, NetworkName network, IActorRef supervisor)
    {
        var scheduler = Context.System.Scheduler;
        Receive<NodeProtocol.WhoAreYou>(question =>
        {
            var self = cluster.SelfUniqueAddress;
            bool knows = cluster.State.Members.Any(member => member.UniqueAddress.Uid == question.Uid && member.Address.ToString() == question.Address);
            if (question.Network != network.Text && rare.Says($"{question.Address} {question.Network}", scheduler.MonotonicClock))
                log.Error("Refused: {OtherNetwork}", Formation.OtherNetwork(question.Address, question.Network, network));
            Sender.Tell(new NodeProtocol.IAm(self.Address.ToString(), self.Uid, cluster.SelfMember.Status == MemberStatus.Up, knows, CoreCount.Of(cluster.State).Reached)
            {
                Network = network.Text,
            });
        });
        Receive<NodeProtocol.LeaveOverlay>(_ =>
        {
            supervisor.Tell(OverlaySupervisor.LeaveForGood.Instance);
            Sender.Tell(new NodeProtocol.LeavingOverlay(true, $"{cluster.SelfAddress} gives its lease back and leaves"));
        });
    }

    public static Props Props(Akka.Cluster.Cluster cluster, NetworkName network, IActorRef supervisor) =>
        Akka.Actor.Props.Create(() => new NodeAgent(cluster, network, supervisor));
}
