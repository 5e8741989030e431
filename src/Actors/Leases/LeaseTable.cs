using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>
/// The ledger's content: who owns which subnet. A pure state machine: <see cref="Decide"/> looks at a command and says which events shall happen and
/// what to answer once they did; <see cref="Apply"/> makes them so. Whoever drives it (the allocator, a test, a simulator) keeps the two apart by
/// writing the events to the journal in between.
/// </summary>
public sealed partial record LeaseTable
{
    public static readonly LeaseTable Empty = new();

    /// <summary>Counts the events: equal to the journal's sequence number.</summary>
    public long Revision { get; private init; }

    /// <summary>Counts the configurations; 0 before the first.</summary>
    public long NetworkVersion { get; private init; }

    public NetworkConfig? Network { get; private init; }

    public ImmutableDictionary<NodeId, Lease> Leases { get; private init; } = ImmutableDictionary<NodeId, Lease>.Empty;

    /// <summary>The subnets of either family beside the leases: what is in quarantine, what is reserved, and for whom.</summary>
    public SubnetSpace IPv4 { get; private init; } = new();

    public SubnetSpace IPv6 { get; private init; } = new();

    public (ImmutableArray<LeaseEvent> Events, LeaseReply Reply) Decide(LeaseCommand command) => command switch
    {
        LeaseCommand.FoundNetwork found => DecideFound(found),
        LeaseCommand.Claim claim => DecideClaim(claim),
        LeaseCommand.Release release => DecideRelease(release),
        LeaseCommand.Expire expire => DecideExpire(expire),
        LeaseCommand.EndQuarantine end => DecideEndQuarantine(end),
        LeaseCommand.Reserve reserve => DecideReserve(reserve),
        LeaseCommand.Unreserve unreserve => DecideUnreserve(unreserve),
        LeaseCommand.SetNetwork set => DecideSetNetwork(set),
        LeaseCommand.KeepNetwork keep => DecideKeepNetwork(keep),
        LeaseCommand.TakeBackNetwork back => DecideTakeBackNetwork(back),
        _ => throw new ArgumentException($"Unknown command {command.GetType().Name}.", nameof(command)),
    };

    /// <exception cref="InvalidOperationException">The event contradicts the table: two owners of one subnet, or an end without a beginning.</exception>
    public LeaseTable Apply(LeaseEvent happened)
    {
        var next = happened switch
        {
            LeaseEvent.NetworkSet set => ApplyNetworkSet(set),
            LeaseEvent.Granted granted => ApplyGranted(granted.Lease),
            LeaseEvent.Changed changed => ApplyChanged(changed.Lease),
            LeaseEvent.Released released => ApplyReleased(released),
            LeaseEvent.Expired expired => ApplyExpired(expired),
            LeaseEvent.QuarantineOver over => Within(over.Subnet, space => space.EndQuarantine(over.Subnet, Revision + 1)),
            LeaseEvent.Reserved reserved => Within(reserved.Subnet, space => space.Reserve(PoolOf(reserved.Subnet), reserved.Subnet, reserved.Host)),
            LeaseEvent.Unreserved unreserved => Within(unreserved.Subnet, space => space.Unreserve(unreserved.Subnet, Revision + 1)),
            _ => throw new ArgumentException($"Unknown event {happened.GetType().Name}.", nameof(happened)),
        };
        return next with { Revision = Revision + 1 };
    }

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideFound(LeaseCommand.FoundNetwork found) =>
        (Network is null ? [new LeaseEvent.NetworkSet(1, found.Config)] : [], new LeaseReply.Done());

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideRelease(LeaseCommand.Release release) =>
        Leases.TryGetValue(release.Owner, out var lease) && lease.Generation == release.Generation
            ? ([new LeaseEvent.Released(release.Owner, release.Generation)], new LeaseReply.Done())
            : Refuse(RefusalReason.NotHeld, $"There is no lease of {release.Owner} with generation {release.Generation}.");

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideExpire(LeaseCommand.Expire expire)
    {
        if (!Leases.TryGetValue(expire.Owner, out var lease) || lease.Generation != expire.Generation)
            return Refuse(RefusalReason.NotHeld, $"There is no lease of {expire.Owner} with generation {expire.Generation}.");
        return IsPinned(lease)
            ? Refuse(RefusalReason.Denied, $"{lease.Subnets} is reserved for {lease.NodeName}: its lease does not expire.")
            : ([new LeaseEvent.Expired(expire.Owner, expire.Generation)], new LeaseReply.Done());
    }

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideEndQuarantine(LeaseCommand.EndQuarantine end) => SpaceOf(end.Subnet).Quarantines.ContainsKey(end.Subnet)
        ? ([new LeaseEvent.QuarantineOver(end.Subnet)], new LeaseReply.Done())
        : Refuse(RefusalReason.Denied, $"{end.Subnet} is not in quarantine.");

