using Akka.Actor;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>When a host may be told to join by hand. Pure.</summary>
internal static class JoinRule
{
    /// <summary>What this host can say by itself.</summary>
    /// <param name="isCore">It is a seed.</param>
    /// <param name="members">Of the cluster that it is in; none where it is in no cluster.</param>
    /// <returns>No text where the host that is to be joined must be asked first.</returns>
    public static (OperatorOutcome Outcome, string? Text) Judge(Address self, bool isCore, IReadOnlyList<Address> members, Address wanted) =>
        wanted.Equals(self) ? (OperatorOutcome.Refused, $"{wanted} is this host: joining itself, it would found a cluster of its own")
        : members.Contains(wanted) ? (OperatorOutcome.Accepted, $"Joining {wanted}: this host is in its cluster")
        : members.Count > 0 ? (OperatorOutcome.Refused, $"this host is in a cluster, and {wanted} is not in it; a node joins the cluster of its seeds: stop it, and start it with others")
        : isCore ? (OperatorOutcome.Refused, "this host is a seed: seeds find each other by themselves; 'akka-overlay status' says what this one waits for")
        : (OperatorOutcome.Accepted, null);

    /// <param name="answer">What the host there says of itself; null where it says nothing.</param>
    public static (OperatorOutcome Outcome, string Text) Judge(Address wanted, NodeProtocol.IAm? answer, NetworkName network) =>
        answer is null ? (OperatorOutcome.Unavailable, $"{wanted} does not answer")
        : answer.Network != network.Text ? (OperatorOutcome.Refused, Formation.OtherNetwork(answer.Address, answer.Network, network))
        : !answer.Up ? (OperatorOutcome.Refused, $"{wanted} is in no cluster itself")
        : (OperatorOutcome.Accepted, $"Joining {wanted}");
}
