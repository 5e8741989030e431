using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.SubnetAllocator;

public static partial class LeaseProtocol
{
    /// <summary>An operator asks for the ledger: one subnet, or a page of all. Answered by <see cref="Described"/> or <see cref="Refused"/>.</summary>
    /// <param name="Only">This subnet alone.</param>
    /// <param name="After">The page that follows this subnet; null for the first.</param>
    public sealed record Describe(IpPrefix? Only, IpPrefix? After) : IOverlayMessage;

    /// <param name="Next">What the next question shall have as its <see cref="Describe.After"/>; null on the last page.</param>
    public sealed record Described(long Revision, EquatableArray<LeaseDescription> Leases, IpPrefix? Next) : IOverlayMessage;

    /// <summary>Answered, as the next two, by <see cref="Done"/> or <see cref="Refused"/>.</summary>
    public sealed record Reserve(IpPrefix Subnet, string Host) : IOverlayMessage;

    public sealed record Unreserve(IpPrefix Subnet) : IOverlayMessage;

    /// <summary>Ends a lease or a quarantine.</summary>
    /// <param name="Force">Also where the owner lives, or the quarantine is not over.</param>
    public sealed record EndLease(IpPrefix Subnet, bool Force) : IOverlayMessage;

    public sealed record Done(string Text) : IOverlayMessage;
}

public enum LeaseState
{
    /// <summary>One that only a newer release knows.</summary>
    Unknown,
    Free,
    Held,

    /// <summary>Kept for a host that does not hold it.</summary>
    Reserved,
    Quarantined,
}

/// <summary>What the allocator knows of a lease, or of a subnet that nobody holds.</summary>
/// <param name="Lease">Where it is held.</param>
/// <param name="Owner">Of the lease, or the one whose lease expired.</param>
/// <param name="Host">The owner's name.</param>
/// <param name="ReservedFor">Name of the host that one of the subnets is kept for.</param>
/// <param name="QuarantineLeft">How long it stays in quarantine, in whole milliseconds.</param>
/// <param name="Unseen">For how long the owner was not seen by this allocator, in whole milliseconds.</param>
public sealed record LeaseDescription(
    LeaseSubnets Subnets,
    LeaseState State,
    Lease? Lease = null,
    NodeId? Owner = null,
    string? Host = null,
    string? ReservedFor = null,
    TimeSpan? QuarantineLeft = null,
    TimeSpan? Unseen = null);
