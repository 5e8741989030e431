using System.Net;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>Drives <see cref="LedgerWriter"/>: brings it the seats' answers and the time, and does what it wants done.</summary>
public sealed class LedgerWriterActor : ReceiveActor, IWithTimers
{
    public const string Name = "ledger-writer";

    /// <summary>How long an operator's word to recover the ledger holds: longer than an allocator waits before it tries again.</summary>
    internal static readonly TimeSpan WordHolds = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(100);

    private readonly WriterSettings settings;
    private readonly IActorRef ownSeat;
    private readonly LedgerWriter writer;
    private readonly SeatLinks links;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Dictionary<long, IActorRef> askers = [];
    private IActorRef? opener;
    private IActorRef? compactor;
    private IActorRef? changer;
    private IActorRef? recoverer;

    /// <summary>Whether an attempt to open the ledger began after the operator's word: one that was under way before says nothing about it.</summary>
    private bool wordTried;
    private long lastId;
    private bool takenOver;
    private string? lastFailure;

    public LedgerWriterActor(WriterSettings settings, IActorRef ownSeat, NetworkName network)
    {
        this.settings = settings;
        this.ownSeat = ownSeat;
        writer = new LedgerWriter(settings, Guid.NewGuid);
        links = new SeatLinks(Context.System, network, Self);
        Receive<Tick>(_ => Do(writer.Tick));
        Receive<SeatLinks.Probed>(probed => links.On(probed));
        Receive<SeatProtocol.IReply>(reply =>
        {
            string seat = SeatOf(Sender);
            links.Heard(seat, Now);
            Do(now => writer.Receive(seat, reply, now));
        });
        Receive<LedgerWriterProtocol.OpenLedger>(_ =>
        {
            // What was under way fails first.
            Do(now => writer.Close("opened again"));
            wordTried = recoverer is not null;
            opener = Sender;
            Do(writer.Open);
        });
        Receive<LedgerWriterProtocol.AppendEntries>(append => DoOpen((id, now) => writer.Append(id, append.Entries, now)));
        Receive<LedgerWriterProtocol.ConfirmLedger>(_ => DoOpen(writer.Confirm));
        Receive<LedgerWriterProtocol.CompactLedger>(compact =>
        {
            if (writer.IsClosed || compactor is not null)
            {
                Sender.Tell(new Status.Failure(new IOException(compactor is null ? "the ledger is closed" : "an earlier snapshot is still on its way to the seats")));
                return;
            }
            compactor = Sender;
            Do(now => writer.Compact(compact.Seq, compact.Snapshot, now));
        });
        Receive<LedgerWriterProtocol.ReleaseLedger>(_ => Do(now => writer.Close("let go: the allocator of this host has ended")));
        Receive<LedgerWriterProtocol.GetSeats>(_ => TellSeats(Sender));
        Receive<LedgerWriterProtocol.ChangeSeats>(OnChangeSeats);
        Receive<LedgerWriterProtocol.RecoverLedger>(_ => OnRecover());
        Receive<WordIsOver>(_ => ForgetWord());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static TimeSpan Now => Context.System.Scheduler.MonotonicClock;

    public static Props Props(WriterSettings settings, IActorRef ownSeat, NetworkName network) => Akka.Actor.Props.Create(() => new LedgerWriterActor(settings, ownSeat, network));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickInterval);

    private void DoOpen(Action<long, TimeSpan> what)
    {
        if (writer.IsClosed)
        {
            Sender.Tell(takenOver ? new LedgerWriterProtocol.Holds(false) : new Status.Failure(new IOException(lastFailure ?? "the ledger is closed")));
            return;
        }
        askers.Add(++lastId, Sender);
        long id = lastId;
        Do(now => what(id, now));
    }

    private void Do(Action<TimeSpan> what)
    {
        what(Now);
        while (writer.Drain() is { Count: > 0 } effects)
        {
            foreach (var effect in effects)
                On(effect);
        }
    }

