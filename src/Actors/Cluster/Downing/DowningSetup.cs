using Akka.Actor.Setup;

namespace AkkaOverlay.Actors.Cluster.Downing;

/// <summary>What a core host's downing provider is made with; a plain host has none.</summary>
public sealed class DowningSetup(int quorum, DowningTimes times) : Setup
{
    public int Quorum { get; } = quorum;

    public DowningTimes Times { get; } = times;
}
