using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.View;

/// <summary>What probes through the overlay found out lately.</summary>
public interface IPeerProbes
{
    /// <summary>By peer; peers that were not probed are left out.</summary>
    /// <exception cref="Akka.Actor.AskTimeoutException">Whoever probes is busy.</exception>
    Task<IReadOnlyDictionary<NodeId, PeerWay>> LatestAsync();
}

/// <summary>Where nobody probes.</summary>
public sealed class NoProbes : IPeerProbes
{
    public static readonly NoProbes Instance = new();

    private static readonly Task<IReadOnlyDictionary<NodeId, PeerWay>> None = Task.FromResult<IReadOnlyDictionary<NodeId, PeerWay>>(new Dictionary<NodeId, PeerWay>());

    public Task<IReadOnlyDictionary<NodeId, PeerWay>> LatestAsync() => None;
}
