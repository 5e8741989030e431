using System.Collections.Immutable;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

public sealed partial record LeaseTable
{
    /// <summary>Why an operator cannot mean this subnet; null where she can.</summary>
    public string? NoSubnet(IpPrefix subnet)
    {
        if (Network is null)
            return "the ledger has no network configuration yet";
        if (PoolOf(subnet) is not { } pool)
            return $"{subnet}: this network has no {(subnet.IsIPv4 ? "IPv4" : "IPv6")}";
        return pool.Contains(subnet) ? null
            : $"{subnet} is no subnet of this network: it leases /{pool.SubnetLength}s from {pool.SubnetAt(0)} to {pool.SubnetAt(pool.Count - 1)}";
    }

    /// <summary>The lease is its host's for as long as the reservation stands.</summary>
    public bool IsPinned(Lease lease)
    {
        foreach (var subnet in lease.Subnets.All)
        {
            if (SpaceOf(subnet).Reserved.TryGetValue(subnet, out string? host) && HostName.Comparer.Equals(host, lease.NodeName))
                return true;
        }
        return false;
    }

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideReserve(LeaseCommand.Reserve reserve)
    {
        var (subnet, host) = (reserve.Subnet, reserve.Host);
        if (NoSubnet(subnet) is { } problem)
            return Refuse(RefusalReason.Denied, problem);
        if (NoGrants is { } reason)
            return Refuse(RefusalReason.Denied, reason);
        var space = SpaceOf(subnet);
        if (space.Reserved.TryGetValue(subnet, out string? before))
        {
            return HostName.Comparer.Equals(before, host)
                ? ([], new LeaseReply.Done($"{subnet} is reserved for {before} already"))
                : Refuse(RefusalReason.Denied, $"{subnet} is reserved for {before}: unreserve it first");
        }
        if (space.ReservationOf(host) is { } other)
            return Refuse(RefusalReason.Denied, $"{other} is reserved for {host}: unreserve it first");
        var holder = space.HolderOf(subnet) is { } owner ? Leases[owner] : null;
        if (holder is not null && !HostName.Comparer.Equals(holder.NodeName, host))
            return Refuse(RefusalReason.Denied, $"{subnet} is held by {holder.NodeName} ({holder.Owner}): it can be reserved for another host when that lease has ended");
        string text = $"{subnet} is reserved for {host}";
        if (holder is not null)
            text += ", which holds it and keeps it";
        else if (Leases.Values.FirstOrDefault(lease => HostName.Comparer.Equals(lease.NodeName, host)) is { } present)
            text += $"; it holds {present.Subnets} and keeps that until it releases it ('cluster leave', or 'lease release')";
        else if (space.Quarantines.TryGetValue(subnet, out var quarantine))
            text += $"; it is in quarantine after the lease of {quarantine.NodeName}, and goes to another host only after that";
        return ([new LeaseEvent.Reserved(subnet, host)], new LeaseReply.Done(text));
    }

    private (ImmutableArray<LeaseEvent>, LeaseReply) DecideUnreserve(LeaseCommand.Unreserve unreserve)
    {
        var subnet = unreserve.Subnet;
        var space = SpaceOf(subnet);
        if (!space.Reserved.TryGetValue(subnet, out string? host))
            return Refuse(RefusalReason.Denied, NoSubnet(subnet) ?? $"{subnet} is not reserved");
        string rest = space.HolderOf(subnet) is { } holder ? $": it stays with {Leases[holder].NodeName}, but its lease can expire" : "";
        return ([new LeaseEvent.Unreserved(subnet)], new LeaseReply.Done($"{subnet} is no longer reserved for {host}{rest}"));
    }
}
