using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// From one type of back end to another, make before break. No host knows when another one has heard; so each takes packets by both, and sends by the new one when
/// the peer's lease offers it and its own offer is old enough to be known to all:
/// <code>
/// another configuration ──▶ devices of both ──▶ offers both in its lease ──1 s──▶ sends by the new one ──▶ the former goes, 30 s after the beginning
/// </code>
/// The way back is the same: what is gone back to is still offered, and used at once. Lives in memory only: a process that starts anew in between knows the new
/// one alone. Time stamps are of the clock that is given.
/// </summary>
internal sealed class Changeover(TimeProvider time)
{
    /// <summary>From this host's offer in the ledger to its use: a feed's delay many times over.</summary>
    public static readonly TimeSpan UseAfter = TimeSpan.FromSeconds(1);

    /// <summary>How long the others' offers are waited for: a host that is away must not hold up the judgement.</summary>
    public static readonly TimeSpan PeersWithin = TimeSpan.FromSeconds(5);

    /// <summary>How long both stand: longer than a trial.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(30);

    private long began;
    private long? offered;
    private bool atOnce;
    private bool stands;

    /// <summary>The former one, while it stands; null where nothing is changing.</summary>
    public BackEndConfig? Leaving { get; private set; }

    /// <summary>Another configuration is in use from now on.</summary>
    /// <param name="own">This host's lease: what it offers already the others know.</param>
    public void Begin(BackEndConfig before, BackEndConfig now, Lease? own)
    {
        if (before.Type == now.Type)
            return;
        atOnce = stands = Leaving == now && own is not null && Offers(own, now.Type);
        Leaving = before;
        began = time.GetTimestamp();
        offered = atOnce ? began : null;
    }

    /// <summary>All of the plan's devices are there.</summary>
    /// <returns>True where the others shall hear of it now.</returns>
    public bool DevicesStand()
    {
        if (Leaving is null || stands)
            return false;
        return stands = true;
    }

    /// <summary>The ledger has this lease for this host.</summary>
    public void Heard(Lease own, BackEndConfig now)
    {
        if (Leaving is not null && stands && Offers(own, now.Type))
            offered ??= time.GetTimestamp();
    }

    /// <returns>True where the former has just ended.</returns>
    public bool End()
    {
        if (Leaving is null || time.GetElapsedTime(began) < Length)
            return false;
        Leaving = null;
        return true;
    }

    /// <summary>Packets still go by the former one.</summary>
    public bool Holds(long now) => Leaving is not null && !atOnce && (offered is not { } moment || time.GetElapsedTime(moment, now) < UseAfter);

    /// <summary>What this host can be reached by.</summary>
    public EquatableArray<BackEndConfig> Served(BackEndConfig now) => Leaving is not { } leaving ? [now] : stands ? [now, leaving] : [leaving];

    /// <summary>When to look again; null where only the ledger or the kernel can tell more.</summary>
    public TimeSpan? Next(long now)
    {
        if (Leaving is null)
            return null;
        var end = Length - time.GetElapsedTime(began, now);
        var use = offered is { } moment && Holds(now) ? UseAfter - time.GetElapsedTime(moment, now) : end;
        return use > TimeSpan.Zero ? use : TimeSpan.FromMilliseconds(1);
    }

    /// <summary>For an operator, as long as both stand.</summary>
    public Component? ToComponent(BackEndConfig now) => Leaving is null ? null
        : new Component("back end", true, $"{now.Type}; {Leaving.Type} stays for another {Math.Max(1, (Length - time.GetElapsedTime(began)).TotalSeconds):0} s");

    /// <summary>For an operator; null where every packet goes by the new one, or a peer's does not because it is away.</summary>
    public string? Waiting(BackEndConfig now, IEnumerable<Lease> others)
    {
        if (Leaving is not { } leaving)
            return null;
        if (!stands)
            return $"the devices of {now.Type} are being made";
        long moment = time.GetTimestamp();
        if (Holds(moment))
            return $"the others are told of {now.Type}";
        if (time.GetElapsedTime(offered!.Value, moment) >= UseAfter + PeersWithin)
            return null;
        var late = others.Where(lease => !Offers(lease, now.Type) && Offers(lease, leaving.Type)).Select(lease => lease.NodeName).ToImmutableSortedSet(StringComparer.Ordinal);
        return late.IsEmpty ? null : $"{late[0]}{(late.Count > 1 ? $" and {late.Count - 1} more" : "")} cannot be reached by {now.Type} yet";
    }

    private static bool Offers(Lease lease, string type) => lease.Offers.Items.Any(offer => offer.BackEnd == type);
}
