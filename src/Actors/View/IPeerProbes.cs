using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.View;

/// <summary>What probes through the overlay found out lately. Asked from any thread, and must answer at once.</summary>
public interface IPeerProbes
{
    /// <summary>By peer; peers that were not probed are left out.</summary>
    IReadOnlyDictionary<NodeId, PeerWay> Latest();
}

/// <summary>Where nobody probes.</summary>
public sealed class NoProbes : IPeerProbes
{
    public static readonly NoProbes Instance = new();

    private static readonly Dictionary<NodeId, PeerWay> None = [];

    public IReadOnlyDictionary<NodeId, PeerWay> Latest() => None;
}
