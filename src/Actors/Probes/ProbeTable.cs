using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Probes;

/// <summary>How a pair of hosts stands in this one's eyes.</summary>
public enum ProbeState
{
    /// <summary>There is nothing to send to, or from.</summary>
    NotProbed,

    /// <summary>Not answered yet.</summary>
    Waiting,

    Ok,

    /// <summary>Packets are lost now and then.</summary>
    Loss,

    /// <summary>Small packets arrive, those of the full size do not.</summary>
    FullSizeLost,

    /// <summary>Nothing arrives, and the peer's node answers by the control plane.</summary>
    Dead,

    /// <summary>Nothing arrives, and the control plane does not reach the peer either: it is down, or its node is, or the network between.</summary>
    Unreachable,
}

/// <summary>All that a host knows of the paths that it probes.</summary>
/// <param name="Enabled">False with <c>--probes off</c>.</param>
/// <param name="Own">Where this host is probed.</param>
/// <param name="Reason">Why this host neither probes nor is probed; null where it does and is.</param>
/// <param name="FullSize">Octets of a full-size packet, before the peer's own limit.</param>
/// <param name="Packets">Since this actor was started.</param>
public sealed record ProbeTable(bool Enabled, ImmutableArray<IPEndPoint> Own, string? Reason, int FullSize, ProbePackets Packets, ImmutableArray<ProbeRow> Rows)
{
    public static readonly ProbeTable Off = new(false, [], "switched off (--probes off)", 0, default, []);

    /// <summary>Paths that do not carry what they should, while the control plane is fine.</summary>
    public IEnumerable<ProbeRow> Failing => Rows.Where(row => row.Fails);
}

/// <param name="Asked">Questions sent.</param>
/// <param name="Answered">Answers received, in time or late.</param>
/// <param name="Given">Answers given to other hosts.</param>
public readonly record struct ProbePackets(long Asked, long Answered, long Given);

/// <summary>One peer by one IP version.</summary>
/// <param name="Member">Its address as a member of the cluster.</param>
/// <param name="Node">Null where it has not said.</param>
/// <param name="Name">For people.</param>
/// <param name="Address">Where it is probed; null where it is not.</param>
/// <param name="FullSize">Octets of the full-size packets to it, IP header included.</param>
/// <param name="Since">When <paramref name="State"/> became so, by this host's clock.</param>
/// <param name="Age">The same as a duration.</param>
/// <param name="Detail">Why it is not probed, or what this host's kernel says of the last question; null where there is nothing to say.</param>
/// <param name="Loss">0 to 1, of the last 64 questions at most, of both sizes; null before the first.</param>
/// <param name="RoundTrip">Smoothed.</param>
/// <param name="Median">Of the last 16 round trips.</param>
/// <param name="LastAnswer">How long ago; null where there was none.</param>
public sealed record ProbeRow(
    string Member,
    NodeId? Node,
    string Name,
    IPAddress? Address,
    ProbeState State,
    int FullSize,
    DateTimeOffset? Since,
    TimeSpan? Age,
    string? Detail,
    ProbeCounts Small,
    ProbeCounts Full,
    double? Loss,
    TimeSpan? RoundTrip,
    TimeSpan? Median,
    TimeSpan? LastAnswer)
{
    /// <summary>The data plane fails while the control plane is fine.</summary>
    public bool Fails => State is ProbeState.Loss or ProbeState.FullSizeLost or ProbeState.Dead;

    /// <summary>What is wrong, as a sentence without its subject: "nothing comes back from 10.244.2.0".</summary>
    public string Describe() => State switch
    {
        ProbeState.Dead => $"nothing comes back from {Address}{Because}",
        ProbeState.FullSizeLost => $"packets of {FullSize} octets do not come back from {Address}, small ones do{Because}",
        ProbeState.Loss => $"{Math.Round((Loss ?? 0) * 100)} % of the packets do not come back from {Address}{Because}",
        ProbeState.Unreachable => $"nothing comes back from {Address}, and the control plane does not reach it either",
        ProbeState.Waiting => $"no answer from {Address} yet{Because}",
        ProbeState.NotProbed => Detail ?? "not probed",
        _ => $"{Address} answers",
    };

    private string Because => Detail is null ? "" : $" ({Detail})";
}
