namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>How long what is unseen lives.</summary>
/// <param name="Ttl">A lease whose owner was unseen for so long expires.</param>
/// <param name="Quarantine">For so long after that, nobody else gets its subnets.</param>
public sealed record LeaseTimes(TimeSpan Ttl, TimeSpan Quarantine)
{
    public static readonly LeaseTimes Default = new(TimeSpan.FromHours(24), TimeSpan.FromHours(1));

    /// <summary>Six renewals: below that a network that stumbles would end leases.</summary>
    public static readonly TimeSpan ShortestTtl = TimeSpan.FromMinutes(1);

    /// <summary>When the pool is dry, an owner that was unseen for so long may lose its lease before its TTL is over.</summary>
    public TimeSpan ReclaimAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Another configuration of the network is on trial for so long at most.</summary>
    public TimeSpan NetworkTrial { get; init; } = TimeSpan.FromSeconds(20);
}
