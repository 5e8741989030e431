using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Drain;

/// <summary>
/// Looks once a second whether containers are left on a host that was told to leave, and says so to the host's network, which is not ready meanwhile. Changes nothing: routes and forwarding stay
/// until the lease is given back. Lives in the host's own system.
/// </summary>
public sealed class DrainActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly IActorRef host;
    private readonly Func<IRtnetlink> openRtnetlink;
    private readonly TimeProvider time;
    private readonly string? bridge;
    private readonly ILoggingAdapter log = Context.GetLogger();

    private DrainWait? wait;
    private TimeSpan longest = TimeSpan.MaxValue;
    private IActorRef asker = ActorRefs.Nobody;
    private long began;
    private string? problem;

    /// <param name="bridge">As in <see cref="Attachment.Find"/>.</param>
    public DrainActor(IActorRef host, Func<IRtnetlink> openRtnetlink, TimeProvider time, string? bridge)
    {
        (this.host, this.openRtnetlink, this.time, this.bridge) = (host, openRtnetlink, time, bridge);
        Receive<Begin>(OnBegin);
        Receive<Shorten>(OnShorten);
        Receive<Look>(_ => host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, Patience).PipeTo(
            Self, success: status => new Held(status), failure: _ => new Held(null)));
        Receive<Held>(OnHeld);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Waited => time.GetElapsedTime(began);

    public static Props Props(IActorRef host, Func<IRtnetlink> openRtnetlink, TimeProvider time, string? bridge) =>
        Akka.Actor.Props.Create(() => new DrainActor(host, openRtnetlink, time, bridge)).WithDispatcher(HostSystem.KernelDispatcher);

    /// <summary>Answered by <see cref="Ended"/>.</summary>
    public sealed record Begin(TimeSpan Limit);

    /// <param name="Step">Never <see cref="DrainStep.Wait"/>.</param>
    public sealed record Ended(DrainStep Step);

    /// <summary>Somebody does not want to wait so long.</summary>
    /// <param name="Limit">From now.</param>
    public sealed record Shorten(TimeSpan Limit);

    private void OnBegin(Begin begin)
    {
        asker = Sender;
        began = time.GetTimestamp();
        wait = new DrainWait(begin.Limit < longest ? begin.Limit : longest);
        log.Info("Draining: the lease is given back when no container is left here, in {Limit} at the latest", DurationText.Of(wait.Limit));
        Show();
        Self.Tell(Look.Instance);
    }

    private void OnShorten(Shorten shorten)
    {
        if (wait is null)
        {
            // The wait is about to begin.
            longest = shorten.Limit < longest ? shorten.Limit : longest;
            return;
        }
        wait = wait.Shortened(shorten.Limit, Waited);
        Continue();
    }

    private void OnHeld(Held held)
    {
        if (wait is null)
            return;
        var before = wait.Left;
        wait = wait.Looked(held.Status is null ? null : LookFor(held.Status));
        if (wait.Left is { Count: > 0 } && wait.Left != before)
            log.Info("Draining: {Containers}", wait.Containers());
        Continue();
    }

    private void Continue()
    {
        var step = wait!.Next(Waited);
        if (step == DrainStep.Wait)
        {
            Show();
            Timers.StartSingleTimer(nameof(Look), Look.Instance, Interval);
            return;
        }
        if (step == DrainStep.Leave)
            log.Info("Drained after {Time}", DurationText.Of(Waited));
        else
            log.Warning("The wait is over: {Containers}, which lose the network now", wait.Containers());
        wait = null;
        Timers.CancelAll();
        asker.Tell(new Ended(step));
    }

    private void Show() => host.Tell(new HostProtocol.Draining(wait!.Describe(Waited)));

    /// <returns>Null where the kernel refuses.</returns>
    private IReadOnlyList<Attachment>? LookFor(HostStatus status)
    {
        if (status.Lease is not { } lease)
            return [];
        try
        {
            using var kernel = openRtnetlink();
            var routes = kernel.DumpRoutes(new RouteFilter { Table = Route.MainTable });
            return Attachment.Find(kernel.DumpLinks(), kernel.DumpAddresses(), routes, [.. lease.Subnets.All], bridge);
        }
        catch (NetlinkException e)
        {
            if (problem != e.Message)
                log.Warning("Draining: the kernel does not say which containers are left ({Reason})", e.Message);
            problem = e.Message;
            return null;
        }
    }

    /// <param name="Status">Null where the host's network did not answer.</param>
    private sealed record Held(HostStatus? Status);

    private sealed class Look : IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }
}
