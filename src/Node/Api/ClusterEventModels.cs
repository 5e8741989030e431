using System.Text.Json.Serialization;
using Akka.Actor;
using Akka.Cluster;

namespace AkkaOverlay.Node.Api;

/// <summary>One of the cluster's events, as Akka Management's <c>GET /cluster/domain-events</c> has it.</summary>
/// <param name="Type">Its name in Akka; also the name of the server-sent event.</param>
public sealed record ClusterEventModel(string Type)
{
    public EventMemberModel? Member { get; init; }

    /// <summary>Of a member that is removed.</summary>
    public string? PreviousStatus { get; init; }

    public string? Role { get; init; }

    /// <summary>Of a new leader; missing where there is none.</summary>
    public string? Address { get; init; }
}

public sealed record EventMemberModel(UniqueAddressModel UniqueAddress, string Status, IReadOnlyList<string> Roles, string DataCenter);

/// <param name="LongUid">The member's incarnation.</param>
public sealed record UniqueAddressModel(string Address, long LongUid);

/// <summary>The cluster's events in the words of Akka Management.</summary>
internal static class ClusterEvents
{
    public const string All = "ClusterDomainEvent";

    /// <summary>Akka.NET knows none, and so there are no events of them.</summary>
    private const string DataCenter = "default";

    /// <summary>What a listener may want, and which events that is.</summary>
    private static readonly Dictionary<string, string[]> Kinds = new()
    {
        ["MemberEvent"] = ["MemberJoined", "MemberWeaklyUp", "MemberUp", "MemberLeft", "MemberExited", "MemberDowned", "MemberRemoved"],
        ["ReachabilityEvent"] = ["UnreachableMember", "ReachableMember"],
        ["DataCenterReachabilityEvent"] = ["UnreachableDataCenter", "ReachableDataCenter"],
    };

    /// <summary>Every name that a listener may give.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [All, .. Kinds.Keys, .. Kinds.Values.SelectMany(names => names), "LeaderChanged", "RoleLeaderChanged", "ClusterShuttingDown"];

    /// <param name="wanted">Of <see cref="Names"/>; none stands for all.</param>
    public static bool Is(ClusterEventModel model, IReadOnlyList<string> wanted) =>
        wanted.Count == 0 || wanted.Any(name => name == All || name == model.Type || (Kinds.TryGetValue(name, out string[]? names) && names.Contains(model.Type)));

    /// <returns>Null for what is Akka's own business.</returns>
    public static ClusterEventModel? ToModel(ClusterEvent.IClusterDomainEvent domainEvent) => domainEvent switch
    {
        ClusterEvent.MemberRemoved removed => Of(removed, removed.Member) with { PreviousStatus = ClusterModels.StatusText(removed.PreviousStatus) },
        ClusterEvent.IMemberEvent change => Of(change, change.Member),
        ClusterEvent.ReachabilityEvent reachability => Of(reachability, reachability.Member),
        ClusterEvent.LeaderChanged leader => Of(leader) with { Address = leader.Leader?.ToString() },
        ClusterEvent.RoleLeaderChanged leader => Of(leader) with { Role = leader.Role, Address = leader.Leader?.ToString() },
        ClusterEvent.ClusterShuttingDown ending => Of(ending),
        _ => null,
    };

    private static ClusterEventModel Of(object domainEvent, Member? member = null) => new(domainEvent.GetType().Name)
    {
        Member = member is null ? null : new EventMemberModel(
            new UniqueAddressModel(member.Address.ToString(), member.UniqueAddress.Uid), ClusterModels.StatusText(member.Status), [.. member.Roles.Order(StringComparer.Ordinal)], DataCenter),
    };
}

/// <summary>One line each: a server-sent event ends with its line.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ClusterEventModel))]
internal sealed partial class EventJson : JsonSerializerContext;
