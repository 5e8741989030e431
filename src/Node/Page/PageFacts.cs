using System.Collections.Immutable;
using Akka.Cluster;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Page;

/// <summary>What the picture is made of: what this host knows, what the others said, what the allocator said.</summary>
/// <param name="Own">This host's own view; null where it could not be had.</param>
/// <param name="Cluster">Null where this node has none.</param>
/// <param name="Others">What the other members said of themselves.</param>
/// <param name="Allocator">The allocator's listing; null where it was never had.</param>
/// <param name="AllocatorAnswers">Null where it was not asked yet.</param>
/// <param name="Happened">In cluster and ledger.</param>
internal sealed record PageFacts(
    PageSelf Self,
    HostStatus Status,
    LedgerView Ledger,
    HostView? Own,
    PageMembership? Cluster,
    ImmutableArray<HostSeen> Others,
    LedgerModel? Allocator,
    bool? AllocatorAnswers,
    int Seats,
    IReadOnlyList<OverlayEvent> Happened);

/// <summary>The cluster as this node sees it.</summary>
/// <param name="WaitsFor">Why there is none yet; null where there is.</param>
internal sealed record PageMembership(string State, string? WaitsFor, int CoreReached, IReadOnlyList<PageMember> Members)
{
    public static PageMembership Of(OverlaySystem overlay)
    {
        var cluster = overlay.Cluster;
        var state = cluster.State;
        var lost = state.Unreachable.Select(member => member.UniqueAddress).ToHashSet();
        var oldest = state.Members.Where(member => member.HasRole(OverlaySettings.CoreRole) && member.Status is (MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting))
            .Aggregate((Member?)null, (first, member) => first is null || member.IsOlderThan(first) ? member : first);
        return new PageMembership(
            ClusterModels.StatusText(cluster.SelfMember.Status),
            overlay.Formation.WaitsFor,
            CoreReachedOf(state, lost),
            [
                .. state.Members.Select(member => new PageMember(
                    member.UniqueAddress,
                    ClusterModels.StatusText(member.Status),
                    !lost.Contains(member.UniqueAddress),
                    [.. member.Roles.Order(StringComparer.Ordinal)],
                    member.UniqueAddress == cluster.SelfUniqueAddress,
                    oldest is not null && member.UniqueAddress == oldest.UniqueAddress)),
            ]);
    }

    private static int CoreReachedOf(ClusterEvent.CurrentClusterState state, HashSet<UniqueAddress> lost) =>
        state.Members.Count(member => member.HasRole(OverlaySettings.CoreRole) && member.Status is (MemberStatus.Up or MemberStatus.Leaving) && !lost.Contains(member.UniqueAddress));
}

/// <param name="HasAllocator">It is the oldest of the core: the singleton is there, or comes up there.</param>
internal sealed record PageMember(UniqueAddress Address, string Status, bool Reachable, IReadOnlyList<string> Roles, bool Self, bool HasAllocator)
{
    public string Text => $"{Address.Address.Host}:{Address.Address.Port}";

    public bool Core => Roles.Contains(OverlaySettings.CoreRole);
}
