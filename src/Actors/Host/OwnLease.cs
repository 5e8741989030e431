using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Host;

/// <summary>What this host knows of its own lease.</summary>
/// <param name="Lease">Null where it has none.</param>
/// <param name="Live">The ledger confirmed it in this run.</param>
internal sealed record OwnLease(Lease? Lease, bool Live)
{
    public static readonly OwnLease Unknown = new(null, Live: false);

    /// <summary>Given back: the ledger is followed no more.</summary>
    public bool Ended { get; init; }

    /// <summary>The lease in this state directory is another host's, and so is what was made of it. The ledger is followed, for the day on which this host gets one of its own.</summary>
    public bool IsAnothers { get; init; }

    /// <summary>Why there is none; null where nobody refused one.</summary>
    public string? Refusal { get; init; }

    /// <summary>Nothing of ours may be in the kernel.</summary>
    public bool IsOver => Ended || IsAnothers;

    /// <summary>For the log.</summary>
    public string Subnets => Lease?.Subnets.ToString() ?? "(none)";

    public OwnLease GivenBack() => this with { Lease = null, Live = false, Ended = true };

    public OwnLease TakenForAnothers() => this with { Lease = null, Live = false, IsAnothers = true };

    /// <summary>True where a ledger that must have the lease does not: a view from before the grant says nothing.</summary>
    public bool IsMissingIn(HostProtocol.LedgerSeen seen, LedgerView before, NodeId node) => Live && Lease is { } lease
        && (seen.IsAnotherThan(before) || seen.Revision >= lease.Generation)
        && seen.Leases.GetValueOrDefault(node)?.Generation != lease.Generation;

    public Component ToComponent() =>
        new("lease", Lease is not null, Lease is null ? Refusal ?? "waiting for the allocator" : $"{Lease.Subnets}{(Live ? "" : " (remembered)")}");
}
