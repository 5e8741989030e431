using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.LeaseFeed;

/// <summary>
/// Follows the ledger for this host: a snapshot, then every change in order. A gap, another epoch, or silence means asking for a snapshot again; what is
/// half there is never shown.
/// </summary>
public sealed class LeaseFeedActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Unanswered = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(5);

    /// <summary>Longer than the reporter has to find out.</summary>
    private static readonly TimeSpan ReportPatience = NetworkReporterActor.Patience * 2;

    private readonly NodeId node;
    private readonly IActorRef allocator;
    private readonly IActorRef host;
    private readonly ILoggingAdapter log = Context.GetLogger();

    private FeedState state = FeedState.Unknown;

    /// <param name="reporter">Says how far this host is with a configuration, to the allocator.</param>
    public LeaseFeedActor(NodeId node, IActorRef allocator, IActorRef host, IActorRef reporter)
    {
        this.node = node;
        this.allocator = allocator;
        this.host = host;
        Receive<Tick>(_ => Watch());
        Receive<LeaseProtocol.Snapshot>(page => Take(state.With(page)));
        Receive<LeaseProtocol.Change>(change => Take(state.With(change), change.Event));
        Receive<LeaseProtocol.UpToDate>(answer =>
        {
            if (answer.Epoch != state.Epoch || answer.Revision != state.Revision)
                return;
            host.Tell(HostProtocol.LedgerConfirmed.Instance);
            Next(Heartbeat);
        });
        Receive<LeaseProtocol.ReportNetwork>(question =>
        {
            if (reporter.IsNobody())
                return;
            var asker = Sender;
            // A failure has no place on the wire.
            reporter.Ask<LeaseProtocol.NetworkReport>(question, ReportPatience).PipeTo(
                asker, Self, failure: _ => new LeaseProtocol.NetworkReport(node, question.Version, NetworkProgress.Unknown, ""));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(NodeId node, IActorRef allocator, IActorRef host, IActorRef reporter) =>
        Akka.Actor.Props.Create(() => new LeaseFeedActor(node, allocator, host, reporter));

    protected override void PreStart() => Watch();

    private void Take(FeedState.Step step, LeaseEvent? happened = null)
    {
        state = step.State;
        if (step.Gap)
        {
            log.Info("The lease feed has a gap after revision {Revision}: asking for a snapshot", state.Revision);
            Watch();
        }
        else if (step.Complete)
        {
            var seen = new HostProtocol.LedgerSeen(state.Epoch, state.Revision, state.Network!, state.Leases);
            host.Tell(seen);
            Context.System.EventStream.Publish(new LedgerFollowed(seen, happened));
            Next(Heartbeat);
        }
    }

    private void Watch()
    {
        allocator.Tell(new LeaseProtocol.Watch(node, state.Epoch, state.Revision));
        Next(Unanswered);
    }

    private void Next(TimeSpan delay) => Timers.StartSingleTimer(nameof(Tick), Tick.Instance, delay);

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}

/// <summary>On the overlay system's event stream: the feed has gone on.</summary>
/// <param name="Happened">The one event that it went on by; null after a snapshot.</param>
internal sealed record LedgerFollowed(HostProtocol.LedgerSeen Now, LeaseEvent? Happened);

/// <summary>The feed's pure core: what is known, and what a page or a change makes of it.</summary>
internal sealed record FeedState
{
    public static readonly FeedState Unknown = new();

    public Guid Epoch { get; private init; }

    public long Revision { get; private init; }

    public NetworkVersion? Network { get; private init; }

    public ImmutableDictionary<NodeId, Lease> Leases { get; private init; } = ImmutableDictionary<NodeId, Lease>.Empty;

    /// <summary>Pages of a snapshot under way.</summary>
    private ImmutableDictionary<int, LeaseProtocol.Snapshot> Pages { get; init; } = ImmutableDictionary<int, LeaseProtocol.Snapshot>.Empty;

    /// <param name="Complete">There is a new state to show.</param>
    /// <param name="Gap">Something was lost: a snapshot is needed.</param>
    public readonly record struct Step(FeedState State, bool Complete, bool Gap);

    public Step With(LeaseProtocol.Snapshot page)
    {
        // A late copy of an earlier answer. Going back would take peers away that came since.
        if (page.Epoch == Epoch && page.Revision < Revision)
            return new Step(this, false, false);
        var sameSnapshot = Pages.Values.FirstOrDefault() is { } first && first.Epoch == page.Epoch && first.Revision == page.Revision && first.Pages == page.Pages;
        var pages = (sameSnapshot ? Pages : Pages.Clear()).SetItem(page.Page, page);
        if (pages.Count < page.Pages)
            return new Step(this with { Pages = pages }, false, false);
        var leases = ImmutableDictionary.CreateBuilder<NodeId, Lease>();
        foreach (var lease in pages.Values.SelectMany(part => part.Leases))
            leases[lease.Owner] = lease;
        var next = new FeedState { Epoch = page.Epoch, Revision = page.Revision, Network = page.Network, Leases = leases.ToImmutable() };
        return new Step(next, true, false);
    }

    public Step With(LeaseProtocol.Change change)
    {
        if (change.Epoch == Epoch && change.Revision <= Revision)
            return new Step(this, false, false);
        if (change.Epoch != Epoch || change.Previous != Revision || Network is null)
            return new Step(this, false, true);
        var next = change.Event switch
        {
            LeaseEvent.Granted granted => this with { Leases = Leases.SetItem(granted.Lease.Owner, granted.Lease) },
            LeaseEvent.Changed changed => this with { Leases = Leases.SetItem(changed.Lease.Owner, changed.Lease) },
            LeaseEvent.Released released => this with { Leases = Leases.Remove(released.Owner) },
            LeaseEvent.Expired expired => this with { Leases = Leases.Remove(expired.Owner) },
            LeaseEvent.QuarantineOver or LeaseEvent.Reserved or LeaseEvent.Unreserved => this,
            LeaseEvent.NetworkSet set => this with { Network = new NetworkVersion(set.Version, set.Config) },
            _ => throw new ArgumentException($"Unknown event {change.Event.GetType().Name}.", nameof(change)),
        };
        return new Step(next with { Revision = change.Revision }, true, false);
    }
}
