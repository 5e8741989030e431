using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Host;

/// <summary>One part of being ready.</summary>
/// <param name="Detail">For a person: what is there, or what is missing.</param>
public sealed record Component(string Name, bool Ready, string Detail);

/// <summary>How this host's network stands.</summary>
/// <param name="KernelWrites">Changes that the kernel made for us since this process started.</param>
public sealed record HostStatus(
    NodeId Node,
    string NodeName,
    bool Ready,
    ImmutableArray<Component> Components,
    Lease? Lease,
    NetworkVersion? Network,
    HostPlan Plan,
    Underlay Underlay,
    long KernelWrites)
{
    /// <summary>What another back end waits for before all packets go by it; null where there is nothing to wait for.</summary>
    public string? Changeover { get; init; }
}

/// <summary>The leases that this host knows of.</summary>
/// <param name="Live">True where they come from the ledger in this run; false where they were kept from before.</param>
public sealed record LedgerView(bool Live, Guid Epoch, long Revision, NetworkVersion? Network, ImmutableDictionary<NodeId, Lease> Leases)
{
    /// <summary>How long ago the allocator last said something of it; null where it has not in this run. Only in an answer.</summary>
    public TimeSpan? Age { get; init; }

    public static readonly LedgerView Unknown = new(false, Guid.Empty, 0, null, ImmutableDictionary<NodeId, Lease>.Empty);

    /// <summary>Who the peers are is known, now or from before.</summary>
    public bool KnowsPeers => Live || Leases.Count > 0;

    public Component ToComponent() => (Live, Leases.Count) switch
    {
        (true, _) => new Component("ledger", Network is not null, $"revision {Revision}, {Leases.Count} leases"),
        (false, 0) => new Component("ledger", false, "waiting for the first snapshot"),
        _ => new Component("ledger", Network is not null, "as remembered from before"),
    };
}
