using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>
/// What becomes of the subnets of one family, and in which order they are given out: first those that nobody ever had, from SubnetMin on, then those
/// that became free again, the longest free first. So an address that was in use is used again as late as possible.
/// <para>
/// A subnet that was ever touched is in exactly one place: held, in quarantine, in the free order, or set aside by a reservation. None of the questions
/// below looks through more than a few of them, however many leases there are.
/// </para>
/// </summary>
public sealed partial record SubnetSpace
{
    private ImmutableDictionary<IpPrefix, NodeId> Holders { get; init; } = ImmutableDictionary<IpPrefix, NodeId>.Empty;

    private ImmutableDictionary<IpPrefix, Quarantine> InQuarantine { get; init; } = ImmutableDictionary<IpPrefix, Quarantine>.Empty;

    /// <summary>Subnet to host name; also while it is held.</summary>
    private ImmutableDictionary<IpPrefix, string> Reservations { get; init; } = ImmutableDictionary<IpPrefix, string>.Empty;

    private ImmutableDictionary<string, IpPrefix> ReservedFor { get; init; } = ImmutableDictionary.Create<string, IpPrefix>(HostName.Comparer);

    /// <summary>Subnets that are free again, by the revision at which they became so.</summary>
    private ImmutableSortedDictionary<long, IpPrefix> FreeOrder { get; init; } = ImmutableSortedDictionary<long, IpPrefix>.Empty;

    private ImmutableDictionary<IpPrefix, long> FreeSince { get; init; } = ImmutableDictionary<IpPrefix, long>.Empty;

    /// <summary>An owner has one subnet to come back to: the one that it had last. Forgotten when somebody else gets it.</summary>
    private ImmutableDictionary<NodeId, IpPrefix> LastOwned { get; init; } = ImmutableDictionary<NodeId, IpPrefix>.Empty;

    /// <summary><see cref="LastOwned"/> the other way round.</summary>
    private ImmutableDictionary<IpPrefix, NodeId> LastOwner { get; init; } = ImmutableDictionary<IpPrefix, NodeId>.Empty;

    /// <summary>Every subnet of the pool with a lower index was touched.</summary>
    private UInt128 Fresh { get; init; }

    public IReadOnlyDictionary<IpPrefix, Quarantine> Quarantines => InQuarantine;

    /// <summary>Subnets and the names of the hosts that they are kept for.</summary>
    public IReadOnlyDictionary<IpPrefix, string> Reserved => Reservations;

    public NodeId? HolderOf(IpPrefix subnet) => Holders.TryGetValue(subnet, out var holder) ? holder : null;

    public IpPrefix? ReservationOf(string host) => ReservedFor.TryGetValue(host, out var subnet) ? subnet : null;

    /// <summary>
    /// The subnet to give to this owner: the one reserved for its name, what it says it held, what it had last, or the next in order; null when there is none.
    /// </summary>
    public IpPrefix? Choose(SubnetPool pool, NodeId owner, string nodeName, IpPrefix? held)
    {
        if (ReservedFor.TryGetValue(nodeName, out var reserved) && IsOpen(reserved))
            return reserved;
        if (held is { } wish && IsOpen(wish))
            return wish;
        if (LastOwned.TryGetValue(owner, out var last) && IsOpen(last))
            return last;
        var fresh = FirstFresh(pool);
        if (fresh < pool.Count)
            return pool.SubnetAt(fresh);
        foreach (var subnet in FreeOrder.Values)
        {
            if (pool.Contains(subnet))
                return subnet;
        }
        return null;

        bool IsOpen(IpPrefix subnet) =>
            pool.Contains(subnet)
            && !Holders.ContainsKey(subnet)
            && (!InQuarantine.TryGetValue(subnet, out var quarantine) || quarantine.Owner == owner)
            && (!Reservations.TryGetValue(subnet, out string? host) || HostName.Comparer.Equals(host, nodeName));
    }

