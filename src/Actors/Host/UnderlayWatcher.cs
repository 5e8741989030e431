using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Host;

/// <summary>What the underlay is now.</summary>
/// <param name="Underlay">Null where no device fits.</param>
/// <param name="Problem">Why none fits, for the operator.</param>
public sealed record UnderlaySeen(Underlay? Underlay, string? Problem);

/// <summary>
/// Chooses the underlay anew whenever the kernel's devices or addresses change: an address that moved, an MTU that changed, a device that was replaced or
/// renamed are followed without a restart.
/// </summary>
public sealed class UnderlayWatcher : ReceiveActor, IWithTimers
{
    /// <summary>A device that is being set up changes many times: the choice waits until it is quiet.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(100);

    private bool scheduled;

    public UnderlayWatcher(Func<UnderlaySeen> select)
    {
        UnderlaySeen? last = null;
        Receive<RtnetlinkEvent>(change =>
        {
            if (scheduled || !MayMatter(change))
                return;
            scheduled = true;
            Timers.StartSingleTimer(nameof(Look), Look.Instance, Quiet);
        });
        Receive<Look>(_ =>
        {
            scheduled = false;
            var seen = select();
            if (seen == last)
                return;
            last = seen;
            Context.Parent.Tell(seen);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Func<UnderlaySeen> select) =>
        Akka.Actor.Props.Create(() => new UnderlayWatcher(select)).WithDispatcher(HostSystem.KernelDispatcher);

    private static bool MayMatter(RtnetlinkEvent change) => change switch
    {
        RtnetlinkEvent.LinkEvent or RtnetlinkEvent.AddressEvent or RtnetlinkEvent.Overrun => true,
        RtnetlinkEvent.RouteEvent { Route: var route } => route.Destination.Length == 0,
        _ => false,
    };

    private sealed class Look : IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }
}
