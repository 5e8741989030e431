using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Api;

/// <summary>All that this host knows of the paths that it probes.</summary>
/// <param name="Addresses">Where this host is probed: address and UDP port.</param>
/// <param name="Reason">Why this host neither probes nor is probed; null where it does and is.</param>
/// <param name="FullSize">Octets of this host's full-size packets.</param>
/// <param name="Asked">Questions sent.</param>
/// <param name="Answered">Answers received, in time or late.</param>
/// <param name="Given">Answers given to other hosts.</param>
public sealed record ProbesModel(
    bool Enabled, IReadOnlyList<string> Addresses, string? Reason, int FullSize, long Asked, long Answered, long Given, IReadOnlyList<ProbeModel> Peers);

/// <summary>The same in short.</summary>
/// <param name="Probed">Paths: a peer by one IP version each.</param>
/// <param name="Ok">Those of them that carry packets of both sizes.</param>
/// <param name="Failing">Those that do not, while the control plane is fine.</param>
/// <param name="NotProbed">Peers of which nothing is known.</param>
public sealed record ProbesSummaryModel(bool Enabled, string? Reason, int Probed, int Ok, int NotProbed, IReadOnlyList<ProbeModel> Failing);

/// <summary>One peer by one IP version.</summary>
/// <param name="Member">Its address as a member of the cluster.</param>
/// <param name="Address">Where it is probed; null where it is not.</param>
/// <param name="State">"ok", "loss", "full-size lost", "dead" (the control plane is fine), "unreachable" (it is not), "waiting" or "not probed".</param>
/// <param name="Since">When it became so, by this host's clock.</param>
/// <param name="Text">The same for people.</param>
/// <param name="Loss">0 to 1, of the last 64 questions at most.</param>
/// <param name="RttMicroseconds">Smoothed.</param>
/// <param name="RttP50Microseconds">Median of the last 16.</param>
public sealed record ProbeModel(
    string Name,
    string? Node,
    string Member,
    string? Address,
    string State,
    DateTimeOffset? Since,
    double? SinceSeconds,
    string Text,
    ProbeSizeModel? Small,
    ProbeSizeModel? Full,
    double? Loss,
    double? RttMicroseconds,
    double? RttP50Microseconds,
    double? LastAnswerSeconds);

/// <param name="Octets">Of the packet, IP header included.</param>
public sealed record ProbeSizeModel(int Octets, long Sent, long Answered);

/// <summary>From the probes' table to what the API says of it.</summary>
internal static class ProbeModels
{
    private const int SmallIPv4 = 64, SmallIPv6 = 84;

    public static ProbesModel Of(ProbeTable table) => new(
        table.Enabled,
        [.. table.Own.Select(endPoint => endPoint.ToString())],
        table.Reason,
        table.FullSize,
        table.Packets.Asked,
        table.Packets.Answered,
        table.Packets.Given,
        [.. table.Rows.Select(Of)]);

    public static ProbesSummaryModel Summary(ProbeTable table) => new(
        table.Enabled,
        table.Reason,
        table.Rows.Count(row => row.State != ProbeState.NotProbed),
        table.Rows.Count(row => row.State == ProbeState.Ok),
        table.Rows.Count(row => row.State == ProbeState.NotProbed),
        [.. table.Failing.Select(Of)]);

    /// <summary>Each peer with what the probes say of it.</summary>
    public static IReadOnlyList<PeerModel> Join(IReadOnlyList<PeerModel> peers, ProbeTable table)
    {
        var byNode = table.Rows.ToLookup(row => row.Node?.ToString());
        return [.. peers.Select(peer => peer with { Probe = byNode[peer.Node].FirstOrDefault(row => IsOf(row, IpPrefix.Parse(peer.Subnet))) is { } row ? Of(row) : null })];
    }

    public static string Word(ProbeState state) => state switch
    {
        ProbeState.FullSizeLost => "full-size lost",
        ProbeState.NotProbed => "not probed",
        _ => state.ToString().ToLowerInvariant(),
    };

    private static bool IsOf(ProbeRow row, IpPrefix subnet) => row.Address is null || subnet.Contains(row.Address);

    private static ProbeModel Of(ProbeRow row) => new(
        row.Name,
        row.Node?.ToString(),
        row.Member,
        row.Address?.ToString(),
        Word(row.State),
        row.Since,
        row.Age?.TotalSeconds,
        row.Describe(),
        row.Address is null ? null : new ProbeSizeModel(row.Address.BitLength() == 32 ? SmallIPv4 : SmallIPv6, row.Small.Asked, row.Small.AnsweredCount),
        row.Address is null ? null : new ProbeSizeModel(row.FullSize, row.Full.Asked, row.Full.AnsweredCount),
        row.Loss,
        row.RoundTrip?.TotalMicroseconds,
        row.Median?.TotalMicroseconds,
        row.LastAnswer?.TotalSeconds);
}
