using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Benchmarks;

/// <summary>How many of the overlay's routes there are, by the kernel's events: no dump disturbs what is being measured.</summary>
internal sealed class RouteCount
{
    private readonly Lock gate = new();
    private readonly HashSet<IpPrefix> there = [];
    private long deleted;

    public int Now
    {
        get
        {
            lock (gate)
                return there.Count;
        }
    }

    /// <summary>Routes that have gone since the beginning.</summary>
    public long Deleted => Interlocked.Read(ref deleted);

    /// <returns>True: everybody shall hear it.</returns>
    public bool Hear(RtnetlinkEvent change)
    {
        if (change is not RtnetlinkEvent.RouteEvent { Route: { Protocol: RouteReconciler.OverlayProtocol } route })
            return true;
        lock (gate)
        {
            if (!change.Deleted)
                there.Add(route.Destination);
            else if (there.Remove(route.Destination))
                Interlocked.Increment(ref deleted);
        }
        return true;
    }
}
