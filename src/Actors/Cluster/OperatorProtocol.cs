namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// What an operator says to the node that she is at. None of it has a place on the wire, so no other host can say it. Addresses are as typed
/// (<see cref="MemberAddress"/>).
/// </summary>
public static class OperatorProtocol
{
    /// <summary>A member gives its lease back, ends its process and stays down.</summary>
    public sealed record Leave(string Address)
    {
        /// <inheritdoc cref="NodeProtocol.LeaveOverlay.Drain"/>
        public TimeSpan? Drain { get; init; }
    }

    /// <summary>A member is put out of the cluster. Its lease stays, and a host that lives joins again.</summary>
    public sealed record Down(string Address);

    /// <summary>This host, which is in no cluster, joins the one that a host there is a member of.</summary>
    public sealed record Join(string Address);

    /// <param name="Text">For a person, in one line.</param>
    public sealed record Answered(OperatorOutcome Outcome, string Text);
}

/// <summary>What came of an operator's wish.</summary>
public enum OperatorOutcome
{
    /// <summary>It is under way.</summary>
    Accepted,

    /// <summary>What she wrote is no address.</summary>
    BadAddress,

    NoSuchMember,

    /// <summary>It would do harm, or it makes no sense now.</summary>
    Refused,

    /// <summary>It cannot be done now: nobody answers, or this node is in no cluster.</summary>
    Unavailable,
}
