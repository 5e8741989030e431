using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>What an open ledger does: appends, questions, snapshots, seats that come back, and a roster that changes.</summary>
public sealed partial class LedgerWriter
{
    /// <summary>A seat that lost its disk is enrolled, but not again and again.</summary>
    private static readonly TimeSpan BetweenEnrolments = TimeSpan.FromSeconds(5);

    private readonly Queue<(long Id, long Seq, TimeSpan Since)> appends = new();
    private readonly Queue<(long Id, long Question, TimeSpan Since)> questions = new();

    /// <summary>Asked for while the roster changes.</summary>
    private readonly Queue<Action<TimeSpan>> waiting = new();

    private long lastQuestion;
    private long compacting;
    private ByteString? snapshotImage;
    private bool reopens;
    private TimeSpan lastReopen = -BetweenEnrolments;

    /// <summary>Answered by <see cref="WriterEffect.Written"/>, or by <see cref="WriterEffect.Failed"/>.</summary>
    /// <exception cref="InvalidOperationException">The ledger is not open.</exception>
    public void Append(long id, IReadOnlyList<LogEntry> entries, TimeSpan now)
    {
        if (WaitsForRoster(later => Append(id, entries, later)))
            return;
        log = log.Add(entries);
        appends.Enqueue((id, log.LastSeq, now));
        foreach (var peer in Deciding().ToList())
            SendEntries(peer, now);
    }

    /// <summary>Does a majority still follow this writer? Answered by <see cref="WriterEffect.Confirmed"/>, or by <see cref="WriterEffect.Failed"/>.</summary>
    /// <exception cref="InvalidOperationException">The ledger is not open.</exception>
    public void Confirm(long id, TimeSpan now)
    {
        if (WaitsForRoster(later => Confirm(id, later)))
            return;
        questions.Enqueue((id, ++lastQuestion, now));
        foreach (var peer in Deciding().Where(peer => peer.Follows).ToList())
            Ask(peer, now);
    }

    /// <summary>A snapshot stands for the entries up to this one. Answered by <see cref="WriterEffect.Compacted"/>.</summary>
    /// <exception cref="InvalidOperationException">The ledger is not open.</exception>
    public void Compact(long seq, Payload snapshot, TimeSpan now)
    {
        if (WaitsForRoster(later => Compact(seq, snapshot, later)))
            return;
        if (seq <= log.BaseSeq)
        {
            effects.Add(new WriterEffect.Compacted(seq));
            return;
        }
        log = log.Compact(seq, snapshot);
        compacting = seq;
        snapshotImage = LogImage.WriteSnapshot(snapshot);
        foreach (var peer in Deciding().Where(peer => peer.Follows).ToList())
            SendSnapshot(peer, now);
    }

    /// <summary>
    /// Other seats shall decide. Answered by <see cref="WriterEffect.RosterChanged"/>, <see cref="WriterEffect.ChangeRefused"/> or
    /// <see cref="WriterEffect.Failed"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The ledger is not open.</exception>
    public void ChangeSeats(EquatableArray<string> seats, TimeSpan now)
    {
        if (WaitsForRoster(later => ChangeSeats(seats, later)))
            return;
        if (seats.Count == 0 || seats.Distinct().Count() < seats.Count)
        {
            // It would have two votes.
            effects.Add(new WriterEffect.ChangeRefused(seats.Count == 0 ? "no seats are named" : "a seat is named twice"));
            return;
        }
        wanted = seats;
        foreach (string seat in seats)
            PeerOf(seat);
        ReopenWhenIdle(now);
    }

