using System.Collections.Immutable;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Cluster.Downing;

/// <param name="Address">Orders the members alike on every host.</param>
/// <param name="Uid">The incarnation.</param>
/// <param name="Votes">A full member of the core.</param>
/// <param name="Exits">The cluster removes it by itself once it is unreachable; only if it does not, it is put out.</param>
public sealed record SeenMember(string Address, int Uid, bool Votes, bool Exits = false);

/// <summary>All that the decision about downing rests on, at one instant, as one core host sees it.</summary>
/// <param name="Self">Uid of the host that decides.</param>
/// <param name="Quorum">More than half of the configured seed list.</param>
/// <param name="Members">Every member but those that are down already.</param>
/// <param name="Views">Fresh views by the uid of the viewer, this host's own among them.</param>
/// <param name="Refused">Core members at whose port connections are refused: their processes have ended.</param>
/// <param name="Lost">How long a viewer has missed a member's heartbeats without a break.</param>
/// <param name="StableFor">How long members and edges of the core have been as they are.</param>
/// <param name="TornFor">How long some core member has not reached some other, whichever.</param>
public sealed record CorePicture(
    int Self,
    int Quorum,
    ImmutableArray<SeenMember> Members,
    ImmutableDictionary<int, NodeProtocol.CoreView> Views,
    ImmutableHashSet<int> Refused,
    ImmutableDictionary<(int Viewer, int Member), TimeSpan> Lost,
    TimeSpan StableFor,
    TimeSpan TornFor);

public abstract record DowningDecision
{
    private DowningDecision()
    {
    }

    public sealed record Nothing : DowningDecision
    {
        public static readonly Nothing Instance = new();
    }

    /// <summary>Uids of the members to put out.</summary>
    public sealed record Down(EquatableArray<int> Members) : DowningDecision;

    /// <summary>This host leaves the cluster to the others, or to nobody.</summary>
    public sealed record DownSelf(string Reason) : DowningDecision;
}
