using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Netfilter;

namespace AkkaOverlay.Actors.Firewall;

/// <summary>
/// Owns this host's packet filter rules: puts them in place, looks in the kernel's dump whether they are, and puts them right when nftables tells that somebody
/// changed something there. What goes through iptables-legacy is told by nobody: it is looked at every few seconds.
/// </summary>
public sealed class FirewallManagerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AuditInterval = TimeSpan.FromSeconds(60);

    /// <summary>Flannel's own.</summary>
    private static readonly TimeSpan DeafInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    /// <summary>An event tells of a transaction that is complete; who makes several in a row is let finish the first ones.</summary>
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan ContendedInterval = TimeSpan.FromSeconds(10);

    private readonly FirewallNames names;
    private readonly FirewallReconciler reconciler;
    private readonly ContentionWatch contention;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private HostProtocol.SetGoal? goal;
    private ImmutableArray<string> told = [];
    private string lastChanger = "somebody";
    private bool look = true;
    private bool queued;
    private bool scheduled;
    private bool contended;

    public FirewallManagerActor(FirewallOptions options, IToolRunner tools, TimeProvider time)
    {
        names = options.Names;
        reconciler = new FirewallReconciler(tools);
        contention = new ContentionWatch(time);
        Receive<HostProtocol.SetGoal>(message =>
        {
            goal = message;
            // Behind the goals that wait already: only the last of them counts.
            if (!queued)
            {
                queued = true;
                Self.Tell(Tick.Instance);
            }
        });
        Receive<NetfilterEvent>(OnEvent);
        Receive<Tick>(_ => Reconcile());
        Receive<Look>(_ =>
        {
            scheduled = false;
            look = true;
            Reconcile();
        });
        Receive<HostProtocol.GetObjects>(_ => Sender.Tell(new HostProtocol.Objects(goal?.Plan.Firewall is { } wanted ? reconciler.Compare(wanted) : [])));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(FirewallOptions options, IToolRunner tools, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new FirewallManagerActor(options, tools, time)).WithDispatcher(HostSystem.KernelDispatcher);

    protected override void PreStart() => Context.Parent.Tell(HostProtocol.GoalWanted.Instance);

    private void OnEvent(NetfilterEvent change)
    {
        if (scheduled || reconciler.IsOwn(change) || !(change.Overrun || change.Touched.Any(Concerns)))
            return;
        if (!change.Overrun)
            lastChanger = $"{change.ProcessName} (process {change.ProcessId})";
        scheduled = true;
        Timers.StartSingleTimer(nameof(NetfilterEvent), Look.Instance, contended ? ContendedInterval : Debounce);
    }

    private bool Concerns(TouchedChain touched)
    {
        if (touched.Family == TableFamily.Inet)
            return touched.Table == names.Table;
        return goal?.Plan.Firewall is { Engine: FirewallEngine.Iptables } && touched switch
        {
            { Table: "filter" } => touched.Chain is null or "FORWARD" || touched.Chain == names.Forward,
            { Table: "nat" } => touched.Chain is null or "POSTROUTING" || touched.Chain == names.PostRouting,
            _ => false,
        };
    }

    private void Reconcile()
    {
        queued = false;
        if (goal is not { Plan.Firewall: { } wanted })
            return;
        bool looked = look;
        look = false;
        var outcome = reconciler.Reconcile(wanted, goal.MayRemove, looked);
        Tell(outcome);
        if (looked)
            Watch(outcome);
        Context.Parent.Tell(new HostProtocol.FirewallReport(goal.Plan, outcome.InPlace, outcome.Masquerades, outcome.Detail));
        Timers.StartSingleTimer(nameof(AuditInterval), Look.Instance, contended ? ContendedInterval : !outcome.InPlace || outcome.Leftovers.Length > 0 ? RetryInterval : reconciler.IsDeaf ? DeafInterval : AuditInterval);
    }

    /// <summary>Each trouble once.</summary>
    private void Tell(FirewallOutcome outcome)
    {
        foreach (string error in outcome.Errors.Except(told))
            log.Error("Firewall: {Error}", error);
        string[] remarks = [.. outcome.Absent, .. outcome.Leftovers];
        foreach (string remark in remarks.Except(told))
            log.Warning("Firewall: {Remark}", remark);
        if (outcome.InPlace && told.Length > remarks.Length)
            log.Info("Firewall: {Detail}", outcome.Detail);
        told = [.. outcome.Errors, .. remarks];
    }

    private void Watch(FirewallOutcome outcome)
    {
        if (outcome.Written == 0 || !outcome.InPlace)
        {
            contended = false;
            return;
        }
        long before = contention.Repairs;
        int? times = contention.Put(names, counts: true);
        if (contention.Repairs == before)
            log.Info("Firewall: {Detail}", outcome.Detail);
        else if (times is null)
            log.Warning("Firewall rules of ours were changed by {Changer}, and are put right", lastChanger);
        else if (!contended)
            log.Error("Firewall rules of ours were put right {Times} times within a minute; the other is {Changer}. From now on every {Seconds} s", times, lastChanger, ContendedInterval.TotalSeconds);
        contended = times is not null;
    }

    private sealed class Tick : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }

    private sealed class Look : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }
}