    private void OnAccepted(WriterPeer peer, SeatProtocol.Accepted accepted, TimeSpan now)
    {
        if (!peer.Follows)
        {
            peer.Follows = true;
            peer.SentTo = accepted.LastSeq;
        }
        if (peer.Store != accepted.Store)
            (peer.Store, peer.Last, peer.Base, peer.Answered) = (accepted.Store, 0, 0, 0);
        if (accepted.LastSeq > peer.Last)
            progress = now;
        peer.Last = Math.Max(peer.Last, accepted.LastSeq);
        peer.Base = Math.Max(peer.Base, accepted.BaseSeq);
        peer.Answered = Math.Max(peer.Answered, accepted.Question);
        peer.Settled |= accepted.Settled;
        peer.SentTo = Math.Max(peer.SentTo, peer.Last);
        if (peer.Pieces is { } pieces && (pieces.Snapshot is not { } upTo || peer.Base >= upTo))
            peer.Pieces = null;
        Settle(now);
        if (phase == Phase.Open)
            SendEntries(peer, now);
    }

    private void OnBehind(WriterPeer peer, SeatProtocol.Behind behind, TimeSpan now)
    {
        if (phase == Phase.Fetching && peer == source)
        {
            Close($"{peer.Seat} has another copy of the ledger than it promised");
            return;
        }
        bool follows = behind.Have.LogEpoch == epoch;
        // An old answer that arrives late.
        if (peer.Follows && peer.Store == behind.Have.Store && (!follows || behind.Have.LastSeq < peer.Last))
            return;
        peer.Have = behind.Have;
        peer.Follows = follows;
        if (follows)
            (peer.Store, peer.Last, peer.SentTo, peer.Base) = (behind.Have.Store, behind.Have.LastSeq, behind.Have.LastSeq, behind.Have.BaseSeq);
    }

    /// <summary>What has a majority now?</summary>
    private void Settle(TimeSpan now)
    {
        if (phase == Phase.Installing && log.Deciding.All(roster => Agrees(roster, holder => PeerOf(holder.Seat).Has(holder, log.LastSeq))))
            OnInstalled(now);
        if (phase != Phase.Open)
            return;
        while (appends.TryPeek(out var append) && HasMajority((peer, holder) => peer.Has(holder, append.Seq)))
        {
            appends.Dequeue();
            effects.Add(new WriterEffect.Written(append.Id));
        }
        while (questions.TryPeek(out var asked) && HasMajority((peer, holder) => peer.Has(holder, 0) && peer.Answered >= asked.Question))
        {
            questions.Dequeue();
            effects.Add(new WriterEffect.Confirmed(asked.Id));
        }
        if (compacting > 0 && HasMajority((peer, holder) => peer.Has(holder, 0) && peer.Base >= compacting))
        {
            effects.Add(new WriterEffect.Compacted(compacting));
            compacting = 0;
        }
    }

    private bool HasMajority(Func<WriterPeer, SeatHolder, bool> has) => Agrees(log.Roster!, holder => has(PeerOf(holder.Seat), holder));

    private void OnInstalled(TimeSpan now)
    {
        bool changed = log.Former is not null;
        phase = Phase.Open;
        // Majorities of both have it: no opening can miss the new roster any more.
        log = log with { Former = null };
        if (reopens)
        {
            reopens = false;
            lastReopen = now;
            if (changed)
                effects.Add(new WriterEffect.RosterChanged(log.Roster!));
            while (phase == Phase.Open && waiting.TryDequeue(out var act))
                act(now);
        }
        else
        {
            MayRecover = false;
            effects.Add(new WriterEffect.Opened(log));
        }
        wanted = null;
        NoteStrangers();
        foreach (var peer in Deciding().Where(peer => peer is { Follows: true, Settled: false }).ToList())
            Ask(peer, now);
    }

    private void TickSeats(TimeSpan now)
    {
        if (phase == Phase.Installing && now - progress > Patience)
        {
            Close("no majority of the ledger's seats takes the log");
            return;
        }
        if ((appends.TryPeek(out var append) && now - append.Since > Patience) || (questions.TryPeek(out var asked) && now - asked.Since > Patience))
        {
            Close("no majority of the ledger's seats answers");
            return;
        }
        foreach (var peer in Deciding().ToList())
            TickSeat(peer, now);
        if (phase == Phase.Open && (wanted is not null || (log.Roster!.Holders.Any(IsToBeEnrolled) && now - lastReopen > BetweenEnrolments)))
            ReopenWhenIdle(now);
    }

