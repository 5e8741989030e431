using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Node.Page;

/// <summary>One host in everything that is known of it: its lease, its membership, and what it says of itself. Each may be missing.</summary>
internal sealed record HostFacts(NodeId? Node, Lease? Lease, PageMember? Member, HostView? View, double? AgeSeconds, bool Silent)
{
    /// <summary>What this node calls itself; null for the others.</summary>
    public string? OwnName { get; init; }

    public string Name => Lease?.NodeName ?? View?.Host ?? OwnName ?? Member!.Address.Address.Host;
}

/// <summary>Finds out which lease, which member and which answer are of the same host, and puts all hosts in the order of their subnets.</summary>
internal static class HostList
{
    public static IReadOnlyList<HostFacts> Of(PageFacts facts)
    {
        var leases = facts.Ledger.Leases;
        if (facts.Status.Lease is { } own)
            leases = leases.SetItem(own.Owner, own);
        var seen = facts.Others.ToDictionary(other => other.Address);
        var free = leases.Keys.ToHashSet();
        var hosts = new List<HostFacts>();
        var nameless = new List<(PageMember Member, HostSeen? Seen)>();
        foreach (var member in facts.Cluster?.Members ?? [])
        {
            var said = seen.GetValueOrDefault(member.Address);
            if (member.Self)
                hosts.Add(Own(facts, leases.GetValueOrDefault(facts.Status.Node), member));
            else if (said?.View is { } view)
                Put(hosts, new HostFacts(view.Node, leases.GetValueOrDefault(view.Node), member, view, said.Age?.TotalSeconds, said.Silent));
            else
                nameless.Add((member, said));
        }
        if (hosts.All(host => host.Node != facts.Status.Node))
            hosts.Add(Own(facts, leases.GetValueOrDefault(facts.Status.Node), null));
        free.ExceptWith(hosts.Select(host => host.Node).OfType<NodeId>());
        // One that has not said who it is may be known by its address; behind NAT it is not, and its lease stands for itself until it answers.
        foreach (var (member, said) in nameless)
        {
            var lease = free.Select(id => leases[id]).FirstOrDefault(lease => IsAt(lease, member));
            if (lease is not null)
                free.Remove(lease.Owner);
            hosts.Add(new HostFacts(lease?.Owner, lease, member, null, null, said?.Silent ?? false));
        }
        hosts.AddRange(free.Select(id => new HostFacts(id, leases[id], null, null, null, false)));
        return
        [
            .. hosts.OrderBy(host => host.Lease is null)
                .ThenBy(host => host.Lease?.Subnets.All.FirstOrDefault() ?? default(IpPrefix), SubnetOrder.Instance)
                .ThenBy(host => host.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>A host whose address has changed is two members for a while: the one that is reached counts.</summary>
    private static void Put(List<HostFacts> hosts, HostFacts host)
    {
        int twin = hosts.FindIndex(other => other.Node == host.Node);
        if (twin < 0)
            hosts.Add(host);
        else if (host.Member is { Reachable: true })
            hosts[twin] = host;
    }

    public static PageHost ToPage(HostFacts host, PageFacts facts, double? lastSeen)
    {
        string? problem = host.View?.Problem;
        return new PageHost(
            host.Node?.ToString() ?? host.Member!.Text,
            PageText.Plain(host.Name),
            HostState.Of(host.Member, facts.Cluster is not null, host.View is not null, host.Silent, problem),
            [.. host.Lease?.Subnets.All.Select(subnet => subnet.ToString()) ?? []],
            [.. new[] { host.Lease?.Public.IPv4, host.Lease?.Public.IPv6 }.Where(address => address is not null).Select(address => address!.ToString())],
            [.. host.Lease?.Offers.Select(offer => offer.BackEnd) ?? []],
            host.Member?.Text,
            host.Member?.Status,
            host.Member?.Roles ?? [],
            host.Member?.Core ?? false,
            host.Node == facts.Status.Node,
            lastSeen,
            host.AgeSeconds,
            host.View is { } view ? PageText.Plain(view.Version) : null,
            host.View?.UpFor.TotalSeconds,
            problem is null ? null : PageText.Plain(problem),
            host.View?.Traffic is { } traffic
                ? new PageTraffic(PageText.Plain(traffic.Device), (long)host.View.UpFor.TotalMilliseconds, traffic.ReceivedBytes, traffic.ReceivedPackets, traffic.SentBytes, traffic.SentPackets)
                : null);
    }

    private static HostFacts Own(PageFacts facts, Lease? lease, PageMember? member) =>
        new(facts.Status.Node, lease, member, facts.Own, facts.Own is null ? null : 0, facts.Own is null) { OwnName = facts.Self.Name };

    private static bool IsAt(Lease lease, PageMember member) =>
        member.Address.Address.Host == lease.Public.IPv4?.ToString() || member.Address.Address.Host?.Trim('[', ']') == lease.Public.IPv6?.ToString();

    private sealed class SubnetOrder : IComparer<IpPrefix>
    {
        public static readonly SubnetOrder Instance = new();

        /// <summary>A host without a subnet has the default prefix, which has no address to compare.</summary>
        public int Compare(IpPrefix x, IpPrefix y) => x.Address is null || y.Address is null ? (y.Address is null ? 1 : 0) - (x.Address is null ? 1 : 0) : x.CompareTo(y);
    }
}
