using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Explain;

/// <summary>Answers what this host does with a packet: for its own operator, and for other hosts' (<see cref="NodeAgent"/>). One question after the other; each looks anew.</summary>
public sealed class PathExplainerActor : ReceiveActor
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly IActorRef host;
    private readonly IActorRef forwarders;
    private readonly Func<IRtnetlink> openKernel;

    public PathExplainerActor(IActorRef host, IActorRef forwarders, Func<IRtnetlink> openKernel)
    {
        this.host = host;
        this.forwarders = forwarders;
        this.openKernel = openKernel;
        ReceiveAsync<NodeProtocol.ExplainPath>(async question =>
        {
            var asker = Sender;
            asker.Tell(await Explain(question), ActorRefs.NoSender);
        });
    }

    public static Props Props(IActorRef host, IActorRef forwarders, Func<IRtnetlink> openKernel) =>
        Akka.Actor.Props.Create(() => new PathExplainerActor(host, forwarders, openKernel));

    private async Task<NodeProtocol.PathExplained> Explain(NodeProtocol.ExplainPath question)
    {
        try
        {
            var status = await host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience);
            if (status.Lease is null)
                return new NodeProtocol.PathExplained(status.Node, status.NodeName, 0, [PathStep.Broken("lease", "none", "this host has no lease yet", "akka-overlay status")]);
            var objects = await host.Ask<HostProtocol.Objects>(HostProtocol.GetObjects.Instance, Patience);
            var forwarding = status.Plan.Links.OfType<WantedTun>().Any() ? await forwarders.Ask<ForwarderStatus>(HostProtocol.GetForwarders.Instance, Patience) : null;
            using var kernel = openKernel();
            var facts = await new PathGatherer(kernel).Gather(question, status, objects.Rows, forwarding);
            var steps = question.Side switch
            {
                PathSide.Sending => SendingPath.Explain(facts),
                PathSide.Arriving => ArrivingPath.Explain(facts),
                _ => ArrivingPath.Local(facts),
            };
            return new NodeProtocol.PathExplained(status.Node, status.NodeName, question.Side == PathSide.Sending ? SendingPath.OuterSize(facts) : 0, steps.ToEquatableArray());
        }
        // A node that is busy, or a kernel that refuses, is an answer too: the question must not end the actor.
        catch (Exception e) when (e is AskTimeoutException or Kernel.Netlink.NetlinkException or IOException)
        {
            return new NodeProtocol.PathExplained(question.Owner, "", 0, [new PathStep("node", StepState.Unknown, "could not look", null, e.Message)]);
        }
    }
}
