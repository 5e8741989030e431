using System.Globalization;
using Akka.Cluster;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Node.Api;

/// <summary>Akka's membership in the words of the Akka Management cluster API.</summary>
internal static class ClusterModels
{
    public static MembersModel Members(Cluster cluster)
    {
        var state = cluster.State;
        var reachability = state.Unreachable.Select(member => member.UniqueAddress).ToHashSet();
        var members = state.Members.OrderBy(member => member.Address.ToString(), StringComparer.Ordinal).ToList();
        return new MembersModel(
            cluster.SelfAddress.ToString(),
            [.. members.Select(ToModel)],
            [.. members.Where(member => reachability.Contains(member.UniqueAddress)).Select(member => new UnreachableModel(member.Address.ToString(), [cluster.SelfAddress.ToString()]))],
            state.Leader?.ToString(),
            Oldest(state.Members)?.Address.ToString(),
            state.Members.SelectMany(member => member.Roles).Distinct().Order(StringComparer.Ordinal)
                .Select(role => (Role: role, Member: Oldest(state.Members.Where(member => member.HasRole(role)))))
                .Where(item => item.Member is not null)
                .ToDictionary(item => item.Role, item => item.Member!.Address.ToString()));
    }

    /// <param name="address">As <see cref="MemberAddress"/> has it.</param>
    /// <returns>Null where no member, or more than one, is named so.</returns>
    public static MemberModel? Find(Cluster cluster, string address) =>
        MemberAddress.Parse(address) is { } named && cluster.State.Members.Where(member => named.IsOf(member.Address)).ToList() is [var member] ? ToModel(member) : null;

    public static string StatusText(MemberStatus status) => status == MemberStatus.WeaklyUp ? "WeaklyUp" : status.ToString();

    public static MemberModel ToModel(Member member) => new(
        member.Address.ToString(),
        member.UniqueAddress.Uid.ToString(CultureInfo.InvariantCulture),
        StatusText(member.Status),
        [.. member.Roles.Order(StringComparer.Ordinal)],
        member.AppVersion.ToString());

    private static Member? Oldest(IEnumerable<Member> members) =>
        members.Where(member => member.Status == MemberStatus.Up)
            .Aggregate((Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest);
}