    private void On(WriterEffect effect)
    {
        switch (effect)
        {
            case WriterEffect.Send send when send.Seat == settings.Self:
                ownSeat.Tell(send.Message);
                break;
            case WriterEffect.Send send:
                links.Send(send.Seat, send.Message, Now);
                break;
            case WriterEffect.Opened opened:
                OnOpened(opened.Log);
                break;
            case WriterEffect.Written written:
                Answer(written.Id, LedgerWriterProtocol.Done.Instance);
                break;
            case WriterEffect.Confirmed confirmed:
                Answer(confirmed.Id, new LedgerWriterProtocol.Holds(true));
                break;
            case WriterEffect.Compacted:
                compactor?.Tell(LedgerWriterProtocol.Done.Instance);
                compactor = null;
                break;
            case WriterEffect.RosterChanged changed:
                log.Info("The ledger's seats are now {Seats}", changed.Roster);
                WarnOfOtherSeeds(changed.Roster);
                TellSeats(changer);
                changer = null;
                break;
            case WriterEffect.ChangeRefused refused:
                log.Warning("The ledger's seats stay as they are: {Reason}", refused.Reason);
                changer?.Tell(new LedgerWriterProtocol.SeatsRefused(refused.Reason));
                changer = null;
                break;
            case WriterEffect.Noted noted:
                log.Warning("{What}", noted.What);
                break;
            case WriterEffect.Failed failed:
                OnFailed(failed);
                break;
        }
    }

    private void OnOpened(LedgerLog opened)
    {
        takenOver = false;
        lastFailure = null;
        log.Info("The ledger is open: entry {LastSeq}, epoch {Epoch}, seats {Seats}", opened.LastSeq, opened.Epoch, opened.Roster!);
        WarnOfOtherSeeds(opened.Roster!);
        opener?.Tell(new LedgerWriterProtocol.LedgerOpened(opened));
        opener = null;
        TellSeats(recoverer);
        ForgetWord();
    }

    private void OnFailed(WriterEffect.Failed failed)
    {
        takenOver = failed.TakenOver;
        if (failed.Reason != lastFailure)
            log.Warning("The ledger is closed on this host: {Reason}", failed.Reason);
        lastFailure = failed.Reason;
        var failure = new Status.Failure(new IOException(failed.Reason));
        foreach (var asker in askers.Values)
            asker.Tell(failure);
        askers.Clear();
        opener?.Tell(failure);
        compactor?.Tell(failure);
        changer?.Tell(new LedgerWriterProtocol.SeatsRefused(failed.Reason));
        opener = compactor = changer = null;
        if (wordTried)
        {
            recoverer?.Tell(new LedgerWriterProtocol.SeatsRefused(failed.Reason));
            ForgetWord();
        }
    }

    /// <summary>Where no allocator opens the ledger, nothing comes of it: the word is forgotten.</summary>
    private void OnRecover()
    {
        if (writer.IsOpen)
        {
            Sender.Tell(new LedgerWriterProtocol.SeatsRefused("the ledger is open: there is nothing to recover"));
            return;
        }
        recoverer = Sender;
        wordTried = false;
        writer.MayRecover = true;
        Timers.StartSingleTimer(nameof(WordIsOver), WordIsOver.Instance, WordHolds);
    }

    private void ForgetWord()
    {
        recoverer = null;
        wordTried = false;
        writer.MayRecover = false;
        Timers.Cancel(nameof(WordIsOver));
    }

    private void OnChangeSeats(LedgerWriterProtocol.ChangeSeats change)
    {
        if (!writer.IsOpen)
            return;
        string? against = changer is not null ? "another change of the seats is under way"
            : change.Seats.Distinct().Count() is not (1 or 3 or 5) || change.Seats.Distinct().Count() != change.Seats.Count ? "give 1, 3 or 5 seats, each once"
            : change.Seats.FirstOrDefault(seat => !IPEndPoint.TryParse(seat, out _)) is { } bad ? $"{bad} is no address and port"
            : null;
        if (against is not null)
        {
            Sender.Tell(new LedgerWriterProtocol.SeatsRefused(against));
            return;
        }
        changer = Sender;
        Do(now => writer.ChangeSeats(change.Seats, now));
    }

    private void TellSeats(IActorRef? asker)
    {
        if (writer.IsOpen)
            asker?.Tell(new LedgerWriterProtocol.SeatsAre(writer.Seats.ToEquatableArray(), writer.LastSeq));
    }

    private void WarnOfOtherSeeds(Roster roster)
    {
        if (!roster.Seats.ToHashSet().SetEquals(settings.Seeds))
            log.Warning("This host's seed list is {Seeds}; the ledger's seats, which count, are {Seats}: give every host that list", string.Join(", ", settings.Seeds), roster);
    }

    private void Answer(long id, object answer)
    {
        if (askers.Remove(id, out var asker))
            asker.Tell(answer);
    }

    private string SeatOf(IActorRef sender) => sender.Path.Address is { Host: { } host, Port: { } port }
        ? new IPEndPoint(IPAddress.Parse(host.Trim('[', ']')), port).ToString()
        : settings.Self;

    private sealed class WordIsOver : IDeadLetterSuppression
    {
        public static readonly WordIsOver Instance = new();
    }

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
