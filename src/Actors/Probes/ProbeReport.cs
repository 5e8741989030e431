using System.Collections.Immutable;

namespace AkkaOverlay.Actors.Probes;

/// <summary>What the control plane says of a peer.</summary>
/// <param name="Reachable">In the cluster's eyes.</param>
/// <param name="Heard">When it last spoke to this host.</param>
internal readonly record struct ProbeWord(bool Reachable, TimeSpan Heard);

/// <summary>From paths to what is told: the data plane's word weighed with the control plane's. Pure.</summary>
internal static class ProbeReport
{
    /// <summary>
    /// A path fails while the control plane is fine where its peer has spoken since the first packet was lost: a node that was stopped or killed answers no probe
    /// either, and is no fault of the data plane.
    /// </summary>
    public static ProbeState StateOf(ProbePath path, ProbeWord word, TimeSpan now) => path.State switch
    {
        PathState.Waiting => ProbeState.Waiting,
        PathState.Ok => ProbeState.Ok,
        PathState.Loss => ProbeState.Loss,
        PathState.FullSizeLost => ProbeState.FullSizeLost,
        _ => word.Reachable && word.Heard >= path.TroubleSince && now - word.Heard <= ProbeTimes.Word ? ProbeState.Dead : ProbeState.Unreachable,
    };

    /// <summary>Whether the control plane is to be asked for a word.</summary>
    public static bool WantsWord(ProbePath path, ProbeWord word, TimeSpan now) =>
        path.InTrouble && (word.Heard < path.TroubleSince || now - word.Heard > ProbeTimes.Word / 3);

    public static ProbeRow Row(ProbeTarget target, ProbePath path, ProbeWord word, TimeSpan now, DateTimeOffset clock)
    {
        var age = now > path.Since ? now - path.Since : TimeSpan.Zero;
        return new ProbeRow(
            target.Member,
            target.Node,
            target.Name,
            target.Remote.Address,
            StateOf(path, word, now),
            target.FullSize,
            clock - age,
            age,
            path.Problem,
            path.Small,
            path.Full,
            path.LossRatio,
            path.RoundTrip,
            path.RoundTrips.IsEmpty ? null : path.RoundTrips.Sort()[path.RoundTrips.Length / 2],
            path.LastAnswer is { } last ? now - last : null);
    }

    public static ProbeRow Row(Unprobed other) => new(other.Member, other.Node, other.Name, null, ProbeState.NotProbed, 0, null, null, other.Reason, default, default, null, null, null, null);

    /// <summary>A packet of the full size there and back says that small ones pass too.</summary>
    /// <param name="since">On the paths' clock.</param>
    public static bool HasAnswered(ProbePath path, TimeSpan since) => path.Full.LastAnsweredSent >= since;
}
