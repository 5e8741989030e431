using System.Globalization;
using Akka.Cluster;

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

    /// <param name="address">With or without scheme and system.</param>
    public static Member? Find(Cluster cluster, string address) => cluster.State.Members.FirstOrDefault(member =>
        member.Address.ToString() == address || member.Address.HostPort() == address || $"{member.Address.Host}:{member.Address.Port}" == address);

    public static string StatusText(MemberStatus status) => status == MemberStatus.WeaklyUp ? "WeaklyUp" : status.ToString();

    private static MemberModel ToModel(Member member) => new(
        member.Address.ToString(),
        member.UniqueAddress.Uid.ToString(CultureInfo.InvariantCulture),
        StatusText(member.Status),
        [.. member.Roles.Order(StringComparer.Ordinal)],
        member.AppVersion.ToString());

    private static Member? Oldest(IEnumerable<Member> members) =>
        members.Where(member => member.Status is MemberStatus.Up or MemberStatus.Leaving or MemberStatus.Exiting)
            .Aggregate((Member?)null, (oldest, member) => oldest is null || member.IsOlderThan(oldest) ? member : oldest);
}
