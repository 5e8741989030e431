using System.Text.Json;
using System.Text.Json.Serialization;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Cli;

/// <summary>What <c>cluster status</c> prints with --json.</summary>
/// <param name="Status">This node's own; "Removed" where it is no member.</param>
/// <param name="Available">It is a member that takes part, and no other member misses it.</param>
/// <param name="ByStatus">How many members have which status.</param>
internal sealed record ClusterStatusModel(
    string SelfNode,
    string Status,
    IReadOnlyList<string> Roles,
    bool Available,
    string? Leader,
    string? Oldest,
    int Members,
    IReadOnlyDictionary<string, int> ByStatus,
    IReadOnlyList<string> Unreachable);

internal sealed record LeaderModel(string? Leader);

internal sealed record AvailableModel(bool Available);

/// <summary>What follows from the list of members. Pure.</summary>
internal static class ClusterView
{
    /// <param name="role">Null for all.</param>
    public static MembersModel WithRole(MembersModel members, string? role)
    {
        if (role is null)
            return members;
        var kept = members.Members.Where(member => member.Roles.Contains(role)).ToList();
        return members with { Members = kept, Unreachable = [.. members.Unreachable.Where(item => kept.Any(member => member.Node == item.Node))] };
    }

    public static ClusterStatusModel Status(MembersModel members)
    {
        var self = members.Members.FirstOrDefault(member => member.Node == members.SelfNode);
        bool missed = members.Unreachable.Any(item => item.Node == members.SelfNode);
        return new ClusterStatusModel(
            members.SelfNode,
            self?.Status ?? "Removed",
            self?.Roles ?? [],
            // As Akka's akka-cluster script has it.
            self is not null && !missed && self.Status is not ("Down" or "Removed"),
            members.Leader,
            members.Oldest,
            members.Members.Count,
            members.Members.GroupBy(member => member.Status).OrderBy(group => group.Key, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Count()),
            [.. members.Unreachable.Select(item => item.Node)]);
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(ClusterStatusModel))]
[JsonSerializable(typeof(LeaderModel))]
[JsonSerializable(typeof(AvailableModel))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class ClusterJson : JsonSerializerContext;
