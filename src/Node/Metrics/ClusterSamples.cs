using System.Globalization;
using System.Text.RegularExpressions;
using Akka.Cluster;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Node.Metrics;

/// <summary>The cluster as this host sees it, and the allocator where it is here.</summary>
internal static partial class ClusterSamples
{
    /// <summary>There from the start, so that an alert on one of them has something to compare.</summary>
    private static readonly MemberStatus[] Statuses = [MemberStatus.Joining, MemberStatus.WeaklyUp, MemberStatus.Up, MemberStatus.Leaving, MemberStatus.Exiting, MemberStatus.Down];

    /// <param name="self">Null where this host has no connection to the cluster.</param>
    /// <param name="members">Of every member.</param>
    public static void Add(Samples samples, MemberStatus? self, IReadOnlyCollection<MemberStatus> members, int unreachable)
    {
        samples.Add(Catalogue.ClusterUp, self == MemberStatus.Up);
        foreach (var status in Statuses)
            samples.Add(Catalogue.ClusterMembers, members.Count(member => member == status), Snake(status.ToString()));
        samples.Add(Catalogue.ClusterUnreachable, unreachable);
    }

    /// <param name="table">Null where the allocator is not on this host.</param>
    public static void Add(Samples samples, LeaseTable? table)
    {
        samples.Add(Catalogue.Allocator, table is not null);
        if (table is null)
            return;
        samples.Add(Catalogue.AllocatorRevision, table.Revision);
        foreach (var pool in PoolCounts.Of(table))
        {
            samples.Add(Catalogue.PoolSubnets, pool.Free, pool.Family, "free");
            samples.Add(Catalogue.PoolSubnets, pool.Leased, pool.Family, "leased");
            samples.Add(Catalogue.PoolSubnets, pool.Quarantined, pool.Family, "quarantined");
            samples.Add(Catalogue.PoolSubnets, pool.Reserved, pool.Family, "reserved");
        }
    }

    /// <summary>NoRoute is no_route: what labels are written like.</summary>
    internal static string Snake(string name) => Inside().Replace(name, "_").ToLower(CultureInfo.InvariantCulture);

    [GeneratedRegex("(?<=[a-z])(?=[A-Z])")]
    private static partial Regex Inside();
}