    private void TickSeat(WriterPeer peer, TimeSpan now)
    {
        if (peer.Pieces is { } pieces && now - pieces.LastProgress >= Unanswered)
        {
            foreach (var piece in pieces.Again(epoch, now))
                Send(peer, piece, now);
        }
        if (peer.Follows)
            TickFollower(peer, now);
        else if (peer.Have is null && now - peer.LastSent >= Absent)
            Send(peer, new SeatProtocol.Prepare(epoch), now);
        else if (peer.Have is not null && peer.Pieces is null && now - peer.LastSent >= Unanswered)
            CatchUp(peer, now);
    }

    private void TickFollower(WriterPeer peer, TimeSpan now)
    {
        if (phase != Phase.Open)
            return;
        if (peer.Last < log.LastSeq && now - peer.EntriesSent >= Unanswered)
        {
            peer.SentTo = peer.Last;
            SendEntries(peer, now);
        }
        if (now - peer.LastSent < Unanswered)
            return;
        if (peer.Answered < lastQuestion && questions.Count > 0)
            Ask(peer, now);
        else if (!peer.Settled && now - peer.LastSent >= Absent)
            Ask(peer, now);
    }

    /// <summary>A seat that came back without its disk: the roster has the former one.</summary>
    private bool IsToBeEnrolled(SeatHolder holder) =>
        peers.GetValueOrDefault(holder.Seat) is { } peer
        && (peer.Follows ? peer.Store != holder.Store : peer.Have is { } have && have.Store != holder.Store && BelongsTo(log.Roster!, holder.Seat, have));

    /// <summary>
    /// A copy of another ledger is somebody's: it is neither counted nor overwritten. Nor is one that was brought along, but by the ledger that was founded with it.
    /// </summary>
    private static bool BelongsTo(Roster roster, string seat, SeatSummary have) => have.Brings ? roster.Counts(seat, have.Store) : have.IsBlank || have.Roster!.Ledger == roster.Ledger;

    private void SendEntries(WriterPeer peer, TimeSpan now)
    {
        if (!peer.Follows || peer.Pieces is { Snapshot: null })
            return;
        if (peer.SentTo < log.BaseSeq)
        {
            if (peer.Pieces is null)
                SendSnapshot(peer, now);
            return;
        }
        while (peer.SentTo < log.LastSeq)
        {
            var batch = new List<LogEntry>();
            long size = 0;
            foreach (var entry in log.After(peer.SentTo))
            {
                size += SizeOf([entry]);
                if (batch.Count > 0 && size > settings.PieceSize)
                    break;
                batch.Add(entry);
            }
            Send(peer, new SeatProtocol.Append(epoch, peer.SentTo, batch.ToEquatableArray(), Settled: true, lastQuestion), now);
            peer.SentTo += batch.Count;
            peer.EntriesSent = now;
        }
    }

    private void Ask(WriterPeer peer, TimeSpan now) => Send(peer, new SeatProtocol.Append(epoch, 0, [], Settled: true, lastQuestion), now);

    private void SendSnapshot(WriterPeer peer, TimeSpan now)
    {
        if (peer.Pieces is { Snapshot: null })
            return;
        peer.Pieces = new OutgoingPieces(newId(), snapshotImage ??= LogImage.WriteSnapshot(log.Snapshot!), log.BaseSeq, settings.PieceSize, now);
        SendPieces(peer, now);
    }

    /// <summary>True where the request waits: the roster is about to change.</summary>
    private bool WaitsForRoster(Action<TimeSpan> act)
    {
        if (reopens)
            waiting.Enqueue(act);
        else if (phase != Phase.Open)
            throw new InvalidOperationException("The ledger is not open.");
        return reopens;
    }

    /// <summary>A new epoch under the same writer, once nothing is under way: what it has written must all be certain.</summary>
    private void ReopenWhenIdle(TimeSpan now)
    {
        if (reopens || appends.Count > 0 || questions.Count > 0 || compacting > 0)
            return;
        reopens = true;
        tries = 0;
        Begin(now);
    }
}
