using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>The ledger for a person's eyes: every lease, quarantine and reservation in the order of their subnets.</summary>
internal sealed class LedgerListing
{
    private long revision = -1;
    private IpPrefix[] keys = [];

    /// <param name="after">Null for the first page.</param>
    public (EquatableArray<LeaseDescription> Page, IpPrefix? Next) Page(LeaseTable table, Presence presence, IpPrefix? after, int size)
    {
        // Sorted once for all pages of a ledger that stands still.
        if (revision != table.Revision)
        {
            keys = [.. Keys(table).Order()];
            revision = table.Revision;
        }
        int start = 0;
        if (after is { } last)
        {
            int place = Array.BinarySearch(keys, last);
            start = place < 0 ? ~place : place + 1;
        }
        var page = keys.Skip(start).Take(size).ToList();
        return (page.Select(key => Describe(table, presence, key)).ToEquatableArray(), start + page.Count < keys.Length ? page[^1] : null);
    }

    public static LeaseDescription Describe(LeaseTable table, Presence presence, IpPrefix subnet)
    {
        var space = table.SpaceOf(subnet);
        string? reservedFor = space.Reserved.TryGetValue(subnet, out string? host) ? host : null;
        if (space.HolderOf(subnet) is { } owner)
        {
            var lease = table.Leases[owner];
            reservedFor ??= lease.Subnets.All.Select(other => table.SpaceOf(other).Reserved.GetValueOrDefault(other)).FirstOrDefault(name => name is not null);
            return new LeaseDescription(lease.Subnets, LeaseState.Held, lease, owner, lease.NodeName, reservedFor, Unseen: Whole(presence.Unseen(owner)));
        }
        var alone = subnet.IsIPv4 ? new LeaseSubnets(subnet, null) : new LeaseSubnets(null, subnet);
        if (space.Quarantines.TryGetValue(subnet, out var quarantine))
        {
            return new LeaseDescription(alone, LeaseState.Quarantined, null, quarantine.Owner, quarantine.NodeName, reservedFor,
                QuarantineLeft: Whole(presence.QuarantineLeft(subnet)));
        }
        return new LeaseDescription(alone, reservedFor is null ? LeaseState.Free : LeaseState.Reserved, ReservedFor: reservedFor);
    }

    private static IEnumerable<IpPrefix> Keys(LeaseTable table) =>
        table.Leases.Values.Select(lease => lease.Subnets.All.First())
            .Concat(new[] { table.IPv4, table.IPv6 }.SelectMany(space =>
                space.Quarantines.Keys.Concat(space.Reserved.Keys.Where(subnet => space.HolderOf(subnet) is null && !space.Quarantines.ContainsKey(subnet)))));

    private static TimeSpan? Whole(TimeSpan? time) => time is { } exact ? TimeSpan.FromMilliseconds(Math.Floor(exact.TotalMilliseconds)) : null;
}
