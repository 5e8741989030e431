using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.QuorumJournal;

/// <summary>One seat of the quorum journal on this host's disk: writes, then answers.</summary>
public sealed class JournalSeatActor : ReceivePersistentActor
{
    public const string Name = "seat";

    /// <summary>
    /// Under which a network's writer finds its seats: one that was given another network's address by mistake finds nobody there, whatever that seat holds.
    /// </summary>
    public static string NameIn(NetworkName network) => network.IsDefault ? Name : $"{Name}-{network.Text}";

    /// <summary>The seat's own events are summed up after so many.</summary>
    private const int EventsPerSnapshot = 1000;

    private readonly SeatFiles files;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private Seat seat;
    private int eventsSinceSnapshot;

    public JournalSeatActor(SeedList seeds, SeatFiles files)
    {
        this.files = files;
        JournalPluginId = "akka.persistence.journal.sql";
        SnapshotPluginId = "akka.persistence.snapshot-store.sql";
        seat = new Seat { Seeds = seeds.Seats };
        Recover<SnapshotOffer>(offer => seat = Seat.From((SeatSnapshot)offer.Snapshot) with { Seeds = seeds.Seats });
        Recover<SeatEvent>(happened =>
        {
            seat = seat.Apply(happened);
            eventsSinceSnapshot++;
        });
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<SeatProtocol.IRequest>(OnRequest);
        Command<SaveSnapshotSuccess>(saved =>
        {
            DeleteMessages(saved.Metadata.SequenceNr);
            DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
        });
        Command<SaveSnapshotFailure>(failed => log.Warning("The seat's events cannot be summed up: {Reason}", failed.Cause.Message));
        Command<DeleteMessagesFailure>(failed => log.Warning("The seat's old events cannot be deleted: {Reason}", failed.Cause.Message));
        Command<DeleteSnapshotsFailure>(failed => log.Warning("The seat's old snapshots cannot be deleted: {Reason}", failed.Cause.Message));
        Command<DeleteMessagesSuccess>(_ => { });
        Command<DeleteSnapshotsSuccess>(_ => { });
    }

    public override string PersistenceId => "seat";

    /// <summary>Under a back-off: a persistent actor ends where its disk fails, and the disk may come back.</summary>
    public static Props Props(SeedList seeds, SeatFiles files) => BackoffSupervisor.Props(Backoff.OnStop(
        Akka.Actor.Props.Create(() => new JournalSeatActor(seeds, files)),
        Name,
        minBackoff: TimeSpan.FromMilliseconds(500),
        maxBackoff: TimeSpan.FromSeconds(5),
        randomFactor: 0.2,
        maxNrOfRetries: -1));

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        log.Error("This host's copy of the ledger cannot be written ({Reason}): it does not count until it can", cause.GetBaseException().Message);

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        log.Error("This host's copy of the ledger cannot be read ({Reason}): it does not count until it can", reason.GetBaseException().Message);

    private void OnRecovered()
    {
        if (seat.Store != Guid.Empty)
        {
            log.Info("This host's copy of the ledger: entry {LastSeq} of epoch {Epoch}, store {Store}", seat.Log.LastSeq, seat.Log.Epoch, seat.Store);
            Begin();
            return;
        }
        Persist<SeatEvent>(new SeatEvent.Opened(Guid.NewGuid()), happened =>
        {
            seat = seat.Apply(happened);
            log.Info("A new copy of the ledger begins on this host, store {Store}: it counts once the ledger is founded, or this seat is enrolled", seat.Store);
            Begin();
        });
    }

    private void Begin()
    {
        seat = seat with { Lost = files.WhyBlank() };
        Remember();
        if (files.Brought is not { } single)
            return;
        if (!seat.Log.IsBlank)
            log.Error("{File} is not adopted: this host has a copy of the quorum's ledger already. Move it away", single.File);
        else if (seat.Log == single.Log)
            OnBrought(single);
        else
            Persist<SeatEvent>(new SeatEvent.Brought(single.Log), happened =>
            {
                seat = seat.Apply(happened);
                OnBrought(single);
            });
    }

    /// <summary>It is on this seat's disk: the file it came from must not be taken for the ledger any more.</summary>
    private void OnBrought(SingleLedger single)
    {
        try
        {
            log.Warning("The ledger of this host alone, {LastSeq} entries, goes over to the quorum once all seeds found it; its file is kept as {File}", single.Log.LastSeq, single.MoveAside());
        }
        catch (LedgerFileException e)
        {
            log.Error("The ledger of this host alone goes over to the quorum, but {Reason}", e.Message);
        }
    }

    /// <returns>False where it cannot be written down which ledger this host has a copy of: then nobody may rely on the copy.</returns>
    private bool Remember()
    {
        try
        {
            if (!seat.Log.IsBlank)
                files.Keep(seat.Log.Roster!.Ledger);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.Error("{File} cannot be written ({Reason}): this host's copy of the ledger does not count until it can", files.Mark.Path, e.Message);
            return false;
        }
    }

    private void Answer(IActorRef writer, SeatProtocol.IReply reply)
    {
        if (Remember())
            writer.Tell(reply);
    }

    private void OnRequest(SeatProtocol.IRequest request)
    {
        var writer = Sender;
        var (after, happened, reply) = seat.Decide(request);
        seat = after;
        if (happened is null)
        {
            Answer(writer, reply(seat));
            return;
        }
        Persist(happened, written =>
        {
            seat = seat.Apply(written);
            Answer(writer, reply(seat));
            if (++eventsSinceSnapshot >= EventsPerSnapshot || written is SeatEvent.Installed or SeatEvent.Compacted)
            {
                eventsSinceSnapshot = 0;
                SaveSnapshot(seat.ToSnapshot());
            }
        });
    }
}
