using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.SubnetAllocator;

/// <summary>
/// The one that writes the ledger: a persistent actor around <see cref="LeaseTable"/>, a cluster singleton on the core.
/// <para>
/// It is not safe because it is the only one: Akka does not promise that at every instant. It is safe because every event is an append under the next
/// sequence number, which the journal accepts once; an allocator whose append fails stops without an answer, and the next one starts from what the journal
/// has. So nothing is answered and nothing announced before the journal has it.
/// </para>
/// </summary>
public sealed class SubnetAllocatorActor : ReceivePersistentActor
{
    /// <summary>Leases in one message: some 150 octets each, so a page stays far below a remoting frame.</summary>
    internal const int LeasesPerPage = 200;

    private readonly NetworkConfig localNetwork;
    private readonly ILoggingAdapter log = Context.GetLogger();

    /// <summary>New for every incarnation: a feed that another one began is begun again.</summary>
    private readonly Guid epoch = Guid.NewGuid();

    private readonly HashSet<IActorRef> watchers = [];

    private LeaseTable table = LeaseTable.Empty;

    /// <param name="fence">Asked before an answer that needs no event.</param>
    /// <param name="mayForget">Events that a snapshot covers may be deleted from the journal.</param>
    public SubnetAllocatorActor(NetworkConfig localNetwork, ILedgerFence fence, bool mayForget)
    {
        _ = (fence, mayForget);
        this.localNetwork = localNetwork;
        Recover<LedgerEntry>(entry => table = table.Apply(entry.Event));
        Recover<RecoveryCompleted>(_ => log.Info("The ledger is open: revision {Revision}, {Count} leases", table.Revision, table.Leases.Count));
        Command<LeaseProtocol.Claim>(OnClaim);
        Command<LeaseProtocol.Release>(OnRelease);
        Command<LeaseProtocol.Watch>(OnWatch);
        Command<Terminated>(terminated => watchers.Remove(terminated.ActorRef));
        Command<Stop>(_ => Context.Stop(Self));
    }

    public override string PersistenceId => "subnet-allocator";

    public static Props Props(NetworkConfig localNetwork, ILedgerFence fence, bool mayForget) =>
        Akka.Actor.Props.Create(() => new SubnetAllocatorActor(localNetwork, fence, mayForget));

    /// <summary>The singleton is to end here: the hand-over's last message, and the one at which the back-off gives up.</summary>
    public sealed record Stop
    {
        public static readonly Stop Instance = new();
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        log.Error("The ledger cannot be written: {Cause}. Nothing is granted until it can; leases that are held stay held", LedgerTrouble.Explain(cause));

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        log.Error("The ledger cannot be read: {Cause}. Nothing is granted until it can; leases that are held stay held", LedgerTrouble.Explain(reason));

    private void OnClaim(LeaseProtocol.Claim claim)
    {
        var asker = Sender;
        if (table.Network is null)
        {
            Execute(new LeaseCommand.FoundNetwork(localNetwork), _ => log.Info("The network is founded: {Network}", NetConf.ToEffectiveJson(localNetwork, indented: false)));
            Self.Forward(claim);
            return;
        }
        if (claim.NetworkFingerprint != NetConf.Fingerprint(table.Network))
        {
            asker.Tell(new LeaseProtocol.NetworkIs(Network(), NetConf.Fingerprint(table.Network)));
            return;
        }
        Execute(claim.Command, reply =>
        {
            switch (reply)
            {
                case LeaseReply.Granted granted:
                    if (granted.Conflict is { } conflict)
                        log.Error("Claim of {Node} ({Owner}) conflicts with the ledger: {Conflict}", claim.Command.NodeName, claim.Command.Owner, conflict);
                    asker.Tell(new LeaseProtocol.Granted(granted.Lease, Network(), granted.Conflict));
                    break;
                case LeaseReply.Refused refused:
                    asker.Tell(new LeaseProtocol.Refused(refused.Reason, refused.Text));
                    break;
            }
        });
    }

    private void OnRelease(LeaseProtocol.Release release)
    {
        var asker = Sender;
        if (table.Leases.TryGetValue(release.Owner, out var lease) && lease.Generation != release.Generation)
        {
            // The owner remembers an earlier hold: it must hear of the one that it has.
            asker.Tell(new LeaseProtocol.Granted(lease, Network(), null));
            return;
        }
        // A lease that is not there is as much released as one that was there: the first answer may have been lost.
        Execute(new LeaseCommand.Release(release.Owner, release.Generation), _ => asker.Tell(new LeaseProtocol.Released(release.Owner, release.Generation)));
    }

    private void OnWatch(LeaseProtocol.Watch watch)
    {
        if (table.Network is null)
            return;
        if (watchers.Add(Sender))
            Context.Watch(Sender);
        if (watch.Epoch == epoch && watch.Revision == table.Revision)
        {
            Sender.Tell(new LeaseProtocol.UpToDate(epoch, table.Revision));
            return;
        }
        var pages = table.Leases.Values.Chunk(LeasesPerPage).DefaultIfEmpty([]).ToList();
        for (int page = 0; page < pages.Count; page++)
            Sender.Tell(new LeaseProtocol.Snapshot(epoch, table.Revision, Network(), pages[page].ToEquatableArray(), page, pages.Count));
    }

    /// <summary>Decides, writes, and only then applies, announces and answers.</summary>
    private void Execute(LeaseCommand command, Action<LeaseReply> answer)
    {
        var (events, reply) = table.Decide(command);
        if (events.IsEmpty)
        {
            answer(reply);
            return;
        }
        int left = events.Length;
        PersistAll(events.Select(happened => new LedgerEntry(happened)), entry =>
        {
            long previous = table.Revision;
            table = table.Apply(entry.Event);
            Report(entry.Event);
            var change = new LeaseProtocol.Change(epoch, previous, table.Revision, entry.Event);
            foreach (var watcher in watchers)
                watcher.Tell(change);
            if (--left == 0)
                answer(reply);
        });
    }

    private NetworkVersion Network() => new(table.NetworkVersion, table.Network!);

    private void Report(LeaseEvent happened)
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
        }
    }
}
