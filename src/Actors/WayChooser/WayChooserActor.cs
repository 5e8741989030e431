using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;

namespace AkkaOverlay.Actors.WayChooser;

/// <summary>Looks at the probes once a second where the configuration says <c>auto</c>, and tells HostNetwork of ways that do not get through.</summary>
public sealed class WayChooserActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly WayJudgement judgement = new();

    /// <param name="probes">Nobody where nothing is probed: then the first way is taken for ever.</param>
    public WayChooserActor(IActorRef probes, TimeProvider time)
    {
        var log = Context.GetLogger();
        long began = time.GetTimestamp();
        HostPlan? plan = null;
        Receive<HostProtocol.SetGoal>(goal => plan = goal.Plan);
        Receive<Tick>(_ =>
        {
            if (plan is not null && plan.Reached.Any(subnet => subnet.Reason is not null) && !probes.IsNobody())
                probes.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, Interval).PipeTo(Self, failure: _ => Tick.Unanswered);
        });
        Receive<ProbeTable>(table =>
        {
            var before = judgement.Avoided;
            if (plan is null || !judgement.Look(time.GetElapsedTime(began), plan.Reached, table.Rows))
                return;
            foreach (var (way, why) in judgement.Avoided.Except(before))
                log.Warning("The way to {Peer} by {BackEnd} is left: {Reason}", table.Rows.FirstOrDefault(row => row.Node == way.Peer)?.Name ?? way.Peer.ToString(), way.BackEnd, why);
            Context.Parent.Tell(new HostProtocol.WaysAvoided(judgement.Avoided));
        });
        Receive<Nothing>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(IActorRef probes, TimeProvider time) => Akka.Actor.Props.Create(() => new WayChooserActor(probes, time));

    protected override void PreStart()
    {
        Context.Parent.Tell(HostProtocol.GoalWanted.Instance);
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval);
    }

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
        public static readonly Nothing Unanswered = new();
    }

    private sealed class Nothing : IDeadLetterSuppression;
}
