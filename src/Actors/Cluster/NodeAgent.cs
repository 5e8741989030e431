using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Answers for this node: to nodes that lost the core, and to operators on other hosts.</summary>
public sealed class NodeAgent : ReceiveActor
{
    public const string Name = "node";

    private readonly RareLog rare = new(TimeSpan.FromSeconds(60));
    private readonly ILoggingAdapter log = Context.GetLogger();

    /// <summary>Longer than neighbours have to answer.</summary>
    private static readonly TimeSpan ExplainPatience = TimeSpan.FromSeconds(8);

    /// <summary>Shorter than whoever asks waits.</summary>
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(3);

    /// <param name="explainer">Knows this host's kernel; nobody where nobody does.</param>
    public NodeAgent(Akka.Cluster.Cluster cluster, NetworkName network, IActorRef supervisor, NodeId node, IActorRef explainer)
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
        Receive<NodeProtocol.LeaveOverlay>(wish =>
        {
            string self = cluster.SelfAddress.ToString();
            supervisor.Ask<OverlaySupervisor.LeavingForGood>(new OverlaySupervisor.LeaveForGood(wish.Drain), LeavePatience).PipeTo(
                Sender, Self,
                success: said => said.Objection is { } objection
                    ? new NodeProtocol.LeavingOverlay(false, $"{self} does not leave: {objection}")
                    : new NodeProtocol.LeavingOverlay(true, $"{self} gives its lease back and leaves"),
                failure: _ => new NodeProtocol.LeavingOverlay(false, $"{self} does not say whether it leaves: look at it"));
        });
        Receive<NodeProtocol.ExplainPath>(question =>
        {
            if (question.Owner != node)
                return;
            // A failure has no place on the wire: it becomes a step.
            explainer.Ask<NodeProtocol.PathExplained>(question, ExplainPatience).PipeTo(
                Sender, Self, failure: e => new NodeProtocol.PathExplained(node, "", 0, [new PathStep("node", StepState.Unknown, "could not look", null, e.Message)]));
        });
    }

    public static Props Props(Akka.Cluster.Cluster cluster, NetworkName network, IActorRef supervisor, NodeId node, IActorRef explainer) =>
        Akka.Actor.Props.Create(() => new NodeAgent(cluster, network, supervisor, node, explainer));
}
