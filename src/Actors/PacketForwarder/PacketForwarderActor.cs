using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Actors.PacketForwarder;

/// <summary>
/// Owns the loop of one TUN queue: opens it, starts it again when it has ended, counts. Packets never pass through here: they are the loop's, which has threads of
/// its own and no mailbox.
/// <code>
///            Serve                      loop ended
///  waiting ────────▶ serving ──────────────────────────▶ waiting (tries again after a pause, and when a device appears)
/// </code>
/// </summary>
internal sealed class PacketForwarderActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(2);

    private readonly int queue;
    private readonly ForwarderCounters counters;
    private readonly StartForwarderLoop start;
    private readonly ILoggingAdapter log = Context.GetLogger();

    private ForwarderProtocol.Serve? order;
    private IForwarderLoop? loop;
    private TimeSpan pause = ShortestPause;
    private string? trouble;
    private int opened;

    /// <param name="counters">Those of an earlier life of this actor go on counting.</param>
    public PacketForwarderActor(int queue, ForwarderCounters counters, StartForwarderLoop start)
    {
        this.queue = queue;
        this.counters = counters;
        this.start = start;
        Receive<ForwarderProtocol.Serve>(serve =>
        {
            Close();
            order = serve;
            Open();
        });
        Receive<ForwarderProtocol.TryAgain>(_ => Open());
        Receive<AskForOrder>(_ => Context.Parent.Tell(ForwarderProtocol.OrderWanted.Instance));
        Receive<LoopEnded>(OnLoopEnded);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(int queue, ForwarderCounters counters, StartForwarderLoop start) =>
        Akka.Actor.Props.Create(() => new PacketForwarderActor(queue, counters, start));

    protected override void PostRestart(Exception reason)
    {
        Context.Parent.Tell(new ForwarderProtocol.NotServing(queue, reason.Message, Ended: true));
        // What failed at once may do so again.
        Timers.StartSingleTimer(nameof(AskForOrder), AskForOrder.Instance, LongestPause / 4);
    }

    protected override void PostStop() => Close();

    private void Open()
    {
        if (loop is not null || order is null)
            return;
        try
        {
            var self = Self;
            int mine = ++opened;
            loop = start(order.Setup, queue, counters, reason => self.Tell(new LoopEnded(mine, reason)));
            (pause, trouble) = (ShortestPause, null);
            Context.Parent.Tell(new ForwarderProtocol.Serving(queue, loop.Granted, loop.Gro, loop.Lacking));
        }
        catch (NetlinkException e)
        {
            Tell(e.Message, ended: false);
            TryLater();
        }
    }

    private void OnLoopEnded(LoopEnded ended)
    {
        // One that was closed in the meantime.
        if (loop is null || ended.Number != opened)
            return;
        log.Warning("Queue {Queue} of {Device} is not served: {Reason}. It is opened again", queue, order!.Device, ended.Reason.Message);
        Close();
        Tell(ended.Reason.Message, ended: true);
        TryLater();
    }

    private void Tell(string reason, bool ended)
    {
        if (ended || reason != trouble)
            Context.Parent.Tell(new ForwarderProtocol.NotServing(queue, reason, ended));
        trouble = reason;
    }

    private void TryLater()
    {
        Timers.StartSingleTimer(nameof(ForwarderProtocol.TryAgain), ForwarderProtocol.TryAgain.Instance, pause);
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
    }

    private void Close()
    {
        Timers.Cancel(nameof(ForwarderProtocol.TryAgain));
        loop?.Dispose();
        loop = null;
    }

    private sealed class AskForOrder : IDeadLetterSuppression
    {
        public static readonly AskForOrder Instance = new();
    }

    /// <param name="Number">Which of this actor's loops.</param>
    private sealed record LoopEnded(int Number, Exception Reason);
}
