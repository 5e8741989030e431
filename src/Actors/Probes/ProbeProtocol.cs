using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.Probes;

/// <summary>What is said about probes: between hosts, and between the actors of one process.</summary>
public static class ProbeProtocol
{
    // Between hosts.

    /// <summary>Where a host can be probed. Said by each host to those that it probes: they are those that probe it.</summary>
    /// <param name="EndPoints">Inside the overlay: one for each IP version in which it has an address there.</param>
    /// <param name="Mtu">Octets of the largest packet that its containers send.</param>
    /// <param name="Reason">Why it cannot be probed, for an operator; null where it can.</param>
    /// <param name="AnswerWanted">Say at once where you can be probed.</param>
    public sealed record Announcement(NodeId Node, string Name, EquatableArray<IPEndPoint> EndPoints, ProbeToken Token, int Mtu, string? Reason, bool AnswerWanted) : IOverlayMessage
    {
        /// <summary>As a log, a terminal and a page may show it: a host that does not call itself as hosts may be called has its member's address for a name.</summary>
        public Announcement From(Akka.Actor.Address member) => this with
        {
            Name = HostName.IsValid(Name) ? Name : $"{member.Host}:{member.Port}",
            Reason = Reason is null ? null : PlainText.Of(Reason),
        };
    }

    // From the overlay system's agent to the manager.

    /// <summary>Whom this host probes: all of them, each time.</summary>
    public sealed record Neighbours(ImmutableArray<Neighbour> All);

    /// <param name="Member">Address of the member.</param>
    /// <param name="Reachable">In the cluster's eyes.</param>
    public sealed record Neighbour(string Member, bool Reachable);

    /// <summary>A member has spoken: the control plane reaches it.</summary>
    public sealed record Heard(string Member, Announcement Said);

    // From the manager to the agent.

    /// <summary>What this host says of itself from now on.</summary>
    public sealed record Own(Announcement Said);

    /// <summary>Ask this member for a word: is it the data plane alone that fails?</summary>
    public sealed record Check(string Member);

    /// <summary>The manager (re)started and knows nobody.</summary>
    public sealed record NeighboursWanted
    {
        public static readonly NeighboursWanted Instance = new();
    }

    // Questions to the manager.

    /// <summary>Answered by <see cref="ProbeTable"/>: all that this host knows of its paths now.</summary>
    public sealed record GetProbes
    {
        public static readonly GetProbes Instance = new();
    }

    /// <summary>"Has every path carried a full-size packet, there and back, that was sent after this moment?" Answered by <see cref="AllAnswered"/>.</summary>
    /// <param name="Since">A <see cref="TimeProvider.GetTimestamp"/> of this process's clock.</param>
    public sealed record HaveAllAnswered(long Since);

    /// <param name="Yes">Every path that is probed has; also where there is none.</param>
    /// <param name="Paths">How many are probed.</param>
    /// <param name="Missing">Those that have not.</param>
    /// <param name="NotProbed">Peers of which this says nothing, and why.</param>
    public sealed record AllAnswered(bool Yes, int Paths, ImmutableArray<ProbeRow> Missing, ImmutableArray<ProbeRow> NotProbed);
}

/// <summary>What a host wants to see in a question before it answers: made at random in each life of its process, told to its peers, and shown to nobody else.</summary>
public readonly record struct ProbeToken(ulong Value)
{
    public override string ToString() => "(secret)";
}
