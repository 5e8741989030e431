using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaOverlay.Node.Doctor;

namespace AkkaOverlay.Node.Api;

// What the management API answers, as JSON in camel case. The CLI prints the same with --json.

/// <param name="Detail">For a person: what is there, or what is missing.</param>
public sealed record ComponentModel(string Name, bool Ready, string Detail);

public sealed record ReadyModel(bool Ready, IReadOnlyList<ComponentModel> Components);

/// <summary>This host.</summary>
/// <param name="Mtu">Octets, for the containers.</param>
/// <param name="KernelWrites">Changes that the kernel made for us since the process started.</param>
/// <param name="Cluster">This node's membership: "up", "joining" …, or "none".</param>
public sealed record StatusModel(
    string Node,
    string Name,
    string Version,
    bool Ready,
    IReadOnlyList<ComponentModel> Components,
    LeaseModel? Lease,
    string? BackEnd,
    int Mtu,
    string Interface,
    string? PublicIp,
    string? PublicIpv6,
    int Peers,
    long KernelWrites,
    string Cluster)
{
    /// <summary>Which peers <see cref="Mtu"/> is of, and whose MTU is not followed; null where it is this host's own.</summary>
    public string? MtuReason { get; init; }

    /// <summary>The network's name; null for the default one.</summary>
    public string? Network { get; init; }

    /// <summary>The routing table of the overlay's routes: 254 is main.</summary>
    public uint RouteTable { get; init; }

    /// <summary>The packet forwarders, where the back end has some.</summary>
    public ForwardersModel? Forwarders { get; init; }

    /// <summary>What the probes say of the paths to other hosts.</summary>
    public ProbesSummaryModel? Probes { get; init; }
}

/// <summary>The udp back end's packet forwarders, all queues together.</summary>
/// <param name="Offloads">What this kernel lets the TUN device leave undone.</param>
/// <param name="Restarts">Loops that ended by themselves and were started again.</param>
/// <param name="Counts">Inner packets and octets, and the system calls that they took.</param>
/// <param name="Drops">Packets that were not forwarded, by reason; reasons that never were are left out.</param>
public sealed record ForwardersModel(
    string Device,
    int Queues,
    int Serving,
    string Offloads,
    long Restarts,
    IReadOnlyDictionary<string, long> Counts,
    IReadOnlyDictionary<string, long> Drops);

/// <summary>Inner packets and octets between this host and a peer, where they pass through this process.</summary>
public sealed record TrafficModel(long SentPackets, long SentBytes, long ReceivedPackets, long ReceivedBytes);

/// <param name="Subnet">IPv4, such as 10.244.1.0/24; null where the network has none.</param>
/// <param name="Generation">The ledger's revision at which it was granted.</param>
public sealed record LeaseModel(
    string? Subnet,
    string? Ipv6Subnet,
    string Node,
    string Name,
    string? PublicIp,
    string? PublicIpv6,
    IReadOnlyList<string> BackEnds,
    long Generation)
{
    /// <summary>"held", "reserved", "quarantined" or "free", where the allocator said it.</summary>
    public string? State { get; init; }

    /// <summary>Name of the host that the subnet is kept for.</summary>
    public string? ReservedFor { get; init; }

    public double? QuarantineLeftSeconds { get; init; }

    /// <summary>How long ago the allocator heard from the host; counted from its own start where it has not yet.</summary>
    public double? LastSeenSeconds { get; init; }
}

/// <param name="Live">False where the list was kept from before and the ledger has not been heard yet.</param>
public sealed record LedgerModel(bool Live, long Revision, IReadOnlyList<LeaseModel> Leases)
{
    /// <summary>What the reader should know of where this comes from.</summary>
    public string? Note { get; init; }
}

/// <summary>A route to one peer's subnet, with everything that it stands on.</summary>
/// <param name="State">"ok", or what is wrong.</param>
public sealed record PeerModel(string Subnet, string Node, string Name, string? PublicIp, string BackEnd, string Via, string State, string? Error)
{
    public TrafficModel? Traffic { get; init; }

    /// <summary>Why this back end, where the host chose it (<c>auto</c>); null where the configuration says so.</summary>
    public string? Reason { get; init; }

    /// <summary>Octets that the peer's underlay takes, as it says; null where it does not.</summary>
    public int? UnderlayMtu { get; init; }

    /// <summary>What the probes say of the way there; null where this peer is not among those that this host probes.</summary>
    public ProbeModel? Probe { get; init; }
}

/// <summary>One kernel object of ours.</summary>
public sealed record ObjectModel(string Kind, string Name, string? Wanted, string? Actual, string State, string? Error);

/// <summary>Akka Management's <c>GET /cluster/members</c>.</summary>
/// <param name="Leader">Missing where there is none, as is <paramref name="Oldest"/>.</param>
/// <param name="Oldest">Of the members that are up.</param>
public sealed record MembersModel(
    string SelfNode,
    IReadOnlyList<MemberModel> Members,
    IReadOnlyList<UnreachableModel> Unreachable,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Leader,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Oldest,
    IReadOnlyDictionary<string, string> OldestPerRole);

/// <param name="NodeUid">The member's incarnation.</param>
/// <param name="Version">The member's application version, which Akka Management does not show.</param>
public sealed record MemberModel(string Node, string NodeUid, string Status, IReadOnlyList<string> Roles, string Version);

/// <param name="ObservedBy">Akka.NET does not say who it was: the node that was asked has it from the gossip.</param>
public sealed record UnreachableModel(string Node, IReadOnlyList<string> ObservedBy);

public sealed record MessageModel(string Message);

/// <param name="Kind">"rule", "route", "nexthop", "neighbour", "device" or "file".</param>
public sealed record RemovedModel(string Kind, string Name);

/// <summary>What <c>cleanup</c> prints with --json; no path of the API gives it.</summary>
/// <param name="Kept">The state directory.</param>
/// <param name="Errors">What could not be removed.</param>
public sealed record CleanupModel(IReadOnlyList<RemovedModel> Removed, int Count, string Kept, IReadOnlyList<string> Errors);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ReadyModel))]
[JsonSerializable(typeof(StatusModel))]
[JsonSerializable(typeof(LedgerModel))]
[JsonSerializable(typeof(LeaseModel))]
[JsonSerializable(typeof(IReadOnlyList<PeerModel>))]
[JsonSerializable(typeof(IReadOnlyList<ObjectModel>))]
[JsonSerializable(typeof(MembersModel))]
[JsonSerializable(typeof(MemberModel))]
[JsonSerializable(typeof(MessageModel))]
[JsonSerializable(typeof(CleanupModel))]
[JsonSerializable(typeof(SeatsModel))]
[JsonSerializable(typeof(ChangeSeatsModel))]
[JsonSerializable(typeof(ExplainModel))]
[JsonSerializable(typeof(DoctorModel))]
[JsonSerializable(typeof(NetworkModel))]
[JsonSerializable(typeof(NetworkChangeModel))]
[JsonSerializable(typeof(NetworkSetModel))]
[JsonSerializable(typeof(ProbesModel))]
public sealed partial class ApiJson : JsonSerializerContext;
