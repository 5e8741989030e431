using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>From nothing to an open ledger: promises, the latest log, and that log on a majority.</summary>
public sealed partial class LedgerWriter
{
    /// <summary>Requests for pieces of a log under way at once.</summary>
    private const int FetchWindow = 4;

    private readonly Dictionary<int, ByteString> fetched = [];
    private int tries;
    private TimeSpan began;
    private WriterPeer? source;
    private SeatSummary? sourceHas;
    private int fetchCount;
    private int fetchNext;

    /// <summary>The epoch and the length of the log that this epoch began with.</summary>
    private (Epoch Epoch, long LastSeq) adopted;

    /// <summary>The operator's new seats; null where none are asked for.</summary>
    private EquatableArray<string>? wanted;

    /// <summary>Opens the ledger: ends with <see cref="WriterEffect.Opened"/> or <see cref="WriterEffect.Failed"/>.</summary>
    public void Open(TimeSpan now)
    {
        if (phase != Phase.Closed)
            Close("opened again");
        tries = 0;
        peers.Clear();
        foreach (string seat in settings.Seeds)
            PeerOf(seat);
        Begin(now);
    }

    private void Begin(TimeSpan now)
    {
        epoch = new Epoch(++highestRound, newId());
        phase = Phase.Preparing;
        recovering = false;
        began = progress = now;
        foreach (string seat in peers.Keys.ToList())
        {
            peers[seat] = new WriterPeer(seat);
            Send(peers[seat], new SeatProtocol.Prepare(epoch), now);
        }
    }

    private void OnPromise(WriterPeer peer, SeatProtocol.Promise promise, TimeSpan now)
    {
        if (peer.Follows)
            return;
        peer.Have = promise.Have;
        if (phase == Phase.Preparing)
            Evaluate(now);
        else if (phase is Phase.Installing or Phase.Open)
        {
            CatchUp(peer, now);
            NoteStrangers();
        }
    }

    private void TickPreparing(TimeSpan now)
    {
        if (now - progress > Patience)
        {
            Close(WhatIsMissing());
            return;
        }
        foreach (var peer in peers.Values.Where(peer => peer.Have is null && now - peer.LastSent >= Unanswered))
            Send(peer, new SeatProtocol.Prepare(epoch), now);
        Evaluate(now);
    }

    /// <summary>Are there promises enough, and of whom?</summary>
    private void Evaluate(TimeSpan now)
    {
        var promised = peers.Values.Where(peer => peer.Have is not null).ToList();
        if (promised.All(peer => peer.Have!.IsBlank))
        {
            Found(promised, now);
            return;
        }
        foreach (var group in Ledgers(promised))
        {
            var deciding = DecidingOf(group);
            foreach (string seat in deciding.SelectMany(roster => roster.Seats).Where(seat => !peers.ContainsKey(seat)).ToList())
                Send(PeerOf(seat), new SeatProtocol.Prepare(epoch), now);
            bool late = wanted is { } seats && now - began < Absent && seats.Any(seat => PeerOf(seat).Have is null);
            if (!late && deciding.All(roster => Agrees(roster, holder => Promised(group, holder))))
            {
                StartFetching(Latest(group), now);
                return;
            }
        }
        if (MayRecover)
            Recover(promised, now);
    }

    /// <summary>Of equal logs the one on this host is the cheapest.</summary>
    private WriterPeer Latest(IEnumerable<WriterPeer> group) => group.Where(peer => !peer.Have!.IsBlank)
        .OrderByDescending(peer => peer.Have!.LogEpoch).ThenByDescending(peer => peer.Have!.LastSeq).ThenByDescending(peer => peer.Seat == settings.Self)
        .First();

    /// <summary>The seats by the ledger that they belong to, each with the blank ones, which belong to any.</summary>
    private static IEnumerable<List<WriterPeer>> Ledgers(List<WriterPeer> promised) => promised
        .Where(peer => !peer.Have!.IsBlank)
        .GroupBy(peer => peer.Have!.Roster!.Ledger)
        .Select(group => group.Concat(promised.Where(peer => peer.Have!.IsBlank)).ToList());

    /// <summary>
    /// Every roster that may decide: those of the latest log that was seen, the former one only until a seat of the same epoch says that it is out of office.
    /// Rosters of earlier logs need not be asked, and often cannot be any more, when disks that counted in them are gone: an epoch changes the roster only once,
    /// so all epochs from the last open one to the next name one roster in common, and a majority of that shows the next one.
    /// </summary>
    private static List<Roster> DecidingOf(List<WriterPeer> group)
    {
        var epoch = group.Max(peer => peer.Have!.LogEpoch);
        var latest = group.Where(peer => peer.Have!.LogEpoch == epoch).Select(peer => peer.Have!).ToList();
        var known = latest.Find(have => have.Former is null) ?? latest[0];
        return [.. known.Deciding];
    }

    private static bool Promised(List<WriterPeer> group, SeatHolder holder) =>
        group.Any(peer => peer.Seat == holder.Seat && peer.Have!.Store == holder.Store);

    private void StartFetching(WriterPeer from, TimeSpan now)
    {
        phase = Phase.Fetching;
        progress = now;
        source = from;
        sourceHas = from.Have;
        fetched.Clear();
        fetchCount = 1;
        fetchNext = 0;
        FetchMore(now);
    }

    private void FetchMore(TimeSpan now)
    {
        while (fetchNext < fetchCount && fetchNext - fetched.Count < FetchWindow)
            Send(source!, new SeatProtocol.Fetch(epoch, fetchNext++), now);
    }

