using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>What the allocator of this host has, for whoever asks this node.</summary>
public sealed class AllocatorStatus
{
    private volatile LeaseTable? table;

    /// <summary>Null where no allocator on this host has the ledger open.</summary>
    public LeaseTable? Table
    {
        get => table;
        set => table = value;
    }
}
