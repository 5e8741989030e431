using System.Collections.Immutable;
using Akka.Cluster;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.View;

/// <summary>How the picture of the whole overlay comes together.</summary>
public static class ViewProtocol
{
    // Between hosts.

    /// <summary>"How do you do?"</summary>
    /// <param name="Number">Comes back with the answer.</param>
    public sealed record DescribeHost(long Number) : IOverlayMessage;

    public sealed record HostDescribed(long Number, HostView View) : IOverlayMessage;

    // Within a process.

    /// <summary>Somebody looks: answered at once by <see cref="Overview"/>, and the other hosts are asked for a while.</summary>
    public sealed record GetOverview
    {
        public static readonly GetOverview Instance = new();
    }

    /// <param name="Others">Every other member.</param>
    public sealed record Overview(ImmutableArray<HostSeen> Others);
}

/// <summary>What is known of another host.</summary>
/// <param name="View">Its last answer; null where it never gave one.</param>
/// <param name="Age">Of that answer.</param>
/// <param name="Silent">The last question was not answered in time.</param>
public sealed record HostSeen(UniqueAddress Address, HostView? View, TimeSpan? Age, bool Silent);
