using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Metrics;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Keeps an overlay system alive in this process: starts it, starts it again when the cluster puts it out, and ends it in good order. Lives in the host's
/// own system, where no such thing happens.
/// </summary>
public sealed class OverlaySupervisor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>A plain host that reaches only part of the core is put out again and again: it must not keep the others' joins waiting each time.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>The others wait for a core host.</summary>
    private static readonly TimeSpan LongestPauseOfCore = TimeSpan.FromSeconds(5);

    /// <summary>A life of this length was a good one: the next pause is short again.</summary>
    private static readonly TimeSpan GoodLife = TimeSpan.FromSeconds(60);

    private readonly Func<OverlaySettings> settings;
    private readonly IActorRef host;
    private readonly ILoggerFactory loggers;
    private readonly TimeProvider time;
    private readonly Func<TimeSpan?, string?> leaveForGood;
    private readonly ILoggingAdapter log = Context.GetLogger();

    private OverlaySystem? overlay;
    private bool starting;
    private bool anewWhenBegun;
    private bool everStarted;
    private bool isCore;
    private long startedAt;
    private TimeSpan pause = ShortestPause;
    private IActorRef? stopAskedBy;
    private IActorRef firstStartAskedBy = ActorRefs.Nobody;

    /// <param name="settings">Asked anew at every start: the lease on the disk may have changed.</param>
    /// <param name="leaveForGood">Called when an operator wants this node out, with <see cref="LeaveForGood.Drain"/>: says why it cannot be any more, or null.</param>
    public OverlaySupervisor(Func<OverlaySettings> settings, IActorRef host, ILoggerFactory loggers, TimeProvider time, Func<TimeSpan?, string?> leaveForGood)
    {
        this.settings = settings;
        this.host = host;
        this.loggers = loggers;
        this.time = time;
        this.leaveForGood = leaveForGood;

        Receive<Start>(_ =>
        {
            firstStartAskedBy = Sender;
            StartOverlay();
        });
        Receive<Restart>(_ => StartOverlay());
        Receive<Began>(OnBegan);
        Receive<Failed>(OnFailed);
        Receive<Ended>(OnEnded);
        Receive<BeginAnew>(anew =>
        {
            // One that is being started may have been given what is not so any more.
            anewWhenBegun = starting;
            Shut(CoordinatedShutdown.ClusterDowningReason.Instance, anew.Abruptly ? CoordinatedShutdown.PhaseActorSystemTerminate : null);
        });
        Receive<LeaveForGood>(wish => Sender.Tell(new LeavingForGood(this.leaveForGood(wish.Drain))));
        Receive<GetOverlay>(_ => Sender.Tell(new Overlay(overlay)));
        Receive<GiveLeaseBack>(_ =>
        {
            if (overlay is null)
                Sender.Tell(new Status.Failure(new InvalidOperationException("This node has no connection to the cluster.")));
            else
                overlay.Claimant.Forward(ClaimantActor.GiveBack.Instance);
        });
        Receive<Stop>(_ =>
        {
            stopAskedBy = Sender;
            // One that is being started is stopped when it has begun.
            if (overlay is null && !starting)
                Sender.Tell(Stopped.Instance);
            else
                Shut(CoordinatedShutdown.ClusterLeavingReason.Instance);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Func<OverlaySettings> settings, IActorRef host, ILoggerFactory loggers, TimeProvider time, Func<TimeSpan?, string?> leaveForGood) =>
        Akka.Actor.Props.Create(() => new OverlaySupervisor(settings, host, loggers, time, leaveForGood));

    /// <summary>Answered by <see cref="Started"/>, or by a <see cref="Status.Failure"/> where the first start fails.</summary>
    public sealed record Start
    {
        public static readonly Start Instance = new();
    }

    public sealed record Started
    {
        public static readonly Started Instance = new();
    }

    /// <summary>The node is in the wrong cluster, or at another address: end this life and join again.</summary>
    /// <param name="Abruptly">Without leaving: nobody would hear it.</param>
    public sealed record BeginAnew(bool Abruptly);

    /// <summary>An operator wants this node out of the network. Answered by <see cref="LeavingForGood"/>.</summary>
    /// <param name="Drain">How long to wait for containers at most; null as the node's own options say.</param>
    public sealed record LeaveForGood(TimeSpan? Drain);

    /// <param name="Objection">Why it does not; null where it does.</param>
    public sealed record LeavingForGood(string? Objection);

    /// <summary>Answered by <see cref="HostProtocol.LeaseEnded"/>.</summary>
    public sealed record GiveLeaseBack
    {
        public static readonly GiveLeaseBack Instance = new();
    }

    /// <summary>Leave the cluster gracefully; answered by <see cref="Stopped"/>.</summary>
    public sealed record Stop
    {
        public static readonly Stop Instance = new();
    }

    public sealed record Stopped
    {
        public static readonly Stopped Instance = new();
    }

    public sealed record GetOverlay
    {
        public static readonly GetOverlay Instance = new();
    }

    /// <param name="System">Null between two lives.</param>
    public sealed record Overlay(OverlaySystem? System);

    private void StartOverlay()
    {
        if (stopAskedBy is not null)
            return;
        starting = true;
        var self = Self;
        Task.Run(() => OverlaySystem.Start(settings(), host, self, loggers, time))
            .PipeTo(Self, success: begun => new Began(begun), failure: reason => new Failed(reason));
    }

    private void OnBegan(Began began)
    {
        starting = false;
        overlay = began.System;
        OverlayMeter.OverlayStarts.Add(1);
        everStarted = true;
        isCore = began.System.IsCore;
        startedAt = time.GetTimestamp();
        firstStartAskedBy.Tell(Started.Instance);
        firstStartAskedBy = ActorRefs.Nobody;
        began.System.System.WhenTerminated.PipeTo(Self, success: () => new Ended(began.System), failure: _ => new Ended(began.System));
        if (stopAskedBy is not null)
            Shut(CoordinatedShutdown.ClusterLeavingReason.Instance);
        else if (anewWhenBegun)
            Shut(CoordinatedShutdown.ClusterDowningReason.Instance, CoordinatedShutdown.PhaseActorSystemTerminate);
        anewWhenBegun = false;
    }

    private void OnFailed(Failed failed)
    {
        starting = false;
        if (stopAskedBy is not null)
        {
            stopAskedBy.Tell(Stopped.Instance);
        }
        else if (!everStarted)
        {
            firstStartAskedBy.Tell(new Status.Failure(failed.Reason));
        }
        else
        {
            log.Error("The overlay system cannot start: {Reason}; again in {Seconds} s", failed.Reason.GetBaseException().Message, pause.TotalSeconds);
            Pause();
        }
    }

    private void OnEnded(Ended ended)
    {
        if (!ReferenceEquals(overlay, ended.System))
            return;
        overlay = null;
        if (stopAskedBy is not null)
        {
            stopAskedBy.Tell(Stopped.Instance);
            return;
        }
        if (time.GetElapsedTime(startedAt) > GoodLife)
            pause = ShortestPause;
        log.Warning("This node is out of the cluster; joining again in {Seconds} s. Routes and tunnels stay as they are", pause.TotalSeconds);
        Pause();
    }

    private void Pause()
    {
        Timers.StartSingleTimer(nameof(Restart), Restart.Instance, pause);
        var longest = isCore ? LongestPauseOfCore : LongestPause;
        pause = pause * 2 < longest ? pause * 2 : longest;
    }

    private void Shut(CoordinatedShutdown.Reason reason, string? fromPhase = null)
    {
        if (overlay is not null)
            _ = CoordinatedShutdown.Get(overlay.System).Run(reason, fromPhase);
    }

    private sealed record Began(OverlaySystem System);

    private sealed record Failed(Exception Reason);

    private sealed record Ended(OverlaySystem System);

    private sealed class Restart : IDeadLetterSuppression
    {
        public static readonly Restart Instance = new();
    }
}
