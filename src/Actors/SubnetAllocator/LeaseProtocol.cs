using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>What hosts and the allocator say to each other.</summary>
public static partial class LeaseProtocol
{
    /// <summary>A host wants its subnets, or says that it still lives; answered by <see cref="Granted"/>, <see cref="Refused"/> or <see cref="NetworkIs"/>.</summary>
    /// <param name="NetworkFingerprint">Of the configuration that the offers were made for; null where the host knows none.</param>
    public sealed record Claim(LeaseCommand.Claim Command, string? NetworkFingerprint) : IOverlayMessage
    {
        /// <summary>Of the claiming process: tells a host that was started again from a copy of it. Empty from a release that has none.</summary>
        public Guid Incarnation { get; init; }
    }

    public sealed record Granted(Lease Lease, NetworkVersion Network, string? Conflict) : IOverlayMessage;

    public sealed record Refused(RefusalReason Reason, string Text) : IOverlayMessage;

    /// <summary>The offers of a claim were made for another configuration: make them for this one and claim again.</summary>
    /// <param name="Fingerprint">What the next claim must carry.</param>
    public sealed record NetworkIs(NetworkVersion Network, string Fingerprint) : IOverlayMessage;

    public sealed record Release(NodeId Owner, long Generation) : IOverlayMessage
    {
        /// <inheritdoc cref="Claim.Incarnation"/>
        public Guid Incarnation { get; init; }
    }

    /// <summary>Another process claims under this owner's id: is the one that was asked still there? Answered by <see cref="IAmHere"/>.</summary>
    public sealed record StillThere(NodeId Owner) : IOverlayMessage;

    public sealed record IAmHere(NodeId Owner, Guid Incarnation) : IOverlayMessage;

    /// <summary>The lease is over; also the answer where it was over before.</summary>
    public sealed record Released(NodeId Owner, long Generation) : IOverlayMessage;

    /// <summary>
    /// A host follows the ledger and has it up to this point. Repeated as a heartbeat. Answered by a snapshot where the point is not the ledger's
    /// present, else by nothing but the changes to come.
    /// </summary>
    public sealed record Watch(NodeId Watcher, Guid Epoch, long Revision) : IOverlayMessage;

    /// <summary>The whole ledger at one revision, in pages so that no message outgrows a frame.</summary>
    /// <param name="Epoch">The allocator's incarnation: revisions of two epochs are not compared.</param>
    /// <param name="Page">0 to <paramref name="Pages"/> − 1.</param>
    public sealed record Snapshot(Guid Epoch, long Revision, NetworkVersion Network, EquatableArray<Lease> Leases, int Page, int Pages) : IOverlayMessage;

    /// <summary>One event that took the ledger from one revision to the next.</summary>
    public sealed record Change(Guid Epoch, long Previous, long Revision, LeaseEvent Event) : IOverlayMessage;

    /// <summary>The watcher has all there is.</summary>
    public sealed record UpToDate(Guid Epoch, long Revision) : IOverlayMessage;
}

/// <summary>A configuration with its number in the ledger.</summary>
/// <param name="Version">1 for the first.</param>
public sealed record NetworkVersion(long Version, NetworkConfig Config);

/// <summary>An event of the ledger as the journal holds it.</summary>
public sealed record LedgerEntry(LeaseEvent Event) : IOverlayMessage;
