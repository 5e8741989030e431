using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>
/// The ledger's content: who owns which subnet. A pure state machine: <see cref="Decide"/> looks at a command and says which events shall happen and
/// what to answer once they did; <see cref="Apply"/> makes them so. Whoever drives it (the allocator, a test, a simulator) keeps the two apart by
/// writing the events to the journal in between.
/// </summary>
public sealed record LeaseTable
{
    public static readonly LeaseTable Empty = new();

    /// <summary>Counts the events: equal to the journal's sequence number.</summary>
    public long Revision { get; private init; }

    /// <summary>Counts the configurations; 0 before the first.</summary>
    public long NetworkVersion { get; private init; }

    public NetworkConfig? Network { get; private init; }

    public ImmutableDictionary<NodeId, Lease> Leases { get; private init; } = ImmutableDictionary<NodeId, Lease>.Empty;

    private SubnetSpace IPv4 { get; init; } = new();

    private SubnetSpace IPv6 { get; init; } = new();

    public (ImmutableArray<LeaseEvent> Events, LeaseReply Reply) Decide(LeaseCommand command) => command switch
    {
        LeaseCommand.FoundNetwork found => DecideFound(found),
        LeaseCommand.Claim claim => DecideClaim(claim),
        LeaseCommand.Release release => DecideRelease(release),
        _ => throw new ArgumentException($"Unknown command {command.GetType().Name}.", nameof(command)),
    };

    /// <exception cref="InvalidOperationException">The event contradicts the table: two owners of one subnet, or an end without a beginning.</exception>
    public LeaseTable Apply(LeaseEvent happened)
    {
        var next = happened switch
        {
            LeaseEvent.NetworkSet set => this with { Network = set.Config, NetworkVersion = set.Version },
            LeaseEvent.Granted granted => ApplyGranted(granted.Lease),
            LeaseEvent.Changed changed => ApplyChanged(changed.Lease),
            LeaseEvent.Released released => ApplyReleased(released),
            _ => throw new ArgumentException($"Unknown event {happened.GetType().Name}.", nameof(happened)),
        };
        return next with { Revision = Revision + 1 };
    }

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideFound(LeaseCommand.FoundNetwork found) =>
        (Network is null ? [new LeaseEvent.NetworkSet(1, found.Config)] : [], new LeaseReply.Done());

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideClaim(LeaseCommand.Claim claim)
    {
        if (Network is null)
            return Refuse(RefusalReason.NoNetwork, "The ledger has no network configuration yet.");
        if (Leases.TryGetValue(claim.Owner, out var lease))
            return DecideKnownOwner(claim, lease);

        var v4 = Network.IPv4 is { } pool4 ? IPv4.Choose(pool4, claim.Owner, claim.Held?.Subnets.IPv4) : null;
        var v6 = Network.IPv6 is { } pool6 ? IPv6.Choose(pool6, claim.Owner, claim.Held?.Subnets.IPv6) : null;
        if ((Network.IPv4 is not null && v4 is null) || (Network.IPv6 is not null && v6 is null))
        {
            var pool = v4 is null && Network.IPv4 is not null ? Network.IPv4 : Network.IPv6!;
            return Refuse(RefusalReason.OutOfSubnets, $"out of subnets: all {pool.Count} of {pool.Network} are held");
        }
        var granted = new Lease
        {
            Owner = claim.Owner,
            NodeName = claim.NodeName,
            Subnets = new LeaseSubnets(v4, v6),
            Generation = Revision + 1,
            Public = claim.Public,
            Offers = claim.Offers,
        };
        return ([new LeaseEvent.Granted(granted)], new LeaseReply.Granted(granted, ConflictOf(claim, granted)));
    }

    private static (ImmutableArray<LeaseEvent>, LeaseReply) DecideKnownOwner(LeaseCommand.Claim claim, Lease lease)
    {
        var announced = lease with { NodeName = claim.NodeName, Public = claim.Public, Offers = claim.Offers };
        string? conflict = claim.Held is { } held && held.Subnets != lease.Subnets
            ? $"this host says that it holds {held.Subnets} (generation {held.Generation}); the ledger has {lease.Subnets} (generation {lease.Generation}) for it"
            : null;
        return announced == lease
            ? ([], new LeaseReply.Granted(lease, conflict))
            : ([new LeaseEvent.Changed(announced)], new LeaseReply.Granted(announced, conflict));
    }

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideRelease(LeaseCommand.Release release) =>
        Leases.TryGetValue(release.Owner, out var lease) && lease.Generation == release.Generation
            ? ([new LeaseEvent.Released(release.Owner, release.Generation)], new LeaseReply.Done())
            : Refuse(RefusalReason.NotHeld, $"There is no lease of {release.Owner} with generation {release.Generation}.");

    private string? ConflictOf(LeaseCommand.Claim claim, Lease granted)
    {
        if (claim.Held is not { } held)
            return null;
        var reasons = held.Subnets.All.Where(subnet => !granted.Subnets.All.Contains(subnet)).Select(Why).ToList();
        return reasons.Count == 0 ? null : $"{string.Join("; ", reasons)}: this host gets {granted.Subnets} instead";

        string Why(IpPrefix subnet)
        {
            var space = subnet.IsIPv4 ? IPv4 : IPv6;
            return space.HolderOf(subnet) is { } holder && Leases.TryGetValue(holder, out var other)
                ? $"{subnet} is held by {other.NodeName} ({holder})"
                : $"{subnet} is no subnet of this network";
        }
    }

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
}
