using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>
/// The one that writes the ledger: a persistent actor around <see cref="LeaseTable"/>, a cluster singleton on the core.
/// <para>
/// It is not safe because it is the only one: Akka does not promise that at every instant. It is safe because every event is an append under the next
/// sequence number, which the journal accepts once; an allocator whose append fails stops without an answer, and the next one starts from what the journal
/// has. So nothing is answered and nothing announced before the journal has it; and what needs no event is answered only after the journal's fence has said
/// that no other allocator wrote since it was asked (<see cref="AnswerGate"/>).
/// </para>
/// </summary>
public sealed partial class SubnetAllocatorActor : ReceivePersistentActor, IWithTimers
{
    /// <summary>Leases in one message: some 150 octets each, and never more than 3 KiB (with what a host's command printed), so a page stays far below a remoting frame.</summary>
    internal const int LeasesPerPage = 100;

    /// <summary>Leases and quarantines that end at one tick.</summary>
    private const int EndsPerTick = 100;

    private static readonly TimeSpan TickInterval = TimeSpan.FromSeconds(1);

    private readonly NetworkConfig localNetwork;
    private readonly bool mayForget;
    private readonly ILoggingAdapter log = Context.GetLogger();

    /// <summary>New for every incarnation: a feed that another one began is begun again.</summary>
    private readonly Guid epoch = Guid.NewGuid();

    private readonly Dictionary<IActorRef, NodeId> watchers = [];
    private readonly Presence presence;
    private readonly SnapshotPolicy snapshots;

    private readonly TimeProvider time;
    private readonly AllocatorStatus status;
    private LeaseTable table = LeaseTable.Empty;

    /// <param name="fence">Asked before an answer that needs no event.</param>
    /// <param name="mayForget">Events that a snapshot covers may be deleted from the journal.</param>
    /// <param name="time">Its monotonic clock says how long somebody is unseen.</param>
    /// <param name="snapshotAfter">Events, at least, from one snapshot to the next.</param>
    /// <param name="status">Where this host sees the ledger as it is written.</param>
    public SubnetAllocatorActor(
        NetworkConfig localNetwork, ILedgerFence fence, bool mayForget, LeaseTimes times, TimeProvider time, int snapshotAfter, AllocatorStatus status)
    {
        this.time = time;
        this.status = status;
        this.localNetwork = localNetwork;
        this.fence = fence;
        this.mayForget = mayForget;
        presence = new Presence(time, times);
        trialLength = times.NetworkTrial;
        snapshots = new SnapshotPolicy(snapshotAfter);
        Recover<SnapshotOffer>(OnSnapshotOffer);
        Recover<LedgerEntry>(OnReplayed);
        Recover<RecoveryCompleted>(_ => OnRecovered());
        Command<LeaseProtocol.Claim>(OnClaim);
        Command<LeaseProtocol.Release>(OnRelease);
        Command<LeaseProtocol.IAmHere>(OnStillThere);
        Command<DoubtOver>(OnDoubtOver);
        Command<LeaseProtocol.Watch>(OnWatch);
        Command<LeaseProtocol.Describe>(OnDescribe);
        Command<LeaseProtocol.Reserve>(reserve => OnOperator(new LeaseCommand.Reserve(reserve.Subnet, reserve.Host), reserve));
        Command<LeaseProtocol.Unreserve>(unreserve => OnOperator(new LeaseCommand.Unreserve(unreserve.Subnet), unreserve));
        Command<LeaseProtocol.EndLease>(OnEndLease);
        NetworkAnswers();
        Command<Terminated>(terminated => watchers.Remove(terminated.ActorRef));
        Command<Tick>(_ => OnTick());
        Command<FenceSaid>(OnFenceSaid);
        Command<FenceFailed>(OnFenceFailed);
        Command<FenceAgain>(_ => AskFence());
        SnapshotAnswers();
        Command<Stop>(_ => Context.Stop(Self));
    }

    public override string PersistenceId => "subnet-allocator";

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(
        NetworkConfig localNetwork, ILedgerFence fence, bool mayForget, LeaseTimes? times = null, TimeProvider? time = null, int snapshotAfter = SnapshotPolicy.FewestEvents,
        AllocatorStatus? status = null) =>
        Akka.Actor.Props.Create(() => new SubnetAllocatorActor(
            localNetwork, fence, mayForget, times ?? LeaseTimes.Default, time ?? TimeProvider.System, snapshotAfter, status ?? new AllocatorStatus()));

    /// <summary>The singleton is to end here: the hand-over's last message, and the one at which the back-off gives up.</summary>
    public sealed record Stop
    {
        public static readonly Stop Instance = new();
    }

