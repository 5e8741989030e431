using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.View;

/// <summary>What a host says of itself to whoever draws the whole overlay.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Version">Of its release.</param>
/// <param name="UpFor">Since its process started, in whole milliseconds: the clock of its counters.</param>
/// <param name="Problem">The component that is not ready, and why; null where all are.</param>
/// <param name="Peers">Other hosts whose subnets its plan has a way to.</param>
/// <param name="Traffic">Of its tunnel devices together; null where the back end has none (host-gw, alloc).</param>
/// <param name="Ways">What it knows of the way to each other host.</param>
/// <param name="Events">What happened on it lately, the newest first.</param>
public sealed record HostView(
    NodeId Node,
    string Host,
    string Version,
    TimeSpan UpFor,
    string? Problem,
    int Peers,
    int Mtu,
    TunnelTraffic? Traffic,
    EquatableArray<PeerWay> Ways,
    EquatableArray<OverlayEvent> Events)
{
    /// <summary>As it may be shown, whoever wrote it.</summary>
    public HostView Plain() => this with
    {
        Host = PlainText.Of(Host),
        Version = PlainText.Of(Version),
        Problem = Problem is null ? null : PlainText.Of(Problem),
        Traffic = Traffic is null ? null : Traffic with { Device = PlainText.Of(Traffic.Device) },
        Events = Events.Select(happened => happened with { Host = PlainText.Of(happened.Host), Text = PlainText.Of(happened.Text) }).ToEquatableArray(),
    };
}

/// <param name="Device">Names, where there are several.</param>
/// <param name="ReceivedBytes">Octets of inner packets that came from other hosts, since the device was made.</param>
public sealed record TunnelTraffic(string Device, long ReceivedBytes, long ReceivedPackets, long SentBytes, long SentPackets);

/// <summary>The way from one host to another, in the eyes of the first.</summary>
/// <param name="RoundTripMicroseconds">Of the last probe that was answered; 0 where none was.</param>
public sealed record PeerWay(NodeId Peer, WayState State, int RoundTripMicroseconds = 0);

/// <summary>Numbers are those of the wire.</summary>
public enum WayState
{
    /// <summary>Nothing is known, or what is known has a name that only a newer release has.</summary>
    Unknown = 0,

    /// <summary>The host waits for something before it can send there.</summary>
    Waiting = 1,

    /// <summary>The kernel has all that it needs to send there; nobody has tried.</summary>
    Programmed = 2,

    /// <summary>Probes come back.</summary>
    Answers = 3,

    /// <summary>Some probes come back.</summary>
    Lossy = 4,

    /// <summary>No probe comes back.</summary>
    Silent = 5,

    /// <summary>Small probes come back, those of the full size do not: an MTU on the way.</summary>
    FullSizeLost = 6,
}
