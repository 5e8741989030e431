using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Leases;

/// <summary>How many subnets of one pool are in which state; together they are the pool.</summary>
/// <param name="Family">"ipv4" or "ipv6".</param>
/// <param name="Free">For anybody; what is reserved or in quarantine is not. A pool of IPv6 can have more than a double counts exactly.</param>
/// <param name="Reserved">Kept for a host that does not hold it.</param>
public sealed record PoolCounts(string Family, double Free, int Leased, int Quarantined, int Reserved)
{
    public static ImmutableArray<PoolCounts> Of(LeaseTable table)
    {
        var counts = ImmutableArray.CreateBuilder<PoolCounts>();
        if (table.Network?.IPv4 is { } ipv4)
            counts.Add(Of("ipv4", ipv4, table.IPv4, table.Leases.Values.Count(lease => lease.Subnets.IPv4 is { } subnet && ipv4.Contains(subnet))));
        if (table.Network?.IPv6 is { } ipv6)
            counts.Add(Of("ipv6", ipv6, table.IPv6, table.Leases.Values.Count(lease => lease.Subnets.IPv6 is { } subnet && ipv6.Contains(subnet))));
        return counts.ToImmutable();
    }

    private static PoolCounts Of(string family, SubnetPool pool, SubnetSpace space, int leased)
    {
        int quarantined = space.Quarantines.Keys.Count(pool.Contains);
        int reserved = space.Reserved.Keys.Count(subnet => pool.Contains(subnet) && space.HolderOf(subnet) is null && !space.Quarantines.ContainsKey(subnet));
        return new PoolCounts(family, (double)(pool.Count - (UInt128)(leased + quarantined + reserved)), leased, quarantined, reserved);
    }
}