    /// <summary>Time goes on; once a second.</summary>
    internal sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }

    protected override void PostStop()
    {
        status.Table = null;
        fence.Release();
        base.PostStop();
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        OverlayMeter.JournalFailures.Add(1);
        log.Error("The ledger cannot be written: {Cause}. Nothing is granted until it can; leases that are held stay held", LedgerTrouble.Explain(cause));
    }

    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        OverlayMeter.JournalFailures.Add(1);
        log.Error("The ledger cannot be read: {Cause}. Nothing is granted until it can; leases that are held stay held", LedgerTrouble.Explain(reason));
    }

    private void OnReplayed(LedgerEntry entry)
    {
        // Events were deleted and the snapshot that covers them is not there: what is left is not the ledger.
        if (LastSequenceNr != table.Revision + 1)
            throw new InvalidOperationException($"the ledger has no event {table.Revision + 1}: the next one is {LastSequenceNr}");
        table = table.Apply(entry.Event);
    }

    private void OnRecovered()
    {
        presence.Begin(table);
        status.Table = table;
        OverlayMeter.AllocatorStarts.Add(1);
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickInterval);
        log.Info("The ledger is open: revision {Revision}, {Count} leases", table.Revision, table.Leases.Count);
        Begin(expected: null);
    }

    private void OnTick()
    {
        presence.Advance();
        // None of these looks at what another one changes.
        var events = presence.Due(table, EndsPerTick).SelectMany(command => table.Decide(command).Events).ToList();
        if (events.Count > 0)
            Write(events, () => { });
        FollowNetwork();
    }

    /// <summary>Decides, writes, and only then applies, announces and answers.</summary>
    /// <param name="question">What the command was made of: asked again where the answer from memory has become another one.</param>
    private void Execute(LeaseCommand command, object question, Action<LeaseReply> answer)
    {
        var asker = Sender;
        var (events, reply) = table.Decide(command);
        if (!events.IsEmpty)
        {
            Write(events, () => answer(reply));
            return;
        }
        FromMemory(() =>
        {
            switch (SecondLook.At(command, table))
            {
                case SecondLook.Answer present:
                    answer(present.Reply);
                    break;
                case SecondLook.AskAgain:
                    Self.Tell(question, asker);
                    break;
            }
        });
    }

    private void Write(IReadOnlyCollection<LeaseEvent> events, Action done)
    {
        int left = events.Count;
        long began = time.GetTimestamp();
        PersistAll(events.Select(happened => new LedgerEntry(happened)), entry =>
        {
            var before = table;
            table = table.Apply(entry.Event);
            status.Table = table;
            presence.Note(entry.Event, before);
            clones.Note(entry.Event);
            Report(entry.Event, before);
            var change = new LeaseProtocol.Change(epoch, before.Revision, table.Revision, entry.Event);
            foreach (var watcher in watchers.Keys)
                watcher.Tell(change);
            if (--left > 0)
                return;
            OverlayMeter.JournalWrite.Record(time.GetElapsedTime(began).TotalSeconds);
            done();
            SaveSnapshotIfDue();
        });
    }

    private NetworkVersion Network() => new(table.NetworkVersion, table.Network!);

    private void Report(LeaseEvent happened, LeaseTable before)
    {
        switch (happened)
        {
            case LeaseEvent.Granted { Lease: var lease }:
                log.Info("Granted {Subnets} to {Node} ({Owner})", lease.Subnets, lease.NodeName, lease.Owner);
                break;
            case LeaseEvent.Changed { Lease: var lease }:
                log.Info("Lease {Subnets} of {Node} ({Owner}) has new data", lease.Subnets, lease.NodeName, lease.Owner);
                break;
            case LeaseEvent.Released released:
                log.Info("Released by {Owner}, generation {Generation}", released.Owner, released.Generation);
                break;
            case LeaseEvent.Expired expired:
                var ended = before.Leases[expired.Owner];
                log.Warning("Lease {Subnets} of {Node} ({Owner}) expired: it was not seen for too long. Nobody else gets its subnets during the quarantine", ended.Subnets, ended.NodeName, ended.Owner);
                break;
            case LeaseEvent.QuarantineOver over:
                log.Info("Quarantine of {Subnet} is over", over.Subnet);
                break;
            case LeaseEvent.Reserved reserved:
                log.Info("{Subnet} is reserved for {Node}", reserved.Subnet, reserved.Host);
                break;
            case LeaseEvent.Unreserved unreserved:
                log.Info("{Subnet} is no longer reserved", unreserved.Subnet);
                break;
        }
    }
}
