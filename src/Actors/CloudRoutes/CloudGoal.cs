using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.CloudRoutes;

/// <summary>What one host wants of its cloud: a route to each of its own subnets, and that no dead host's stays.</summary>
/// <param name="BackEnd">Which cloud, and the options that it has.</param>
/// <param name="Local">This host's addresses: by them the cloud's network interface is found.</param>
/// <param name="Own">This host's subnets; empty once its lease was given back.</param>
/// <param name="Pools">The subnets that there can be. A route to anything else is nobody's business here.</param>
/// <param name="Held">The subnets of all other hosts.</param>
public sealed record CloudGoal(
    BackEndConfig BackEnd,
    HostAddresses Local,
    EquatableArray<IpPrefix> Own,
    EquatableArray<SubnetPool> Pools,
    EquatableArray<IpPrefix> Held)
{
    /// <returns>Null for a back end that is no cloud's.</returns>
    /// <param name="leases">All leases; the own one is passed over.</param>
    public static CloudGoal? Of(HostFacts host, Lease mine, IEnumerable<Lease> leases)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(mine);
        if (!BackEndRegistry.IsCloud(host.Network.BackEnd.Type))
            return null;
        return new CloudGoal(
            host.Network.BackEnd,
            host.Underlay.Local,
            mine.Subnets.All.ToEquatableArray(),
            new[] { host.Network.IPv4, host.Network.IPv6 }.OfType<SubnetPool>().ToEquatableArray(),
            leases.Where(lease => lease.Owner != host.Node).SelectMany(lease => lease.Subnets.All).Order().ToEquatableArray());
    }

    /// <summary>True for what a host of this network can have as its subnet, and for nothing wider or narrower.</summary>
    public bool IsSubnet(IpPrefix destination) => Own.Contains(destination) || Pools.Any(pool => pool.Contains(destination));

    /// <summary>The lease is given back: nothing of this host's may stay.</summary>
    public CloudGoal GivenBack() => this with { Own = [] };

    /// <summary>True where the other goal wants other routes for this host; what others hold aside.</summary>
    public bool WantsOtherThan(CloudGoal? other) =>
        other is null || BackEnd != other.BackEnd || Local != other.Local || Own != other.Own || Pools != other.Pools;
}
