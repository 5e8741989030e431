namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>
/// The one that writes the ledger to a majority of seats: opens it under a new epoch, appends, and finds out when another writer has taken over. Pure but for
/// its own memory: time, randomness and the network are given to it, and what it wants done comes out of <see cref="Drain"/>.
/// <code>
///  Closed ──Open──▶ Preparing ──promises of a majority──▶ Fetching ──the latest log──▶ Installing ──on a majority──▶ Open
///                       ▲                                                                                              │
///                       └────────────────────────── the roster changes: a new epoch ──────────────────────────────────┘
/// </code>
/// <para>
/// Why nothing acknowledged is ever lost: an append counts when a majority of the roster has it, an opening needs the promises of a majority, two majorities share
/// a seat, and that seat shows the append or refuses it. A roster changes only under a new epoch, whose log is accepted by majorities of the old
/// roster and the new one; until that is certain the log names both, and every opening asks both.
/// </para>
/// </summary>
public sealed partial class LedgerWriter
{
    /// <summary>Without an answer for so long, a message is sent again.</summary>
    internal static readonly TimeSpan Unanswered = TimeSpan.FromMilliseconds(300);

    /// <summary>Without any progress for so long, the writer gives up.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>A seat that is not there is asked at this interval while all goes on without it.</summary>
    private static readonly TimeSpan Absent = TimeSpan.FromSeconds(1);

    private readonly WriterSettings settings;
    private readonly Func<Guid> newId;
    private readonly Dictionary<string, WriterPeer> peers = [];
    private readonly List<WriterEffect> effects = [];

    private Phase phase = Phase.Closed;
    private Epoch epoch;
    private long highestRound;
    private TimeSpan progress;
    private LedgerLog log = LedgerLog.Blank;

    /// <param name="newId">Random identities.</param>
    public LedgerWriter(WriterSettings settings, Func<Guid> newId)
    {
        this.settings = settings;
        this.newId = newId;
    }

    private enum Phase
    {
        Closed,
        Preparing,
        Fetching,
        Installing,
        Open,
    }

    /// <summary>How many seats of a roster are enough, and whether that is the former one: here a simulation plants mistakes.</summary>
    internal Func<Roster, bool, int> Enough { get; init; } = static (roster, _) => roster.Quorum;

    /// <summary>
    /// An operator gives up what no seat has any more: a ledger of which a majority of the copies is lost is opened all the same, with the latest copy that is
    /// left, or founded anew where none is. Ends with the opening that it was needed for.
    /// </summary>
    public bool MayRecover { get; set; }

    public bool IsOpen => phase == Phase.Open;

    public bool IsClosed => phase == Phase.Closed;

    public Epoch Epoch => epoch;

    /// <summary>Who decides, as far as this writer knows; null before anything was opened.</summary>
    public Roster? Roster => log.Roster;

    public long LastSeq => log.LastSeq;

    /// <summary>The seats that decide, as this writer sees them.</summary>
    public IEnumerable<SeatView> Seats => log.Roster is null ? [] : log.Roster.Holders.Select(holder =>
    {
        var peer = peers.GetValueOrDefault(holder.Seat);
        bool follows = peer is { Follows: true };
        return new SeatView(holder.Seat, peer is null || (follows ? peer.Store : peer.Have?.Store ?? holder.Store) == holder.Store, follows ? peer!.Last : null);
    });

    /// <summary>What the writer wants done since the last call, in order.</summary>
    public IReadOnlyList<WriterEffect> Drain()
    {
        WriterEffect[] drained = [.. effects];
        effects.Clear();
        return drained;
    }

    /// <param name="seat">Who sent it.</param>
    /// <param name="now">On a clock that never goes back.</param>
    public void Receive(string seat, SeatProtocol.IReply reply, TimeSpan now)
    {
        if (phase == Phase.Closed || !peers.TryGetValue(seat, out var peer))
            return;
        switch (reply)
        {
            case SeatProtocol.Nack nack when nack.Refused == epoch:
                OnNack(peer, nack, now);
                break;
            case SeatProtocol.Promise promise when promise.Epoch == epoch:
                OnPromise(peer, promise, now);
                break;
            case SeatProtocol.Fetched fetched when fetched.Epoch == epoch:
                OnFetched(peer, fetched, now);
                break;
            case SeatProtocol.PieceTaken taken when taken.Epoch == epoch && peer.Pieces is { } pieces && pieces.Transfer == taken.Transfer:
                pieces.Taken(taken.Index, now);
                progress = phase == Phase.Installing ? now : progress;
                SendPieces(peer, now);
                break;
            case SeatProtocol.Accepted accepted when accepted.Epoch == epoch:
                OnAccepted(peer, accepted, now);
                break;
            case SeatProtocol.Behind behind when behind.Epoch == epoch:
                OnBehind(peer, behind, now);
                break;
        }
    }

    /// <summary>To be called every 100 ms or so.</summary>
    public void Tick(TimeSpan now)
    {
        switch (phase)
        {
            case Phase.Preparing:
                TickPreparing(now);
                break;
            case Phase.Fetching:
                TickFetching(now);
                break;
            case Phase.Installing or Phase.Open:
                TickSeats(now);
                break;
        }
    }

    /// <summary>Gives up; whatever was under way is undecided.</summary>
    /// <param name="takenOver">By another writer.</param>
    public void Close(string reason, bool takenOver = false)
    {
        if (phase == Phase.Closed)
            return;
        phase = Phase.Closed;
        appends.Clear();
        questions.Clear();
        waiting.Clear();
        reopens = false;
        wanted = null;
        compacting = 0;
        effects.Add(new WriterEffect.Failed(reason, takenOver));
    }

    private bool Agrees(Roster roster, Func<SeatHolder, bool> accepted) => roster.CountOf(accepted) >= Enough(roster, roster == log.Former);

    private void Send(WriterPeer peer, SeatProtocol.IRequest message, TimeSpan now)
    {
        peer.LastSent = now;
        effects.Add(new WriterEffect.Send(peer.Seat, message));
    }

    private WriterPeer PeerOf(string seat)
    {
        if (!peers.TryGetValue(seat, out var peer))
            peers.Add(seat, peer = new WriterPeer(seat));
        return peer;
    }

    private void OnNack(WriterPeer peer, SeatProtocol.Nack nack, TimeSpan now)
    {
        highestRound = Math.Max(highestRound, nack.Promised.Round);
        if (phase == Phase.Preparing)
        {
            // The rounds of former writers are not known before somebody tells. More than that is another writer at work: who waits a while does not duel.
            if (++tries <= 2)
                Begin(now);
            else
                Close($"another writer is opening the ledger (epoch {nack.Promised})", takenOver: true);
            return;
        }
        bool counts = log.Deciding.Any(roster => roster.Of(peer.Seat) is { } holder && (peer.Have is null || peer.Have.Store == holder.Store));
        if (counts)
            Close($"another writer has taken the ledger over (epoch {nack.Promised}, this one was {epoch})", takenOver: true);
    }
}
