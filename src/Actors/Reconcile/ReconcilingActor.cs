using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Reconcile;

/// <summary>
/// What RouteManager and TunnelManager have in common: they compare wanted and actual at every new goal, at every event on something of theirs, when
/// a failed object's time has come, and every minute as an audit. All in the actor's own thread: one manager, one socket, one writer.
/// </summary>
public abstract class ReconcilingActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AuditInterval = TimeSpan.FromSeconds(60);

    /// <summary>Events come in bursts: a little patience makes one comparison of them.</summary>
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(20);

    private readonly Func<IRtnetlink> openKernel;
    private readonly RepairClock repairClock;
    private IRtnetlink? kernel;
    private bool scheduled;
    private bool queued;
    private long written;

    protected ReconcilingActor(Func<IRtnetlink> openKernel, TimeProvider time)
    {
        this.openKernel = openKernel;
        History = new ObjectHistory(time);
        repairClock = new RepairClock(time);
        Receive<HostProtocol.SetGoal>(goal =>
        {
            Goal = goal;
            ReconcileNext();
        });
        Receive<RtnetlinkEvent>(change =>
        {
            if (change.PortId == Kernel.PortId || !Concerns(change))
                return;
            if (change is RtnetlinkEvent.RouteEvent route)
                History.Suspects.Note(route);
            repairClock.Event();
            if (!scheduled)
            {
                scheduled = true;
                Timers.StartSingleTimer(nameof(Debounce), Tick.Instance, Debounce);
            }
        });
        Receive<Tick>(_ => ReconcileNow());
        Receive<HostProtocol.GetObjects>(_ => Sender.Tell(new HostProtocol.Objects(CompareAll())));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected ILoggingAdapter Log { get; } = Context.GetLogger();

    protected ObjectHistory History { get; }

    /// <summary>Null until HostNetwork has one: then nothing is compared and nothing touched.</summary>
    protected HostProtocol.SetGoal? Goal { get; private set; }

    protected IRtnetlink Kernel => kernel ??= openKernel();

    protected abstract string ManagerName { get; }

    /// <summary>True where an event may be about something of this manager's.</summary>
    protected abstract bool Concerns(RtnetlinkEvent change);

    protected abstract Result Reconcile(HostProtocol.SetGoal goal);

    protected abstract ImmutableArray<ObjectStatus> Compare(HostProtocol.SetGoal goal);

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(AuditInterval), Tick.Instance, AuditInterval);
        Context.Parent.Tell(HostProtocol.GoalWanted.Instance);
    }

    protected override void PostStop() => kernel?.Dispose();

    /// <summary>
    /// Compares once for all that waits in the mailbox now: when a whole cluster starts, goals come by the thousand, and only the last of them counts.
    /// </summary>
    protected void ReconcileNext()
    {
        if (queued)
            return;
        queued = true;
        Self.Tell(Tick.Instance);
    }

    private void ReconcileNow()
    {
        scheduled = false;
        queued = false;
        if (Goal is not { } goal)
            return;
        try
        {
            var result = Reconcile(goal);
            written += result.Written;
            if (repairClock.Compared(History.Contention.Repairs, result.Missing + result.MissingDevices) is { } took)
                OverlayMeter.RepairTime.Record(took.TotalSeconds);
            foreach (string error in result.NewErrors)
                Log.Error("Kernel refused: {Error}", error);
            Context.Parent.Tell(new HostProtocol.ManagerReport(ManagerName, goal.Plan, result.MissingDevices, result.Missing, written, [.. History.Retries.Errors]));
        }
        catch (NetlinkException e)
        {
            // A dump that cannot be had: nothing was compared, so nothing may be said. The socket may be the reason.
            Log.Error("Cannot read the kernel's state: {Error}", e.Message);
            kernel?.Dispose();
            kernel = null;
            Timers.StartSingleTimer(nameof(RetryTable), Tick.Instance, RetryTable.FirstDelay);
            return;
        }
        // One whose time has come and that was not tried waits for something else: not for the next tick.
        if (History.Retries.NextDelay() is { } delay)
            Timers.StartSingleTimer(nameof(RetryTable), Tick.Instance, delay > TimeSpan.Zero ? delay + Debounce : RetryTable.FirstDelay);
    }

    private ImmutableArray<ObjectStatus> CompareAll()
    {
        try
        {
            return Goal is { } goal ? Compare(goal) : [];
        }
        catch (NetlinkException e)
        {
            Log.Error("Cannot read the kernel's state: {Error}", e.Message);
            return [];
        }
    }

    protected readonly record struct Result(int Written, int MissingDevices, int Missing, ImmutableArray<string> NewErrors);

    private sealed class Tick : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
