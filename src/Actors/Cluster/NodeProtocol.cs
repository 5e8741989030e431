using System.Net;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>What the nodes say to each other.</summary>
public static class NodeProtocol
{
    /// <summary>"Do you know me?": asked of the seeds by a node without word from the core.</summary>
    /// <param name="Address">The asker's Akka address.</param>
    /// <param name="Uid">The asker's incarnation.</param>
    public sealed record WhoAreYou(string Address, int Uid) : IOverlayMessage
    {
        /// <summary>The name of the asker's network; empty for the default one, and from a release that has no other.</summary>
        public string Network { get; init; } = "";
    }

    /// <param name="Up">The answerer is a full member of a cluster.</param>
    /// <param name="KnowsYou">The asker is a member of the same cluster in the answerer's eyes.</param>
    /// <param name="CoreMembers">Core members of its cluster that the answerer reaches, itself counted.</param>
    public sealed record IAm(string Address, int Uid, bool Up, bool KnowsYou, int CoreMembers) : IOverlayMessage
    {
        /// <inheritdoc cref="WhoAreYou.Network"/>
        public string Network { get; init; } = "";
    }

    /// <summary>An operator wants this node out of the network: lease released, process ended.</summary>
    public sealed record LeaveOverlay : IOverlayMessage
    {
        /// <summary>How long to wait for containers at most, in whole seconds; null as the node's own options say. An earlier release waits for none.</summary>
        public TimeSpan? Drain { get; init; }
    }

    public sealed record LeavingOverlay(bool Accepted, string Text) : IOverlayMessage;

    /// <summary>What a seat says of itself to the other seats.</summary>
    /// <param name="Seeds">Its seed list, normalised: Akka addresses in the order of <see cref="SeedList"/>.</param>
    /// <param name="Cluster">The cluster whose id it has; null for a seat that has none.</param>
    /// <param name="Up">It is a full member of a cluster.</param>
    /// <param name="Joinable">That cluster has not just lost the majority of its core.</param>
    /// <param name="CoreMembers">As in <see cref="IAm"/>; 0 outside a cluster.</param>
    /// <param name="Hears">The seats whose news it has heard lately.</param>
    /// <param name="Bootstrap">Its operator wants the network founded with a majority of the seats.</param>
    /// <param name="Answer">Said in answer; one that is not wants an answer.</param>
    /// <param name="Ledger">The ledger that its host writes; null from an earlier release.</param>
    public sealed record SeatNews(
        string Address,
        EquatableArray<string> Seeds,
        Guid? Cluster,
        bool Up,
        bool Joinable,
        int CoreMembers,
        EquatableArray<string> Hears,
        bool Bootstrap,
        bool Answer,
        LedgerIdentity? Ledger = null) : IOverlayMessage
    {
        /// <inheritdoc cref="WhoAreYou.Network"/>
        public string Network { get; init; } = "";
    }

    /// <summary>"May I form the cluster?"</summary>
    /// <param name="Ballot">Tells the answers to this request from those to an earlier one.</param>
    /// <param name="Cluster">The cluster that is formed again; null where one is founded.</param>
    /// <param name="Whole">It is formed with the votes of every seat of the list, or not at all.</param>
    /// <param name="Ledger">As in <see cref="SeatNews"/>.</param>
    public sealed record VoteRequest(
        string Candidate, long Ballot, Guid? Cluster, EquatableArray<string> Seeds, bool Bootstrap, bool Whole = false, LedgerIdentity? Ledger = null) : IOverlayMessage;

    /// <param name="Seeds">The voter's list: its majority counts too.</param>
    public sealed record Vote(string Voter, long Ballot, bool Granted, EquatableArray<string> Seeds) : IOverlayMessage;

    /// <summary>Between core members, twice a second: the sender's own view, and the last that it heard of the others'.</summary>
    public sealed record CoreViews(EquatableArray<CoreView> Views) : IOverlayMessage;

    /// <summary>Whom one core member reaches. Members are named by the uid of their incarnation.</summary>
    /// <param name="Counter">Counts this member's views up: a view that is passed on does not look fresh for ever.</param>
    /// <param name="Reaches">Core members whose heartbeats it has.</param>
    /// <param name="Lost">Members of any role whose heartbeats it misses.</param>
    public sealed record CoreView(int Uid, long Counter, EquatableArray<int> Reaches, EquatableArray<int> Lost);

    /// <summary>"What do you do with this packet?": asked of the host that one end of its way belongs to.</summary>
    /// <param name="Owner">The host that is meant: others pass the question over.</param>
    /// <param name="Outer">The other host's address on the underlay; null where it is not known, or is this host itself.</param>
    /// <param name="OuterSize">Octets of the largest packet that the other host sends in its tunnel; 0 where nobody said.</param>
    public sealed record ExplainPath(NodeId Owner, IPAddress From, IPAddress To, PathSide Side, IPAddress? Outer = null, int OuterSize = 0) : IOverlayMessage;

    /// <param name="Host">The answerer's name.</param>
    /// <param name="OuterSize">Of a sending host: see <see cref="ExplainPath"/>.</param>
    public sealed record PathExplained(NodeId Node, string Host, int OuterSize, EquatableArray<PathStep> Steps) : IOverlayMessage;
}
