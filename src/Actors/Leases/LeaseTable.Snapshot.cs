using System.Collections.Immutable;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Leases;

public sealed partial record LeaseTable
{
    public LedgerSnapshot ToSnapshot() => new(
        Revision,
        Network is null ? null : new NetworkVersion(NetworkVersion, Network),
        Leases.Values.ToEquatableArray(),
        IPv4.ToSnapshot(),
        IPv6.ToSnapshot())
    {
        Standing = Standing,
    };

    /// <exception cref="InvalidOperationException">The snapshot contradicts itself.</exception>
    public static LeaseTable From(LedgerSnapshot saved)
    {
        var leases = ImmutableDictionary.CreateBuilder<NodeId, Lease>();
        foreach (var lease in saved.Leases)
        {
            if (!leases.TryAdd(lease.Owner, lease))
                throw new InvalidOperationException($"The ledger's snapshot has two leases of {lease.Owner}.");
        }
        return new LeaseTable
        {
            Revision = saved.Revision,
            NetworkVersion = saved.Network?.Version ?? 0,
            Network = saved.Network?.Config,
            Standing = saved.Standing,
            Leases = leases.ToImmutable(),
            IPv4 = SubnetSpace.From(saved.IPv4, saved.Network?.Config.IPv4, saved.Leases.Where(lease => lease.Subnets.IPv4 is not null).Select(lease => (lease.Subnets.IPv4!.Value, lease.Owner))),
            IPv6 = SubnetSpace.From(saved.IPv6, saved.Network?.Config.IPv6, saved.Leases.Where(lease => lease.Subnets.IPv6 is not null).Select(lease => (lease.Subnets.IPv6!.Value, lease.Owner))),
        };
    }
}
