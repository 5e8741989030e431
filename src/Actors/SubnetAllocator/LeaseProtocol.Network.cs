using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Wire;

namespace AkkaOverlay.Actors.SubnetAllocator;

public static partial class LeaseProtocol
{
    /// <summary>An operator wants another configuration. Answered by <see cref="NetworkCompared"/> or <see cref="Refused"/>.</summary>
    /// <param name="ComparedWith">The version that she saw: where the ledger has another, it is refused.</param>
    /// <param name="DryRun">Only say what would change.</param>
    public sealed record SetNetwork(long ComparedWith, NetworkConfig Config, bool DryRun) : IOverlayMessage;

    /// <param name="Version">The ledger's, after what was done.</param>
    /// <param name="Written">It is the new one, and on trial.</param>
    /// <param name="Hosts">How many hold a lease.</param>
    public sealed record NetworkCompared(long Version, bool Written, EquatableArray<FieldChange> Changes, int Hosts) : IOverlayMessage;

    /// <summary>Answered by <see cref="NetworkDescribed"/> or <see cref="Refused"/>.</summary>
    public sealed record DescribeNetwork : IOverlayMessage;

    /// <param name="Since">As in <see cref="NetworkStanding"/>.</param>
    /// <param name="TrialLeft">Null where it is in use for good.</param>
    /// <param name="TakenBack">As in <see cref="NetworkStanding"/>.</param>
    /// <param name="Hosts">How many hold a lease.</param>
    /// <param name="Applied">How many have said that they have this version and that packets pass; null where nobody was asked.</param>
    /// <param name="Waiting">Of those that have not, the first ones, and what is known of each.</param>
    public sealed record NetworkDescribed(
        NetworkVersion Network, DateTimeOffset? Since, TimeSpan? TrialLeft, string? TakenBack, int Hosts, int? Applied, EquatableArray<string> Waiting) : IOverlayMessage;

    /// <summary>The allocator asks a host how far it is with a version. Answered by <see cref="NetworkReport"/>.</summary>
    /// <param name="Next">Another configuration that may be set soon: remember how things stand with this version, and say what is against it. Null where there is none.</param>
    /// <param name="Question">Of one change's questions, to be said with the answer; 0 where a trial is followed.</param>
    public sealed record ReportNetwork(long Version, NetworkConfig? Next, long Question = 0) : IOverlayMessage;

    /// <param name="Detail">For an operator: what is missing, or fails.</param>
    /// <param name="Objection">Why this host could not do with <see cref="ReportNetwork.Next"/>; null where it could, as far as it can tell.</param>
    /// <param name="Question">As in <see cref="ReportNetwork"/>: an answer that comes late is none to the next change's.</param>
    public sealed record NetworkReport(NodeId Node, long Version, NetworkProgress Progress, string Detail, string? Objection = null, long Question = 0) : IOverlayMessage;
}

/// <summary>How far a host is with a version of the network's configuration.</summary>
public enum NetworkProgress
{
    /// <summary>One that only a newer release knows.</summary>
    Unknown,

    /// <summary>It has an earlier one.</summary>
    Behind,

    /// <summary>Not everything is in place.</summary>
    Applying,

    /// <summary>All is in place, and not every path has carried a packet since.</summary>
    Probing,

    /// <summary>A path that carried packets before fails.</summary>
    Failing,

    /// <summary>All is in place, and every path has carried a full-size packet since, but for those that did not before.</summary>
    Good,
}
