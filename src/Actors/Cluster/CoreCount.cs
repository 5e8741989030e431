using Akka.Cluster;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>The core as one member's own view of the cluster has it.</summary>
/// <param name="Reached">Core members that are full members and not unreachable, the viewer counted if it is one.</param>
/// <param name="Lost">Core members that are unreachable.</param>
internal readonly record struct CoreCount(int Reached, int Lost)
{
    public static CoreCount Of(ClusterEvent.CurrentClusterState state)
    {
        var core = state.Members.Where(IsFull).ToList();
        int lost = core.Count(state.Unreachable.Contains);
        return new CoreCount(core.Count - lost, lost);
    }

    /// <summary>A core member that takes part: one that joins does not yet, one that leaves still does.</summary>
    public static bool IsFull(Member member) => member.HasRole(OverlaySettings.CoreRole) && member.Status is (MemberStatus.Up or MemberStatus.Leaving);
}
