using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace AkkaOverlay.Actors.Cluster.Downing;

/// <summary>
/// The failure detector of a plain host: it reports nobody. What one plain host cannot reach is its own trouble, and a report of it would stand in the gossip of
/// all, and stop every join, until somebody is put out for it.
/// </summary>
public sealed class AlwaysAvailable : FailureDetector
{
    private volatile bool monitoring;

    /// <summary>As Akka makes its detectors.</summary>
    public AlwaysAvailable(Config config, EventStream events) => _ = (config, events);

    public override bool IsAvailable => true;

    public override bool IsMonitoring => monitoring;

    public override void HeartBeat() => monitoring = true;
}
