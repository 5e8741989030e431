using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.LeaseFeed;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.View;

/// <summary>What a step of the ledger means to an operator.</summary>
internal static class LedgerEvents
{
    /// <summary>Of one step: a snapshot after a long pause may hold a thousand changes, and would drive everything else out of the ring.</summary>
    internal const int Most = 20;

    /// <param name="before">Null where nothing was known: what is there then is no news.</param>
    public static IEnumerable<OverlayEvent> Between(HostProtocol.LedgerSeen? before, LedgerFollowed step)
    {
        if (before is null)
            return [];
        var all = All(before, step.Now, step.Happened).ToList();
        return all.Count <= Most ? all : [.. all.Take(Most), Event(EventKind.Lease, EventWeight.Normal, "", $"and {all.Count - Most} more changes of leases")];
    }

    private static IEnumerable<OverlayEvent> All(HostProtocol.LedgerSeen before, HostProtocol.LedgerSeen now, LeaseEvent? happened)
    {
        if (before.Epoch != now.Epoch)
            yield return Event(EventKind.Ledger, EventWeight.Normal, "", $"another allocator has the ledger open (revision {now.Revision})");
        if (before.Network.Version != now.Network.Version)
            yield return Event(EventKind.Network, EventWeight.Warning, "", $"the network's configuration is now version {now.Network.Version}");
        foreach (var (owner, lease) in now.Leases)
        {
            if (before.Leases.TryGetValue(owner, out var old))
            {
                if (ReferenceEquals(old, lease))
                    continue;
                if (old.Subnets != lease.Subnets)
                    yield return Event(EventKind.Lease, EventWeight.Warning, lease.NodeName, $"moved from {old.Subnets} to {lease.Subnets}");
                if (old.Public != lease.Public)
                    yield return Event(EventKind.Lease, EventWeight.Normal, lease.NodeName, $"is now at {string.Join(" and ", new[] { lease.Public.IPv4, lease.Public.IPv6 }.Where(address => address is not null))}");
                if (lease.UnderlayMtu is { } mtu && old.UnderlayMtu is { } former && mtu != former)
                    yield return Event(EventKind.Lease, EventWeight.Normal, lease.NodeName, $"has an underlay of MTU {mtu} now, {former} before");
                if (old.NodeName != lease.NodeName)
                    yield return Event(EventKind.Lease, EventWeight.Normal, lease.NodeName, $"was called {old.NodeName}");
            }
            else
            {
                yield return Event(EventKind.Lease, EventWeight.Normal, lease.NodeName, $"got {lease.Subnets}");
            }
        }
        foreach (var (owner, lease) in before.Leases)
        {
            if (!now.Leases.ContainsKey(owner))
            {
                yield return happened is LeaseEvent.Expired
                    ? Event(EventKind.Lease, EventWeight.Warning, lease.NodeName, $"was not seen for too long: {lease.Subnets} is in quarantine")
                    : Event(EventKind.Lease, EventWeight.Normal, lease.NodeName, $"no longer has {lease.Subnets}");
            }
        }
        switch (happened)
        {
            case LeaseEvent.QuarantineOver over:
                yield return Event(EventKind.Lease, EventWeight.Normal, "", $"the quarantine of {over.Subnet} is over");
                break;
            case LeaseEvent.Reserved reserved:
                yield return Event(EventKind.Lease, EventWeight.Normal, reserved.Host, $"{reserved.Subnet} is kept for it");
                break;
            case LeaseEvent.Unreserved unreserved:
                yield return Event(EventKind.Lease, EventWeight.Normal, "", $"{unreserved.Subnet} is no longer reserved");
                break;
        }
    }

    private static OverlayEvent Event(EventKind kind, EventWeight weight, string host, string text) => new(0, kind, weight, host, text, TimeSpan.Zero);
}
