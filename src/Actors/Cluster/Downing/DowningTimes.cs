namespace AkkaOverlay.Actors.Cluster.Downing;

/// <summary>How patient a core host is before it puts a member out, on top of the failure detector's own 4 to 5 s.</summary>
public sealed record DowningTimes
{
    /// <summary>A picture of the core, or the loss of a plain member, must last this long before it is acted on.</summary>
    public TimeSpan StableAfter { get; init; } = TimeSpan.FromSeconds(4);

    /// <summary>A core whose picture never comes to rest is acted on after this long all the same.</summary>
    public TimeSpan UnstableAfter { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a view of another core member counts after it was heard.</summary>
    public TimeSpan ViewHolds { get; init; } = TimeSpan.FromSeconds(2.5);
}
