using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>
/// When each owner was last seen, and since when each subnet is in quarantine: in the allocator's memory only, for a renewal is not worth an event. A new
/// allocator begins every TTL and every quarantine afresh, so a lease may live too long and never too short.
/// <para>
/// Time here is the time in which the allocator could have heard somebody. It is taken from a monotonic clock, which nobody sets; and it goes on by
/// <see cref="LongestStep"/> at most from one <see cref="Advance"/> to the next. So an allocator that was suspended for a day (its machine asleep, its
/// process stopped) does not wake up and expire everybody that it had no chance to hear.
/// </para>
/// </summary>
public sealed class Presence(TimeProvider time, LeaseTimes times)
{
    /// <summary>The allocator advances every second; more than this in between means that it did not run.</summary>
    public static readonly TimeSpan LongestStep = TimeSpan.FromSeconds(10);

    /// <summary>A claim that was refused is repeated every 5 s: whoever is silent for longer has gone.</summary>
    private static readonly TimeSpan WaitingFor = TimeSpan.FromSeconds(30);

    private readonly Recency<NodeId> seen = new();
    private readonly Recency<IpPrefix> quarantined = new();
    private readonly Recency<NodeId> waiting = new();
    private long lastStep = time.GetTimestamp();
    private TimeSpan now;

    /// <summary>For how long this allocator has listened.</summary>
    public TimeSpan Listening => now;

    public void Advance()
    {
        long stamp = time.GetTimestamp();
        var step = time.GetElapsedTime(lastStep, stamp);
        lastStep = stamp;
        now += step < LongestStep ? step : LongestStep;
    }

    /// <summary>A ledger that this allocator has just read: everybody is seen now, every quarantine begins now.</summary>
    public void Begin(LeaseTable table)
    {
        // Reading it took its time, in which nobody could be heard.
        Advance();
        seen.Clear();
        quarantined.Clear();
        foreach (var owner in table.Leases.Keys)
            seen.Touch(owner, now);
        foreach (var subnet in table.IPv4.Quarantines.Keys.Concat(table.IPv6.Quarantines.Keys))
            quarantined.Touch(subnet, now);
    }

    /// <summary>The owner has just said that it lives.</summary>
    public void Seen(NodeId owner) => seen.Touch(owner, now);

    /// <param name="before">The table to which the event happened.</param>
    public void Note(LeaseEvent happened, LeaseTable before)
    {
        // Writing it took its time, and its quarantine begins only now.
        Advance();
        switch (happened)
        {
            case LeaseEvent.Granted { Lease: var lease }:
                seen.Touch(lease.Owner, now);
                waiting.Forget(lease.Owner);
                foreach (var subnet in lease.Subnets.All)
                    quarantined.Forget(subnet);
                break;
            case LeaseEvent.Released released:
                seen.Forget(released.Owner);
                break;
            case LeaseEvent.Expired expired:
                seen.Forget(expired.Owner);
                foreach (var subnet in before.Leases[expired.Owner].Subnets.All)
                    quarantined.Touch(subnet, now);
                break;
            case LeaseEvent.QuarantineOver over:
                quarantined.Forget(over.Subnet);
                break;
        }
    }

    /// <summary>For how long the owner was not seen; null where it has no lease.</summary>
    public TimeSpan? Unseen(NodeId owner) => seen.TryGet(owner, out var at) ? now - at : null;

    /// <summary>How long a subnet stays in quarantine; null where it is in none.</summary>
    public TimeSpan? QuarantineLeft(IpPrefix subnet) => quarantined.TryGet(subnet, out var at) ? Left(at.Value) : null;

    /// <summary>What the passing of time asks for: leases that ran out, quarantines that are over.</summary>
    /// <param name="atMost">The rest comes the next time.</param>
    public IReadOnlyList<LeaseCommand> Due(LeaseTable table, int atMost)
    {
        var over = quarantined.OldestFirst.TakeWhile(item => Left(item.At) == TimeSpan.Zero).Select(item => (LeaseCommand)new LeaseCommand.EndQuarantine(item.Key));
        return [.. over.Concat(Expirable(table, times.Ttl)).Take(atMost)];
    }

    /// <summary>
    /// Somebody was refused because the pool is dry. Says whose lease shall expire for it: the longest unseen, where enough subnets are not on their way
    /// already for everybody who waits.
    /// </summary>
    public LeaseCommand.Expire? Reclaim(LeaseTable table, NodeId waitingOwner)
    {
        waiting.ForgetBefore(now - WaitingFor);
        waiting.Touch(waitingOwner, now);
        return Math.Max(table.IPv4.Quarantines.Count, table.IPv6.Quarantines.Count) < waiting.Count
            ? Expirable(table, times.ReclaimAfter).FirstOrDefault()
            : null;
    }

    /// <summary>When a subnet of that family comes out of its quarantine and is nobody's; null where none is on its way.</summary>
    public TimeSpan? NextFree(LeaseTable table, bool ipv4)
    {
        var space = ipv4 ? table.IPv4 : table.IPv6;
        foreach (var (subnet, at) in quarantined.OldestFirst)
        {
            if (subnet.IsIPv4 == ipv4 && !space.Reserved.ContainsKey(subnet))
                return Left(at);
        }
        return null;
    }

    private IEnumerable<LeaseCommand.Expire> Expirable(LeaseTable table, TimeSpan unseenFor)
    {
        foreach (var (owner, at) in seen.OldestFirst)
        {
            if (now - at < unseenFor)
                yield break;
            if (table.Leases.TryGetValue(owner, out var lease) && !table.IsPinned(lease))
                yield return new LeaseCommand.Expire(owner, lease.Generation);
        }
    }

    private TimeSpan Left(TimeSpan since) => since + times.Quarantine > now ? since + times.Quarantine - now : TimeSpan.Zero;
}
