using System.Collections.Immutable;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// From one type of back end to another, make before break. No host knows when another one has heard; so each takes packets by both, and sends by the new one when
/// the peer's lease offers it and its own offer is old enough to be known to all:
/// <code>
/// another configuration ──▶ devices of both ──▶ offers both in its lease ──1 s──▶ sends by the new one ── 60 s ──▶ offers the new one ──2 s──▶ the former goes
/// </code>
/// The way back is the same: what is gone back to still stands and is used at once. Lives in memory only: a process that starts anew in between knows the new
/// one alone. Time stamps are of the clock that is given.
/// </summary>
internal sealed class Changeover(TimeProvider time)
{
    /// <summary>From this host's offer in the ledger to its use: a feed's delay many times over.</summary>
    public static readonly TimeSpan UseAfter = TimeSpan.FromSeconds(1);

    /// <summary>How long the others' offers are waited for: a host that is away must not hold up the judgement.</summary>
    public static readonly TimeSpan PeersWithin = TimeSpan.FromSeconds(5);

    /// <summary>How long both stand at least: longer than a trial that nobody interrupts.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(60);

    /// <summary>How long the former stands for hosts that are away and offer nothing else.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>From the offer's end to the device's.</summary>
    public static readonly TimeSpan Farewell = TimeSpan.FromSeconds(2);

    private long began;
    private long? offered;
    private long? withdrawn;
    private bool atOnce;
    private bool stands = true;

    /// <summary>The former one, while it stands; null where nothing is changing, or it never stood here.</summary>
    public BackEndConfig? Leaving { get; private set; }

    /// <summary>Another configuration is in use from now on.</summary>
    public void Begin(BackEndConfig before, BackEndConfig now)
    {
        if (before.Type == now.Type)
            return;
        bool isBack = Leaving == now && withdrawn is null;
        // What never stood here is nothing to leave: then what was before that stays, unless it is gone back to.
        Leaving = stands ? before : isBack ? null : Leaving;
        atOnce = stands = isBack;
        began = time.GetTimestamp();
        offered = isBack ? began : null;
        withdrawn = null;
    }

    /// <summary>All of the plan's devices are there.</summary>
    /// <returns>True where the others shall hear of it now.</returns>
    public bool DevicesStand()
    {
        if (stands)
            return false;
        return stands = true;
    }

    /// <summary>The ledger has this lease for this host.</summary>
    public void Heard(Lease own, BackEndConfig now)
    {
        if (Leaving is not null && stands && Offers(own, now.Type))
            offered ??= time.GetTimestamp();
    }

    /// <param name="others">Leases of all others.</param>
    /// <returns>True where what this host can be reached by, or what it plans, is another thing than before.</returns>
    public bool GoOn(BackEndConfig now, IEnumerable<Lease> others)
    {
        if (Leaving is not { } leaving)
            return false;
        long moment = time.GetTimestamp();
        if (withdrawn is { } since)
        {
            if (time.GetElapsedTime(since, moment) < Farewell)
                return false;
            Leaving = null;
            return true;
        }
        var age = time.GetElapsedTime(began, moment);
        if (age < Length || Holds(moment) || (age < Longest && others.Any(lease => Offers(lease, leaving.Type) && !Offers(lease, now.Type))))
            return false;
        withdrawn = moment;
        return true;
    }

    /// <summary>Packets still go by the former one.</summary>
    public bool Holds(long now) => Leaving is not null && !atOnce && (offered is not { } moment || time.GetElapsedTime(moment, now) < UseAfter);

    /// <summary>What this host can be reached by.</summary>
    public EquatableArray<BackEndConfig> Served(BackEndConfig now) => Leaving is not { } leaving || withdrawn is not null ? [now] : stands ? [now, leaving] : [leaving];

    /// <summary>When to look again; null where nothing is changing.</summary>
    public TimeSpan? Next(long now)
    {
        if (Leaving is null)
            return null;
        TimeSpan left = withdrawn is { } since ? Farewell - time.GetElapsedTime(since, now)
            : offered is { } moment && Holds(now) ? UseAfter - time.GetElapsedTime(moment, now)
            : Length - time.GetElapsedTime(began, now);
        // Behind its time it is looked at now and then: somebody is away, or something does not stand.
        return left > TimeSpan.Zero ? left : TimeSpan.FromSeconds(5);
    }

    /// <summary>For an operator, as long as both stand.</summary>
    public Component? ToComponent(BackEndConfig now) => Leaving is null ? null
        : new Component("back end", true, time.GetElapsedTime(began) is var age && age < Length ? $"{now.Type}; {Leaving.Type} stays for another {(Length - age).TotalSeconds:0} s" : $"{now.Type}; {Leaving.Type} stays for hosts that offer nothing else");

    /// <summary>For an operator; null where every packet goes by the new one, or a peer's does not because it is away.</summary>
    public string? Waiting(BackEndConfig now, IEnumerable<Lease> others)
    {
        if (!stands)
            return $"the devices of {now.Type} are being made";
        if (Leaving is not { } leaving)
            return null;
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
