using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>What the nodes say to each other.</summary>
public static class NodeProtocol
{
    /// <summary>"Do you know me?": asked of the seeds by a node without word from the core.</summary>
    /// <param name="Address">The asker's Akka address.</param>
    /// <param name="Uid">The asker's incarnation.</param>
    public sealed record WhoAreYou(string Address, int Uid) : IOverlayMessage;

    /// <param name="Up">The answerer is a full member of a cluster.</param>
    /// <param name="KnowsYou">The asker is a member of the same cluster in the answerer's eyes.</param>
    public sealed record IAm(string Address, int Uid, bool Up, bool KnowsYou) : IOverlayMessage;

    /// <summary>An operator wants this node out of the network: lease released, process ended.</summary>
    public sealed record LeaveOverlay : IOverlayMessage;

    public sealed record LeavingOverlay(bool Accepted, string Text) : IOverlayMessage;
}