    private void TickFetching(TimeSpan now)
    {
        if (now - progress > Patience)
        {
            Close($"{source!.Seat} has the latest copy of the ledger and does not send it");
            return;
        }
        if (now - source!.LastSent < Unanswered)
            return;
        for (int index = 0; index < fetchNext; index++)
        {
            if (!fetched.ContainsKey(index))
                Send(source, new SeatProtocol.Fetch(epoch, index), now);
        }
    }

    private void OnFetched(WriterPeer peer, SeatProtocol.Fetched piece, TimeSpan now)
    {
        if (phase != Phase.Fetching || peer != source || !fetched.TryAdd(piece.Index, piece.Bytes))
            return;
        progress = now;
        fetchCount = piece.Count;
        FetchMore(now);
        if (fetched.Count < fetchCount)
            return;
        var latest = LogImage.Read(Pieces.Join(fetched));
        fetched.Clear();
        adopted = (latest.Epoch, latest.LastSeq);
        if (adopted != (sourceHas!.LogEpoch, sourceHas.LastSeq))
            Close($"{peer.Seat} promised entry {sourceHas.LastSeq} of epoch {sourceHas.LogEpoch} and sent entry {latest.LastSeq} of epoch {latest.Epoch}");
        else if (reopens && (adopted.LastSeq != log.LastSeq || latest.Roster!.Ledger != log.Roster!.Ledger))
            Close("another writer has written to the ledger meanwhile", takenOver: true);
        else
            Install(latest.IsBlank ? Founded(latest) : recovering ? Recovered(latest) : NextRoster(latest), now);
    }

    /// <summary>The adopted log with the roster that decides from now on.</summary>
    private LedgerLog NextRoster(LedgerLog latest)
    {
        bool settled = peers.Values.Any(peer => peer.Have is { Former: null } have && have.LogEpoch == latest.Epoch);
        var current = latest.Roster!;
        if (latest.Former is not null && !settled)
        {
            // One change after another: this one is not certain yet.
            RefuseChange("an earlier change of the seats is not finished: try again");
            return latest;
        }
        var next = current with { Holders = (wanted ?? current.Seats.ToEquatableArray()).Select(seat => HolderFor(seat, current)).ToEquatableArray() };
        if (next == current)
        {
            if (wanted is not null)
                effects.Add(new WriterEffect.RosterChanged(current));
            return latest with { Former = null };
        }
        string? against = !current.CanBecome(next) ? "too many seats change at once: change one after another"
            : !Agrees(next, holder => peers.GetValueOrDefault(holder.Seat)?.Have?.Store == holder.Store) ? "no majority of the new seats answers"
            : null;
        if (against is null)
            return latest with { Roster = next, Former = current };
        RefuseChange(against);
        return latest with { Former = null };
    }

    /// <summary>A seat that came back without its disk, or that is new, counts by the disk that it has now, once the log with this roster is accepted.</summary>
    private SeatHolder HolderFor(string seat, Roster current)
    {
        var known = current.Of(seat);
        var have = peers.GetValueOrDefault(seat)?.Have;
        bool mine = have is not null && BelongsTo(current, seat, have);
        return mine ? new SeatHolder(seat, have!.Store) : known ?? new SeatHolder(seat, Guid.Empty);
    }

    private void RefuseChange(string reason)
    {
        if (wanted is null)
            return;
        wanted = null;
        effects.Add(new WriterEffect.ChangeRefused(reason));
    }

    private void Install(LedgerLog latest, TimeSpan now)
    {
        log = latest with { Epoch = epoch };
        snapshotImage = null;
        phase = Phase.Installing;
        progress = now;
        foreach (var peer in Deciding().ToList())
        {
            if (peer.Have is not null)
                CatchUp(peer, now);
        }
    }

    /// <summary>Gives this epoch's log to a seat that has another one.</summary>
    private void CatchUp(WriterPeer peer, TimeSpan now)
    {
        var have = peer.Have!;
        if (peer.Follows || !BelongsTo(log.Roster!, peer.Seat, have) || !log.Deciding.Any(roster => roster.Of(peer.Seat) is not null))
            return;
        // Logs of one epoch are prefixes of one another, so the end is all that such a seat lacks; what it has beyond the adopted end goes.
        long from = Math.Min(have.LastSeq, adopted.LastSeq);
        if (have.LogEpoch == adopted.Epoch && adopted.Epoch != Epoch.None && from >= log.BaseSeq && log.After(from) is var tail && SizeOf(tail) <= settings.PieceSize)
        {
            Send(peer, new SeatProtocol.Extend(epoch, adopted.Epoch, from, log.Roster!, log.Former, tail.ToEquatableArray()), now);
            return;
        }
        peer.Pieces = new OutgoingPieces(newId(), LogImage.Write(log), null, settings.PieceSize, now);
        SendPieces(peer, now);
    }

    private void SendPieces(WriterPeer peer, TimeSpan now)
    {
        foreach (var piece in peer.Pieces!.Take(epoch).ToList())
            Send(peer, piece, now);
    }

    /// <summary>Everyone who decides now.</summary>
    private IEnumerable<WriterPeer> Deciding() => log.Deciding.SelectMany(roster => roster.Seats).Distinct().Select(PeerOf);

    private static long SizeOf(IEnumerable<LogEntry> entries) => entries.Sum(entry => 32L + entry.Payload.Bytes.Length);
}