    /// <exception cref="InvalidOperationException">Somebody holds it, or it is in somebody else's quarantine: the journal contradicts itself.</exception>
    public SubnetSpace Hold(SubnetPool? pool, IpPrefix subnet, NodeId owner)
    {
        if (Holders.TryGetValue(subnet, out var holder))
            throw new InvalidOperationException($"{subnet} is granted to {owner}, but {holder} holds it.");
        if (InQuarantine.TryGetValue(subnet, out var quarantine) && quarantine.Owner != owner)
            throw new InvalidOperationException($"{subnet} is granted to {owner} in the quarantine of {quarantine.Owner}.");
        var next = OutOfFreeOrder(subnet) with
        {
            Holders = Holders.Add(subnet, owner),
            InQuarantine = InQuarantine.Remove(subnet),
        };
        if (LastOwner.TryGetValue(subnet, out var before))
            next = next with { LastOwner = LastOwner.Remove(subnet), LastOwned = LastOwned.Remove(before) };
        return next.PassTouched(pool);
    }

    public SubnetSpace Release(IpPrefix subnet, NodeId owner, long revision) => Leave(subnet, owner).IntoFreeOrder(subnet, revision);

    public SubnetSpace Expire(IpPrefix subnet, Quarantine quarantine) =>
        Leave(subnet, quarantine.Owner) with { InQuarantine = InQuarantine.Add(subnet, quarantine) };

    /// <exception cref="InvalidOperationException">It is not in quarantine.</exception>
    public SubnetSpace EndQuarantine(IpPrefix subnet, long revision) => InQuarantine.ContainsKey(subnet)
        ? (this with { InQuarantine = InQuarantine.Remove(subnet) }).IntoFreeOrder(subnet, revision)
        : throw new InvalidOperationException($"{subnet} is not in quarantine.");

    /// <exception cref="InvalidOperationException">It is reserved, or the host has a reservation.</exception>
    public SubnetSpace Reserve(SubnetPool? pool, IpPrefix subnet, string host)
    {
        if (Reservations.ContainsKey(subnet) || ReservedFor.ContainsKey(host))
            throw new InvalidOperationException($"{subnet} is reserved for {host} beside another reservation.");
        var next = OutOfFreeOrder(subnet) with { Reservations = Reservations.Add(subnet, host), ReservedFor = ReservedFor.Add(host, subnet) };
        return next.PassTouched(pool);
    }

    /// <exception cref="InvalidOperationException">It is not reserved.</exception>
    public SubnetSpace Unreserve(IpPrefix subnet, long revision)
    {
        if (!Reservations.TryGetValue(subnet, out string? host))
            throw new InvalidOperationException($"{subnet} is not reserved.");
        var next = this with { Reservations = Reservations.Remove(subnet), ReservedFor = ReservedFor.Remove(host) };
        return Holders.ContainsKey(subnet) || InQuarantine.ContainsKey(subnet) ? next : next.IntoFreeOrder(subnet, revision);
    }

    /// <summary>For another pool: indexes of the former one say nothing.</summary>
    public SubnetSpace InPool(SubnetPool? pool) => (this with { Fresh = 0 }).PassTouched(pool);

    private SubnetSpace Leave(IpPrefix subnet, NodeId owner)
    {
        var owners = LastOwned.TryGetValue(owner, out var earlier) ? LastOwner.Remove(earlier) : LastOwner;
        return this with
        {
            Holders = Holders.Remove(subnet),
            LastOwned = LastOwned.SetItem(owner, subnet),
            LastOwner = owners.Add(subnet, owner),
        };
    }

    /// <summary>At the back. What is reserved is not free.</summary>
    private SubnetSpace IntoFreeOrder(IpPrefix subnet, long revision) => Reservations.ContainsKey(subnet)
        ? this
        : this with { FreeOrder = FreeOrder.Add(revision, subnet), FreeSince = FreeSince.Add(subnet, revision) };

    private SubnetSpace OutOfFreeOrder(IpPrefix subnet) => FreeSince.TryGetValue(subnet, out long since)
        ? this with { FreeOrder = FreeOrder.Remove(since), FreeSince = FreeSince.Remove(subnet) }
        : this;

    private SubnetSpace PassTouched(SubnetPool? pool) => pool is null ? this : this with { Fresh = FirstFresh(pool) };

    private UInt128 FirstFresh(SubnetPool pool)
    {
        var index = Fresh;
        while (index < pool.Count && IsTouched(pool.SubnetAt(index)))
            index++;
        return index;

        bool IsTouched(IpPrefix subnet) =>
            Holders.ContainsKey(subnet) || FreeSince.ContainsKey(subnet) || InQuarantine.ContainsKey(subnet) || Reservations.ContainsKey(subnet);
    }
}
