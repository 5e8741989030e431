namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What the ledger itself cannot decide, because no majority of its seats is left or none has ever been: a new one, and one that an operator recovers.</summary>
public sealed partial class LedgerWriter
{
    /// <summary>So long every seat has to answer where a majority of them would do without the others: shorter than <see cref="Patience"/>.</summary>
    private static readonly TimeSpan Unheard = TimeSpan.FromSeconds(3);

    private readonly HashSet<string> noted = [];

    /// <summary>This opening goes on without a majority of the ledger's seats.</summary>
    private bool recovering;

    /// <summary>No seat has a ledger: all of them agree to begin one, or an operator says that those who are there may.</summary>
    private void Found(List<WriterPeer> promised, TimeSpan now)
    {
        // Not before all others had their time: a seat that had a copy knows nothing of it any more, but another one may still have it.
        if (!MayRecover && promised.Exists(peer => peer.Have!.Lost is not null))
            return;
        if (!IsElectorate(promised, settings.Bootstrap || MayRecover, now))
            return;
        var bringing = promised.Where(peer => peer.Have!.Brings).ToList();
        if (bringing.Count > 1)
        {
            Close($"{string.Join(" and ", bringing.Select(peer => $"{peer.Seat} ({peer.Have!.LastSeq} entries)"))} each bring the ledger of a core of one, and only one can be gone on with: move seat.db away on the other host");
            return;
        }
        if (promised.Exists(peer => peer.Have!.Lost is not null))
            effects.Add(new WriterEffect.Noted("An operator has given up the copies of the ledger that are lost: a new one begins, and each host claims its own subnet again"));
        adopted = (Epoch.None, 0);
        if (bringing is [var only])
            StartFetching(only, now);
        else
            Install(Founded(LedgerLog.Blank), now);
    }

    /// <summary>
    /// An operator's word, and no majority of the ledger's own seats: the latest copy goes on, with the seats of the command line. What only the lost copies
    /// had is lost.
    /// </summary>
    private void Recover(List<WriterPeer> promised, TimeSpan now)
    {
        if (!IsElectorate(promised, majorityIsEnough: true, now))
            return;
        recovering = true;
        if (Ledgers(promised).Count() > 1)
            Close($"there are copies of several ledgers ({string.Join(", ", promised.Where(peer => !peer.Have!.IsBlank).Select(peer => peer.Seat))}): leave seat.db only where the ledger is that shall go on");
        else
            GoOnWith(Latest(promised), now);
    }

    private void GoOnWith(WriterPeer latest, TimeSpan now)
    {
        effects.Add(new WriterEffect.Noted($"An operator has given up the copies of the ledger that are lost: it goes on with entry {latest.Have!.LastSeq}, of {latest.Seat}"));
        StartFetching(latest, now);
    }

    /// <summary>Whether those who have answered may begin something that the ledger itself does not decide: by the command line, which must be one.</summary>
    private bool IsElectorate(List<WriterPeer> promised, bool majorityIsEnough, TimeSpan now)
    {
        var seats = promised.Where(peer => settings.Seeds.Contains(peer.Seat)).ToList();
        if (seats.Find(peer => peer.Have!.Seeds != settings.Seeds) is { } other)
        {
            Close($"the seed lists differ: {other.Seat} has {string.Join(", ", other.Have!.Seeds)}; this host has {string.Join(", ", settings.Seeds)}. No ledger is founded");
            return false;
        }
        // This host's own copy may still be read from its disk.
        bool enough = majorityIsEnough && seats.Count > settings.Seeds.Count / 2 && now - began >= Unheard && seats.Exists(peer => peer.Seat == settings.Self);
        return seats.Count == settings.Seeds.Count || enough;
    }

    private LedgerLog Founded(LedgerLog log) => log with
    {
        Roster = new Roster(newId(), settings.Seeds.Select(seat => new SeatHolder(seat, peers[seat].Have?.Store ?? Guid.Empty)).ToEquatableArray()),
    };

    /// <summary>The seats of the command line decide, with the disks that they have now: the former ones cannot.</summary>
    private LedgerLog Recovered(LedgerLog latest) => latest with
    {
        Roster = latest.Roster! with { Holders = settings.Seeds.Select(seat => HolderFor(seat, latest.Roster!)).ToEquatableArray() },
        Former = null,
    };

    private string WhatIsMissing()
    {
        var silent = peers.Values.Where(peer => peer.Have is null).ToList();
        var blank = peers.Values.Where(peer => peer.Have is { IsBlank: true }).ToList();
        string silence = silent.Count > 0 ? $"no answer from {Names(silent)}" : "every seat answers";
        var rosters = Ledgers([.. peers.Values.Where(peer => peer.Have is not null)]).Select(DecidingOf).FirstOrDefault();
        // A seat that answers with another disk than the enrolled one has lost its copy.
        var lost = rosters is null ? blank : [.. peers.Values.Where(peer => peer.Have is { } have && rosters.Exists(roster => roster.Of(peer.Seat) is { } holder && holder.Store != have.Store))];
        bool gone = rosters is null
            ? blank.Exists(peer => peer.Have!.Lost is not null) && blank.Count > settings.Seeds.Count / 2
            : rosters.Exists(roster => lost.Count(peer => roster.Of(peer.Seat) is not null) > roster.Holders.Count - roster.Quorum);
        if (gone)
        {
            return $"a majority of its copies is lost: {string.Join(", ", lost.OrderBy(peer => peer.Seat, StringComparer.Ordinal).Select(WhatBecame))}; {silence}. "
                + "Where they are lost for good, 'akka-overlay cluster seats recover' gives them up: the latest copy that is left goes on, or a new ledger begins, and each host claims its own subnet again";
        }
        if (rosters is not null)
            return $"no majority of the ledger's seats: {silence}{(blank.Count > 0 ? $"; without a copy of it: {Names(blank)}" : "")}";
        return blank.Exists(peer => peer.Have!.Lost is not null)
            ? $"no seat that answers has a copy of it: {silence}; lost: {Names(blank.Where(peer => peer.Have!.Lost is not null))}"
            : $"a new ledger needs every seat once: {silence}";
    }

    private static string WhatBecame(WriterPeer peer) => $"{peer.Seat} ({(peer.Have!.IsBlank ? peer.Have.Lost ?? "new" : "a copy of another one")})";

    private static string Names(IEnumerable<WriterPeer> peers) => string.Join(", ", peers.Select(peer => peer.Seat).Order(StringComparer.Ordinal));

    /// <summary>Copies that are neither counted nor overwritten.</summary>
    private void NoteStrangers()
    {
        foreach (var peer in peers.Values.Where(peer => peer.Have is { } have && !peer.Follows && !BelongsTo(log.Roster!, peer.Seat, have)))
        {
            string what = peer.Have!.Brings ? "has brought the ledger of a core of one along, too late for it to be gone on with" : "has a copy of another ledger";
            if (noted.Add(peer.Seat))
                effects.Add(new WriterEffect.Noted($"{peer.Seat} {what}: it is neither counted nor overwritten. Where it does not matter any more, move its seat.db and ledger-id away and it is enrolled"));
        }
    }
}
