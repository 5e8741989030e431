using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Leases;

/// <summary>What the ledger has beside the network's configuration.</summary>
/// <param name="Since">When it was stored, by that allocator's clock: for people only, nothing is decided by it. Null where nobody wrote it down.</param>
/// <param name="Trial">Null where it is in use for good.</param>
/// <param name="TakenBack">Why the version before it was taken back; null where it was not.</param>
public sealed record NetworkStanding(DateTimeOffset? Since, NetworkTrial? Trial, string? TakenBack)
{
    public static readonly NetworkStanding Plain = new(null, null, null);
}

/// <summary>A configuration is in use for a try.</summary>
/// <param name="Former">What takes its place again where it fails.</param>
/// <param name="Length">For how long it may be tried; a new allocator begins it afresh.</param>
public sealed record NetworkTrial(NetworkVersion Former, TimeSpan Length);

/// <summary>What goes into the journal beside a configuration. A release that does not know it takes the configuration to be in use for good.</summary>
/// <param name="At">As <see cref="NetworkStanding.Since"/>, in whole milliseconds.</param>
/// <param name="Trial">Null where it is in use for good, or is kept after a trial: then the version is the one that was on trial.</param>
/// <param name="TakenBack">As <see cref="NetworkStanding.TakenBack"/>.</param>
public sealed record NetworkNote(DateTimeOffset? At, TimeSpan? Trial, string? TakenBack);
