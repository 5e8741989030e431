using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.CloudRoutes;

/// <summary>
/// Keeps this host's routes in its cloud: looks when the lease is another one, when a host went, and every minute. Does nothing for a network that needs no cloud.
/// The passes run on the thread pool; a new goal ends the one that runs.
/// </summary>
public sealed class CloudRouteManagerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AuditInterval = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(20);

    /// <summary>Another host went: its route is looked for once, however many hosts see it go.</summary>
    private static readonly TimeSpan LeasesInterval = TimeSpan.FromSeconds(15);

    private readonly Func<BackEndConfig, ICloudRoutes> open;
    private readonly CloudBackoff backoff = new(Random.Shared);
    private readonly ILoggingAdapter log = Context.GetLogger();
    private HostProtocol.SetGoal? goal;
    private CloudGoal? wanted;
    private CloudOutcome? outcome;
    private ImmutableArray<string> told = [];
    private bool inPlace;
    private Action? callOff;
    private (BackEndConfig BackEnd, ICloudRoutes Routes)? cloud;

    /// <param name="open">What speaks to the cloud of a back end.</param>
    public CloudRouteManagerActor(Func<BackEndConfig, ICloudRoutes> open)
    {
        this.open = open;
        Receive<HostProtocol.SetGoal>(OnGoal);
        Receive<Look>(_ => BeginPass());
        Receive<PassEnded>(OnPassEnded);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Func<BackEndConfig, ICloudRoutes> open) => Akka.Actor.Props.Create(() => new CloudRouteManagerActor(open));

    protected override void PreStart() => Context.Parent.Tell(HostProtocol.GoalWanted.Instance);

    protected override void PostStop()
    {
        callOff?.Invoke();
        cloud?.Routes.Dispose();
    }

    private void OnGoal(HostProtocol.SetGoal message)
    {
        bool viewIsWhole = message.MayRemove && goal is not { MayRemove: true };
        goal = message;
        var next = message.Plan.Cloud ?? (message.MayRemove ? wanted?.GivenBack() : wanted);
        if (next is null)
            return;
        bool others = wanted is not null && wanted.Held.Except(next.Held).Any();
        if (next.WantsOtherThan(wanted))
        {
            wanted = next;
            outcome = null;
            inPlace = false;
            callOff?.Invoke();
            BeginPass();
            return;
        }
        wanted = next;
        Report();
        if (viewIsWhole)
            BeginPass();
        else if (others && callOff is null)
            LookAfter(LeasesInterval);
    }

    private void BeginPass()
    {
        // One that is called off says so when it has ended; then the next begins.
        if (callOff is not null || wanted is null || goal is null)
            return;
        var source = new CancellationTokenSource();
        callOff = source.Cancel;
        var (cancel, now, mayRemove) = (source.Token, wanted, goal.MayRemove);
        var reconciler = new CloudReconciler(CloudOf(now.BackEnd), backoff, Task.Delay);
        Task.Run(() => reconciler.RunAsync(now, mayRemove, cancel), CancellationToken.None)
            .PipeTo(Self, success: result => new PassEnded(now, mayRemove, result, null), failure: e => new PassEnded(now, mayRemove, null, e));
    }

    private void OnPassEnded(PassEnded pass)
    {
        callOff = null;
        // The view may have become complete meanwhile: what is stale goes at once.
        if (wanted!.WantsOtherThan(pass.Goal) || (goal!.MayRemove && !pass.MayRemove))
            BeginPass();
        else
            LookAfter(pass.Outcome is { InPlace: true } ? AuditInterval : RetryInterval);
        if (wanted.WantsOtherThan(pass.Goal))
            return;
        outcome = pass.Outcome ?? new CloudOutcome(false, OneLine(pass.Failure!), [OneLine(pass.Failure!)], []);
        Tell(outcome);
        Report();
    }

    /// <summary>Each trouble once.</summary>
    private void Tell(CloudOutcome now)
    {
        string type = wanted!.BackEnd.Type;
        foreach (string done in now.Done)
            log.Info("{BackEnd}: {Change}: done", type, done);
        foreach (string trouble in now.Troubles.Except(told))
            log.Error("{BackEnd}: {Trouble}", type, trouble);
        if (now.InPlace && !inPlace)
            log.Info("{BackEnd}: {Detail}", type, now.Detail);
        inPlace = now.InPlace;
        told = now.Troubles;
    }

    private void Report()
    {
        if (outcome is not null)
            Context.Parent.Tell(new HostProtocol.CloudReport(goal!.Plan, outcome.InPlace, outcome.Detail));
    }

    private void LookAfter(TimeSpan time) => Timers.StartSingleTimer(nameof(Look), Look.Instance, backoff.Jitter(time));

    private ICloudRoutes CloudOf(BackEndConfig backEnd)
    {
        if (cloud?.BackEnd != backEnd)
        {
            cloud?.Routes.Dispose();
            cloud = (backEnd, open(backEnd));
        }
        return cloud.Value.Routes;
    }

    private static string OneLine(Exception failure) => $"{failure.GetBaseException().GetType().Name}: {failure.GetBaseException().Message}".ReplaceLineEndings(" ");

    private sealed record PassEnded(CloudGoal Goal, bool MayRemove, CloudOutcome? Outcome, Exception? Failure) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed class Look : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }
}
