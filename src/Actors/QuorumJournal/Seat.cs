using Google.Protobuf;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>
/// One seat of the quorum journal, as a pure state machine: a copy of the ledger's log, and the promise to take nothing from writers before a certain epoch.
/// <para>
/// What holds for every seat at every time: it accepts nothing below <see cref="Promised"/>; its log is a prefix of every longer log of the same epoch; and what
/// it answered is on its disk. Whoever drives it writes the event that <see cref="Decide"/> returns, then applies it, then sends the reply.
/// </para>
/// </summary>
public sealed record Seat
{
    /// <summary>Octets of a piece: far below a remoting frame, so that heartbeats pass between two of them.</summary>
    public const int DefaultPieceSize = 64 * 1024;

    public Guid Store { get; private init; }

    public Epoch Promised { get; internal init; }

    public LedgerLog Log { get; internal init; } = LedgerLog.Blank;

    /// <summary>The seed list of this host: for the founder to compare.</summary>
    public EquatableArray<string> Seeds { get; init; } = [];

    /// <summary>Why this host's copy is blank though it had one; null where it never had, or has one.</summary>
    public string? Lost { get; init; }

    /// <summary>Octets of the pieces that this seat sends: a simulation makes them small.</summary>
    internal int PieceSize { get; init; } = DefaultPieceSize;

    /// <summary>Pieces of a log or a snapshot under way; in memory only, a restart asks for them again.</summary>
    private Pieces Arriving { get; init; } = Pieces.None;

    public SeatSummary Summary => new(Store, Log.Epoch, Log.Roster, Log.Former, Log.BaseSeq, Log.LastSeq, Seeds, Log.IsBlank ? Lost : null);

    public static Seat From(SeatSnapshot snapshot) => new() { Store = snapshot.Store, Promised = snapshot.Promised, Log = snapshot.Log };

    public SeatSnapshot ToSnapshot() => new(Store, Promised, Log);

    /// <param name="After">The seat with what it took into memory, before the event.</param>
    /// <param name="Happened">To be written and applied before the reply; null where there is nothing to write.</param>
    /// <param name="Reply">Made from the seat after the event.</param>
    public readonly record struct Decision(Seat After, SeatEvent? Happened, Func<Seat, SeatProtocol.IReply> Reply);

    public Decision Decide(SeatProtocol.IRequest request) => request.Epoch < Promised
        ? Answer(new SeatProtocol.Nack(request.Epoch, Promised))
        : request switch
        {
            SeatProtocol.Prepare prepare => DecidePrepare(prepare),
            SeatProtocol.Fetch fetch => DecideFetch(fetch),
            SeatProtocol.Piece piece => DecidePiece(piece),
            SeatProtocol.Extend extend => DecideExtend(extend),
            SeatProtocol.Append append => DecideAppend(append),
            _ => throw new ArgumentException($"Unknown request {request.GetType().Name}.", nameof(request)),
        };

    public Seat Apply(SeatEvent happened) => happened switch
    {
        SeatEvent.Opened opened => this with { Store = opened.Store },
        SeatEvent.Brought brought => this with { Log = brought.Log },
        SeatEvent.Promised promised => this with { Promised = promised.Epoch, Arriving = Pieces.None },
        SeatEvent.Installed installed => this with { Promised = installed.Log.Epoch, Log = installed.Log, Arriving = Pieces.None },
        SeatEvent.Extended extended => this with { Promised = extended.Epoch, Log = Extend(extended) },
        SeatEvent.Appended appended => this with { Log = (appended.Settled ? Log with { Former = null } : Log).Add(appended.Entries) },
        SeatEvent.Compacted compacted => this with { Log = Log.Compact(compacted.Seq, compacted.Snapshot), Arriving = Pieces.None },
        _ => throw new ArgumentException($"Unknown event {happened.GetType().Name}.", nameof(happened)),
    };

