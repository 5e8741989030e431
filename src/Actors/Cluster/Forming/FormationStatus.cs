namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>What a core host outside a cluster waits for, for whoever asks this node.</summary>
public sealed class FormationStatus
{
    private volatile string? waitsFor;

    /// <summary>Null once the host is a full member, and on a plain host.</summary>
    public string? WaitsFor
    {
        get => waitsFor;
        set => waitsFor = value;
    }
}
