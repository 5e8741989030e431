using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

public sealed partial record SubnetSpace
{
    internal SpaceSnapshot ToSnapshot() => new(
        FreeOrder.Select(pair => (pair.Value, pair.Key)).ToEquatableArray(),
        LastOwner.Select(pair => (pair.Key, pair.Value)).ToEquatableArray(),
        InQuarantine.Select(pair => (pair.Key, pair.Value)).ToEquatableArray(),
        Reservations.Select(pair => (pair.Key, pair.Value)).ToEquatableArray());

    /// <exception cref="InvalidOperationException">The snapshot contradicts itself.</exception>
    internal static SubnetSpace From(SpaceSnapshot saved, SubnetPool? pool, IEnumerable<(IpPrefix Subnet, NodeId Owner)> held)
    {
        try
        {
            var space = new SubnetSpace
            {
                Holders = held.ToImmutableDictionary(item => item.Subnet, item => item.Owner),
                InQuarantine = saved.Quarantines.ToImmutableDictionary(item => item.Subnet, item => item.Quarantine),
                Reservations = saved.Reservations.ToImmutableDictionary(item => item.Subnet, item => item.Host),
                ReservedFor = saved.Reservations.ToImmutableDictionary(item => item.Host, item => item.Subnet, HostName.Comparer),
                FreeOrder = saved.Free.ToImmutableSortedDictionary(item => item.Since, item => item.Subnet),
                FreeSince = saved.Free.ToImmutableDictionary(item => item.Subnet, item => item.Since),
                LastOwned = saved.LastOwners.ToImmutableDictionary(item => item.Owner, item => item.Subnet),
                LastOwner = saved.LastOwners.ToImmutableDictionary(item => item.Subnet, item => item.Owner),
            };
            // Which subnets were never touched needs no place in the snapshot: all the others are in it.
            return space.InPool(pool);
        }
        catch (ArgumentException e)
        {
            throw new InvalidOperationException($"The ledger's snapshot contradicts itself: {e.Message}", e);
        }
    }
}