    private Decision DecidePrepare(SeatProtocol.Prepare prepare) => new(
        this,
        prepare.Epoch > Promised ? new SeatEvent.Promised(prepare.Epoch) : null,
        seat => new SeatProtocol.Promise(prepare.Epoch, seat.Summary));

    private Decision DecideFetch(SeatProtocol.Fetch fetch)
    {
        // Only who has the promise may build on this log.
        if (fetch.Epoch != Promised)
            return AnswerBehind(fetch.Epoch);
        var image = LogImage.Write(Log);
        int count = Pieces.CountOf(image, PieceSize);
        return fetch.Index < count
            ? Answer(new SeatProtocol.Fetched(fetch.Epoch, fetch.Index, count, Pieces.Cut(image, fetch.Index, PieceSize)))
            : AnswerBehind(fetch.Epoch);
    }

    private Decision DecidePiece(SeatProtocol.Piece piece)
    {
        if (piece.Snapshot is { } upTo)
        {
            // Also where it reaches beyond this seat's log: what a snapshot stands for is acknowledged, and this log is a part of it.
            if (piece.Epoch != Log.Epoch)
                return AnswerBehind(piece.Epoch);
            if (upTo <= Log.BaseSeq)
                return AnswerAccepted(piece.Epoch, null);
        }
        else if (piece.Epoch == Log.Epoch)
        {
            // A repeated installation: what was appended since must stay.
            return AnswerAccepted(piece.Epoch, null);
        }
        var arriving = Arriving.With(piece);
        if (arriving.Whole() is not { } whole)
            return new Decision(this with { Arriving = arriving }, null, _ => new SeatProtocol.PieceTaken(piece.Epoch, piece.Transfer, piece.Index));
        return AnswerAccepted(piece.Epoch, piece.Snapshot is { } seq
            ? new SeatEvent.Compacted(seq, LogImage.ReadSnapshot(whole))
            : new SeatEvent.Installed(LogImage.Read(whole) with { Epoch = piece.Epoch }));
    }

    private Decision DecideExtend(SeatProtocol.Extend extend)
    {
        if (extend.Epoch == Log.Epoch)
            return AnswerAccepted(extend.Epoch, null);
        long last = extend.From + extend.Entries.Count;
        return extend.Adopted == Log.Epoch && extend.From <= Log.LastSeq && last >= Log.BaseSeq
            ? AnswerAccepted(extend.Epoch, new SeatEvent.Extended(extend.Epoch, extend.From, extend.Roster, extend.Former, extend.Entries))
            : AnswerBehind(extend.Epoch);
    }

    private Decision DecideAppend(SeatProtocol.Append append)
    {
        if (append.Epoch != Log.Epoch || append.Previous > Log.LastSeq)
            return AnswerBehind(append.Epoch);
        var news = append.Entries.Where(entry => entry.Seq > Log.LastSeq).ToEquatableArray();
        bool settles = append.Settled && Log.Former is not null;
        return AnswerAccepted(append.Epoch, news.Count > 0 || settles ? new SeatEvent.Appended(news, settles) : null, append.Question);
    }

    private LedgerLog Extend(SeatEvent.Extended extended)
    {
        // What stood behind was never acknowledged to anyone: a majority that has promised this writer does not have it.
        var kept = Log.CutAfter(Math.Max(extended.From, Log.BaseSeq));
        return kept.Add(extended.Entries.Where(entry => entry.Seq > kept.LastSeq)) with { Epoch = extended.Epoch, Roster = extended.Roster, Former = extended.Former };
    }

    private Decision Answer(SeatProtocol.IReply reply) => new(this, null, _ => reply);

    private Decision AnswerBehind(Epoch epoch) => new(this, null, seat => new SeatProtocol.Behind(epoch, seat.Summary));

    private Decision AnswerAccepted(Epoch epoch, SeatEvent? happened, long question = 0) => new(
        this,
        happened,
        seat => new SeatProtocol.Accepted(epoch, seat.Store, seat.Log.BaseSeq, seat.Log.LastSeq, seat.Log.Former is null, question));
}
