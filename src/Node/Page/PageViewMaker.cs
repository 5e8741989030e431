namespace AkkaOverlay.Node.Page;

/// <summary>From facts to the picture. Pure.</summary>
internal static class PageViewMaker
{
    public static PageView Make(PageFacts facts)
    {
        var hosts = HostList.Of(facts);
        var lastSeen = (facts.Allocator?.Leases ?? []).Where(lease => lease.Node.Length > 0 && lease.LastSeenSeconds is not null)
            .GroupBy(lease => lease.Node).ToDictionary(group => group.Key, group => group.First().LastSeenSeconds);
        var network = facts.Ledger.Network ?? facts.Status.Network;
        return new PageView(
            facts.Self,
            network is null ? null : new PageNetwork(
                [.. new[] { network.Config.IPv4, network.Config.IPv6 }.Where(pool => pool is not null).Select(pool => pool!.Network.ToString())],
                network.Config.BackEnd.Type,
                facts.Status.Plan.Mtu,
                network.Version,
                facts.Ledger.Revision,
                facts.Ledger.Live,
                facts.Ledger.Age?.TotalSeconds),
            new PageCluster(
                facts.Cluster?.State ?? "none",
                facts.Cluster?.WaitsFor,
                facts.Seats,
                facts.Cluster?.CoreReached ?? 0,
                hosts.Index().Where(host => host.Item.Member is { HasAllocator: true }).Select(host => host.Index).FirstOrDefault(-1),
                facts.AllocatorAnswers),
            [.. hosts.Select(host => HostList.ToPage(host, facts, host.Node is { } node ? lastSeen.GetValueOrDefault(node.ToString()) : null))],
            PoolPicture.Of(network?.Config, hosts, facts.Allocator),
            WaysGrid.Of(hosts),
            EventList.Of(hosts, facts.Happened));
    }
}
