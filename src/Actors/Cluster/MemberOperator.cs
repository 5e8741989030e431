using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>Does what the operator of this node wants with members of the cluster (<see cref="OperatorProtocol"/>).</summary>
public sealed class MemberOperator : ReceiveActor
{
    public const string Name = "operator";

    /// <summary>For another host to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly NetworkName network;
    private readonly bool isCore;
    private readonly ILoggingAdapter log = Context.GetLogger();

    /// <param name="isCore">This host is a seed: those find each other by themselves.</param>
    public MemberOperator(Akka.Cluster.Cluster cluster, NetworkName network, bool isCore)
    {
        this.cluster = cluster;
        this.network = network;
        this.isCore = isCore;
        Receive<OperatorProtocol.Leave>(wish => WithMember(wish.Address, member => Leave(member, wish.Drain)));
        Receive<OperatorProtocol.Down>(wish => WithMember(wish.Address, Down));
        Receive<OperatorProtocol.Join>(Join);
        Receive<Found>(OnFound);
    }

    public static Props Props(Akka.Cluster.Cluster cluster, NetworkName network, bool isCore) =>
        Akka.Actor.Props.Create(() => new MemberOperator(cluster, network, isCore));

    private void WithMember(string text, Action<Address> then)
    {
        if (cluster.State.Members.IsEmpty)
        {
            Answer(OperatorOutcome.Unavailable, "this node is in no cluster");
            return;
        }
        var named = MemberAddress.Parse(text);
        var members = named is null ? [] : cluster.State.Members.Where(member => named.IsOf(member.Address)).ToList();
        switch (members)
        {
            case []:
                Answer(OperatorOutcome.NoSuchMember, $"Member [{text}] not found");
                break;
            case [var member]:
                then(member.Address);
                break;
            default:
                Answer(OperatorOutcome.BadAddress, $"{text}: several members have this address; name the port");
                break;
        }
    }

    private void Leave(Address member, TimeSpan? drain)
    {
        Context.ActorSelection($"{member}/user/{NodeAgent.Name}").Ask<NodeProtocol.LeavingOverlay>(new NodeProtocol.LeaveOverlay { Drain = drain }, Patience).PipeTo(
            Sender,
            Self,
            success: said => said.Accepted
                ? new OperatorProtocol.Answered(OperatorOutcome.Accepted, $"Leaving {member}: its lease is given back, and its process ends{(drain > TimeSpan.Zero ? ", when its containers are gone" : "")}")
                : new OperatorProtocol.Answered(OperatorOutcome.Refused, PlainText.Of(said.Text)),
            failure: _ => new OperatorProtocol.Answered(OperatorOutcome.Unavailable, $"{member} does not answer: it cannot give its lease back"));
    }

    private void Down(Address member)
    {
        log.Warning("Member {Address} is put out of the cluster by the operator", member);
        cluster.Down(member);
        Answer(OperatorOutcome.Accepted, $"Downing {member}: its lease and the routes to it stay");
    }

    private void Join(OperatorProtocol.Join wish)
    {
        if (MemberAddress.Parse(wish.Address) is not { } named)
        {
            Answer(OperatorOutcome.BadAddress, $"'{wish.Address}': {MemberAddress.Rule}");
            return;
        }
        var (outcome, text) = JoinRule.Judge(cluster.SelfAddress, isCore, [.. cluster.State.Members.Select(member => member.Address)], named.ToAkka());
        if (text is not null)
        {
            Answer(outcome, text);
            return;
        }
        // A cluster of another network, or a host that is in none itself, is not joined.
        var question = new NodeProtocol.WhoAreYou(cluster.SelfAddress.ToString(), cluster.SelfUniqueAddress.Uid) { Network = network.Text };
        var sender = Sender;
        Context.ActorSelection($"{named.ToAkka()}/user/{NodeAgent.Name}").Ask<NodeProtocol.IAm>(question, Patience).PipeTo(
            Self, sender, success: answer => new Found(named.ToAkka(), answer), failure: _ => new Found(named.ToAkka(), null));
    }

    private void OnFound(Found found)
    {
        var (outcome, text) = JoinRule.Judge(found.Address, found.Answer, network);
        if (outcome == OperatorOutcome.Accepted)
            cluster.Join(found.Address);
        Answer(outcome, text);
    }

    private void Answer(OperatorOutcome outcome, string text) => Sender.Tell(new OperatorProtocol.Answered(outcome, text));

    /// <param name="Answer">Null where nobody answered in time.</param>
    private sealed record Found(Address Address, NodeProtocol.IAm? Answer) : INoSerializationVerificationNeeded;
}
