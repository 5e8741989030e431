using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>
/// Which subnets of one family are held, and in which order the others are given out: first those that nobody ever had, from SubnetMin on, then
/// released ones, the longest free first. So an address that was in use is used again as late as possible.
/// </summary>
public sealed record SubnetSpace
{
    private ImmutableDictionary<IpPrefix, NodeId> Holders { get; init; } = ImmutableDictionary<IpPrefix, NodeId>.Empty;

    /// <summary>Released subnets by the revision of their release.</summary>
    private ImmutableSortedDictionary<long, (IpPrefix Subnet, NodeId LastOwner)> Released { get; init; } =
        ImmutableSortedDictionary<long, (IpPrefix, NodeId)>.Empty;

    private ImmutableDictionary<IpPrefix, long> ReleasedAt { get; init; } = ImmutableDictionary<IpPrefix, long>.Empty;

    private ImmutableDictionary<NodeId, IpPrefix> LastOwned { get; init; } = ImmutableDictionary<NodeId, IpPrefix>.Empty;

    /// <summary>Every subnet of the pool with a lower index was held at some time.</summary>
    private UInt128 Fresh { get; init; }

    public int HeldCount => Holders.Count;

    public NodeId? HolderOf(IpPrefix subnet) => Holders.TryGetValue(subnet, out var holder) ? holder : null;

    /// <summary>
    /// The subnet to give to this owner: what it says it held, what it released last, or the next in order; null when every one is held.
    /// </summary>
    public IpPrefix? Choose(SubnetPool pool, NodeId owner, IpPrefix? held)
    {
        if (held is { } wish && pool.Contains(wish) && !Holders.ContainsKey(wish))
            return wish;
        if (LastOwned.TryGetValue(owner, out var last) && pool.Contains(last) && !Holders.ContainsKey(last))
            return last;
        var fresh = FirstFresh(pool);
        if (fresh < pool.Count)
            return pool.SubnetAt(fresh);
        foreach (var (subnet, _) in Released.Values)
        {
            if (pool.Contains(subnet))
                return subnet;
        }
        return null;
    }

    /// <exception cref="InvalidOperationException">Somebody holds it: the journal contradicts itself.</exception>
    public SubnetSpace Hold(SubnetPool? pool, IpPrefix subnet, NodeId owner)
    {
        if (Holders.TryGetValue(subnet, out var holder))
            throw new InvalidOperationException($"{subnet} is granted to {owner}, but {holder} holds it.");
        var next = this with { Holders = Holders.Add(subnet, owner) };
        if (ReleasedAt.TryGetValue(subnet, out long at))
        {
            var lastOwner = Released[at].LastOwner;
            next = next with
            {
                Released = Released.Remove(at),
                ReleasedAt = ReleasedAt.Remove(subnet),
                LastOwned = LastOwned.TryGetValue(lastOwner, out var last) && last == subnet ? LastOwned.Remove(lastOwner) : LastOwned,
            };
        }
        return pool is null ? next : next with { Fresh = next.FirstFresh(pool) };
    }

    public SubnetSpace Release(IpPrefix subnet, NodeId owner, long revision)
    {
        // An owner has one subnet to come back to: the one that it released last.
        return this with
        {
            Holders = Holders.Remove(subnet),
            Released = Released.Add(revision, (subnet, owner)),
            ReleasedAt = ReleasedAt.Add(subnet, revision),
            LastOwned = LastOwned.SetItem(owner, subnet),
        };
    }

    private UInt128 FirstFresh(SubnetPool pool)
    {
        var index = Fresh;
        while (index < pool.Count && (Holders.ContainsKey(pool.SubnetAt(index)) || ReleasedAt.ContainsKey(pool.SubnetAt(index))))
            index++;
        return index;
    }
}
