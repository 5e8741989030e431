using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Chaos.Run;

/// <param name="Seed">The same one makes the same schedule; what comes of it is up to the machine.</param>
/// <param name="Hosts">That keep their lease, the core among them.</param>
/// <param name="Core">1, 3 or 5 of them.</param>
/// <param name="Claimants">Further hosts, that come and go.</param>
/// <param name="Executable">The akka-overlay executable.</param>
public sealed record ChaosOptions(TimeSpan Length, int Seed, int Hosts, int Core, int Claimants, string Executable)
{
    /// <summary>Its state is in the kernel: what happens to processes must not be seen by packets.</summary>
    public string NetConf { get; init; } = LabNetConf.Default;

    /// <summary>How long everything may take to be well again in the end.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);
}
