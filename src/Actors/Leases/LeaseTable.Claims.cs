using System.Collections.Immutable;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

public sealed partial record LeaseTable
{
    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideClaim(LeaseCommand.Claim claim)
    {
        if (Network is null)
            return Refuse(RefusalReason.NoNetwork, "The ledger has no network configuration yet.");
        if (!HostName.IsValid(claim.NodeName))
            return Refuse(RefusalReason.Denied, $"'{PlainText.Of(claim.NodeName)}' is no name for a host: {HostName.Rule}");
        if (Leases.TryGetValue(claim.Owner, out var lease))
            return DecideKnownOwner(claim, lease);
        if (NoGrants is { } reason)
            return Refuse(RefusalReason.Denied, reason);

        var v4 = Network.IPv4 is { } pool4 ? IPv4.Choose(pool4, claim.Owner, claim.NodeName, claim.Held?.Subnets.IPv4) : null;
        var v6 = Network.IPv6 is { } pool6 ? IPv6.Choose(pool6, claim.Owner, claim.NodeName, claim.Held?.Subnets.IPv6) : null;
        if (Network.IPv4 is not null && v4 is null)
            return Refuse(RefusalReason.OutOfSubnets, OutOfSubnets(Network.IPv4, IPv4));
        if (Network.IPv6 is not null && v6 is null)
            return Refuse(RefusalReason.OutOfSubnets, OutOfSubnets(Network.IPv6, IPv6));
        var granted = new Lease
        {
            Owner = claim.Owner,
            NodeName = claim.NodeName,
            Subnets = new LeaseSubnets(v4, v6),
            Generation = Revision + 1,
            Public = claim.Public,
            UnderlayMtu = claim.UnderlayMtu,
            Offers = claim.Offers,
        };
        return ([new LeaseEvent.Granted(granted)], new LeaseReply.Granted(granted, ConflictOf(claim, granted)));
    }

    private static (ImmutableArray<LeaseEvent>, LeaseReply) DecideKnownOwner(LeaseCommand.Claim claim, Lease lease)
    {
        var announced = lease with { NodeName = claim.NodeName, Public = claim.Public, UnderlayMtu = claim.UnderlayMtu, Offers = claim.Offers };
        string? conflict = claim.Held is { } held && held.Subnets != lease.Subnets
            ? $"this host says that it holds {held.Subnets} (generation {held.Generation}); the ledger has {lease.Subnets} (generation {lease.Generation}) for it"
            : null;
        return announced == lease
            ? ([], new LeaseReply.Granted(lease, conflict))
            : ([new LeaseEvent.Changed(announced)], new LeaseReply.Granted(announced, conflict));
    }

    private static string OutOfSubnets(SubnetPool pool, SubnetSpace space)
    {
        var kept = new List<string>();
        if (space.Quarantines.Count > 0)
            kept.Add($"{space.Quarantines.Count} in quarantine");
        if (space.Reserved.Keys.Count(subnet => space.HolderOf(subnet) is null && !space.Quarantines.ContainsKey(subnet)) is > 0 and var reserved)
            kept.Add($"{reserved} reserved");
        return $"out of subnets: all {pool.Count} of {pool.Network} are held{(kept.Count == 0 ? "" : $" ({string.Join(", ", kept)})")}";
    }

    private string? ConflictOf(LeaseCommand.Claim claim, Lease granted)
    {
        if (claim.Held is not { } held)
            return null;
        var reasons = held.Subnets.All.Where(subnet => !granted.Subnets.All.Contains(subnet)).Select(Why).ToList();
        return reasons.Count == 0 ? null : $"{string.Join("; ", reasons)}: this host gets {granted.Subnets} instead";

        string Why(IpPrefix subnet)
        {
            var space = SpaceOf(subnet);
            if (space.HolderOf(subnet) is { } holder && Leases.TryGetValue(holder, out var other))
                return $"{subnet} is held by {other.NodeName} ({holder})";
            if (PoolOf(subnet) is not { } pool || !pool.Contains(subnet))
                return $"{subnet} is no subnet of this network";
            if (space.Reserved.TryGetValue(subnet, out string? host) && !HostName.Comparer.Equals(host, claim.NodeName))
                return $"{subnet} is reserved for {host}";
            if (space.Quarantines.TryGetValue(subnet, out var quarantine) && quarantine.Owner != claim.Owner)
                return $"{subnet} is in quarantine after the lease of {quarantine.NodeName} ({quarantine.Owner})";
            return $"another subnet than {subnet} is reserved for {claim.NodeName}";
        }
    }
}