    private static (ImmutableArray<LeaseEvent>, LeaseReply) Refuse(RefusalReason reason, string text) => ([], new LeaseReply.Refused(reason, text));

    private LeaseTable ApplyGranted(Lease lease)
    {
        if (Leases.TryGetValue(lease.Owner, out var before))
            throw new InvalidOperationException($"{lease.Owner} is granted {lease.Subnets}, but holds {before.Subnets}.");
        return this with
        {
            Leases = Leases.Add(lease.Owner, lease),
            IPv4 = lease.Subnets.IPv4 is { } v4 ? IPv4.Hold(Network?.IPv4, v4, lease.Owner) : IPv4,
            IPv6 = lease.Subnets.IPv6 is { } v6 ? IPv6.Hold(Network?.IPv6, v6, lease.Owner) : IPv6,
        };
    }

    private LeaseTable ApplyChanged(Lease lease)
    {
        if (!Leases.TryGetValue(lease.Owner, out var before) || before.Subnets != lease.Subnets || before.Generation != lease.Generation)
            throw new InvalidOperationException($"{lease.Owner} has new data for {lease.Subnets}, generation {lease.Generation}, which it does not hold.");
        return this with { Leases = Leases.SetItem(lease.Owner, lease) };
    }

    private LeaseTable ApplyReleased(LeaseEvent.Released released)
    {
        if (!Leases.TryGetValue(released.Owner, out var lease) || lease.Generation != released.Generation)
            throw new InvalidOperationException($"{released.Owner} releases generation {released.Generation}, which it does not hold.");
        long revision = Revision + 1;
        return this with
        {
            Leases = Leases.Remove(released.Owner),
            IPv4 = lease.Subnets.IPv4 is { } v4 ? IPv4.Release(v4, lease.Owner, revision) : IPv4,
            IPv6 = lease.Subnets.IPv6 is { } v6 ? IPv6.Release(v6, lease.Owner, revision) : IPv6,
        };
    }

    private LeaseTable ApplyExpired(LeaseEvent.Expired expired)
    {
        if (!Leases.TryGetValue(expired.Owner, out var lease) || lease.Generation != expired.Generation)
            throw new InvalidOperationException($"Generation {expired.Generation} of {expired.Owner} expires, which it does not hold.");
        var quarantine = new Quarantine(lease.Owner, lease.NodeName, Revision + 1);
        return this with
        {
            Leases = Leases.Remove(expired.Owner),
            IPv4 = lease.Subnets.IPv4 is { } v4 ? IPv4.Expire(v4, quarantine) : IPv4,
            IPv6 = lease.Subnets.IPv6 is { } v6 ? IPv6.Expire(v6, quarantine) : IPv6,
        };
    }

    /// <summary>Of the subnet's family.</summary>
    public SubnetSpace SpaceOf(IpPrefix subnet) => subnet.IsIPv4 ? IPv4 : IPv6;

    private SubnetPool? PoolOf(IpPrefix subnet) => subnet.IsIPv4 ? Network?.IPv4 : Network?.IPv6;

    private LeaseTable Within(IpPrefix subnet, Func<SubnetSpace, SubnetSpace> change) =>
        subnet.IsIPv4 ? this with { IPv4 = change(IPv4) } : this with { IPv6 = change(IPv6) };
}
