using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Node.Api;

/// <summary>Asks the overlay system for its members, and tells it what an operator wants with them.</summary>
public sealed class ClusterQueries(IActorRef supervisor)
{
    public const string NoCluster = "this node has no connection to the cluster";

    /// <summary>Longer than another host has to answer.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(6);

    /// <summary>Events that a listener may be behind.</summary>
    private const int Backlog = 4096;

    /// <returns>Null where this node has no connection to the cluster.</returns>
    public async Task<MembersModel?> Members() => await Overlay() is { } overlay ? ClusterModels.Members(overlay.Cluster) : null;

    /// <returns>Null where there is no such member, or no connection.</returns>
    public async Task<MemberModel?> Member(string address) => await Overlay() is { } overlay ? ClusterModels.Find(overlay.Cluster, address) : null;

    /// <param name="wish">One of <see cref="OperatorProtocol"/>.</param>
    public async Task<OperatorProtocol.Answered> Tell(object wish) => await Overlay() is { } overlay
        ? await overlay.Operator.Ask<OperatorProtocol.Answered>(wish, Patience)
        : new OperatorProtocol.Answered(OperatorOutcome.Unavailable, NoCluster);

    /// <returns>The present state as events, then each change, until <paramref name="cancel"/> or this life of the overlay system ends; null without one.</returns>
    public async Task<ChannelReader<ClusterEvent.IClusterDomainEvent>?> Listen(CancellationToken cancel)
    {
        if (await Overlay() is not { } overlay)
            return null;
        var channel = Channel.CreateBounded<ClusterEvent.IClusterDomainEvent>(Backlog);
        var feed = overlay.System.ActorOf(DomainEventFeed.Props(overlay.Cluster, channel.Writer));
        cancel.Register(() => overlay.System.Stop(feed));
        return channel.Reader;
    }

    /// <param name="change">The new seats; null to look only.</param>
    public async Task<SeatsAnswer> Seats(IReadOnlyList<string>? change) =>
        await Overlay() is { } overlay ? await SeatQueries.Ask(overlay, change) : new SeatsAnswer(null, NoCluster);

    public async Task<SeatsAnswer> RecoverSeats() =>
        await Overlay() is { } overlay ? await SeatQueries.Recover(overlay) : new SeatsAnswer(null, NoCluster);

    private async Task<OverlaySystem?> Overlay() => (await supervisor.Ask<OverlaySupervisor.Overlay>(OverlaySupervisor.GetOverlay.Instance, Patience)).System;
}
