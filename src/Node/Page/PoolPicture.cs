using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Page;

/// <summary>Which subnets of the network's pools are taken, and by whom.</summary>
internal static class PoolPicture
{
    /// <param name="allocator">What only the allocator knows: reservations and quarantines. Null where it has never been heard.</param>
    public static IReadOnlyList<PagePool> Of(NetworkConfig? network, IReadOnlyList<HostFacts> hosts, LedgerModel? allocator) =>
        network is null ? [] : [.. new[] { ("IPv4", network.IPv4), ("IPv6", network.IPv6) }.Where(pool => pool.Item2 is not null).Select(pool => Of(pool.Item1, pool.Item2!, hosts, allocator))];

    private static PagePool Of(string family, SubnetPool pool, IReadOnlyList<HostFacts> hosts, LedgerModel? allocator)
    {
        var taken = new Dictionary<IpPrefix, PageSubnet>();
        for (int i = 0; i < hosts.Count; i++)
        {
            foreach (var subnet in (hosts[i].Lease?.Subnets.All ?? []).Where(pool.Contains))
                taken[subnet] = new PageSubnet((double)pool.IndexOf(subnet), subnet.ToString(), "held", i, PageText.Plain(hosts[i].Name), null);
        }
        foreach (var entry in allocator?.Leases ?? [])
        {
            if (entry.State is not ("reserved" or "quarantined") || !IpPrefix.TryParse(family == "IPv4" ? entry.Subnet : entry.Ipv6Subnet, null, out var subnet) || !pool.Contains(subnet))
                continue;
            // A lease that this host has heard of since is newer than the allocator's listing.
            taken.TryAdd(subnet, new PageSubnet(
                (double)pool.IndexOf(subnet), subnet.ToString(), entry.State, -1, PageText.Plain((entry.State == "reserved" ? entry.ReservedFor : entry.Name) ?? ""), entry.QuarantineLeftSeconds));
        }
        int Count(string state) => taken.Values.Count(subnet => subnet.State == state);
        return new PagePool(
            family, pool.Network.ToString(), pool.First.ToString(), pool.Last.ToString(), pool.SubnetLength, (double)pool.Count,
            Count("held"), Count("reserved"), Count("quarantined"), (double)(pool.Count - (UInt128)taken.Count), [.. taken.Values.OrderBy(subnet => subnet.Index)]);
    }
}
