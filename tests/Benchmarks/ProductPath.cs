using System.Collections.Immutable;
using System.Diagnostics;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Benchmarks;

/// <summary>What the managers do with a new goal, without their actors: planner, tunnels, routes; each with a socket of its own.</summary>
internal sealed class ProductPath(BenchNamespace bench) : IDisposable
{
    private readonly RtnetlinkSocket tunnelKernel = bench.Open();
    private readonly RtnetlinkSocket routeKernel = bench.Open();
    private readonly ObjectHistory tunnelHistory = new(TimeProvider.System);
    private readonly ObjectHistory routeHistory = new(TimeProvider.System);
    private ImmutableHashSet<NextHop> inUse = [];

    /// <summary>Time for planning alone, of the last <see cref="Program"/>.</summary>
    public TimeSpan Planning { get; private set; }

    /// <summary>Octets that the last pass allocated.</summary>
    public long Allocated { get; private set; }

    /// <summary>From the leases to the last object in the kernel.</summary>
    public TimeSpan Program(ImmutableDictionary<NodeId, Lease> leases) => Measure(() =>
    {
        var watch = Stopwatch.StartNew();
        var plan = Planner.Plan(Peers.Host, Peers.Mine, leases.Values);
        Planning = watch.Elapsed;
        return Pass(plan);
    });

    /// <summary>One audit of what is in place already.</summary>
    /// <exception cref="InvalidOperationException">Something was written.</exception>
    public TimeSpan Audit(ImmutableDictionary<NodeId, Lease> leases)
    {
        var plan = Planner.Plan(Peers.Host, Peers.Mine, leases.Values);
        return Measure(() => Pass(plan) is 0 and var none ? none : throw new InvalidOperationException("An audit had to write."));
    }

    /// <summary>Takes the peers away, and leaves the device.</summary>
    public void Clear()
    {
        var plan = Planner.Plan(Peers.Host, Peers.Mine, []);
        Pass(plan);
        // The routes are gone: now their next hops may go.
        Pass(plan);
    }

    public void Dispose()
    {
        tunnelKernel.Dispose();
        routeKernel.Dispose();
    }

    private TimeSpan Measure(Func<int> action)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        action();
        var elapsed = watch.Elapsed;
        Allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        return elapsed;
    }

    private int Pass(HostPlan plan)
    {
        var tunnelGoal = new TunnelGoal(plan.Links, plan.Addresses, plan.Peers, inUse, true, link => BackEndRegistry.Owns(Peers.Mine.Owner, link));
        var tunnels = new TunnelReconciler(tunnelKernel, tunnelHistory).Reconcile(tunnelGoal);
        var routes = new RouteReconciler(routeKernel, routeHistory).Reconcile(new RouteGoal(plan.Routes, tunnels.Ready, true));
        inUse = routes.InUse;
        if (tunnels.NewErrors.Concat(routes.NewErrors).FirstOrDefault() is { } error)
            throw new InvalidOperationException(error);
        return tunnels.Written + routes.Written;
    }
}
