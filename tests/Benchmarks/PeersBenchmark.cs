using System.Diagnostics;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Benchmarks;

/// <param name="Settled">Through the actors: from the ledger to a ready host.</param>
/// <param name="Grown">The same with one more lease at a time.</param>
/// <param name="Repaired">From the start of <c>ip route flush proto 77</c> to the last route back.</param>
/// <param name="Deleted">Routes that were deleted meanwhile; more than there were where the flush met routes that were back already.</param>
/// <param name="Extra">Memory with all peers minus memory with none.</param>
/// <param name="AllocatedByProduct">Octets that one programming pass allocates.</param>
internal sealed record PeersResult(
    int Count,
    int Rounds,
    TimeSpan[] Product,
    TimeSpan[] Planning,
    TimeSpan[] IpRoute2,
    TimeSpan[] Audit,
    long AllocatedByProduct,
    long AllocatedByAudit,
    TimeSpan Settled,
    TimeSpan Grown,
    TimeSpan[] Repaired,
    long Deleted,
    ProcessMemory Extra)
{
    public double Ratio => Median(Product) / Median(IpRoute2);

    public static TimeSpan Median(TimeSpan[] times) => times.Order().ElementAt(times.Length / 2);
}

/// <summary>The control plane's cost by the number of peers.</summary>
internal static class PeersBenchmark
{
    /// <param name="say">Gets a line about each step.</param>
    public static async Task<PeersResult> Run(int count, int rounds, Action<string> say, CancellationToken stop = default)
    {
        // First, in a process that has done nothing else: what it needs for later steps is not the peers'.
        var live = await RunLive(count, rounds, say, stop);
        using var bench = new BenchNamespace();
        using var product = new ProductPath(bench);
        var leases = Peers.Leases(count);
        using var tools = new IpRoute2Path(bench, Planner.Plan(Peers.Host, Peers.Mine, leases.Values));
        product.Clear();

        var times = new List<(TimeSpan Product, TimeSpan Planning, TimeSpan Tools, TimeSpan Audit)>();
        long allocated = 0, allocatedByAudit = 0;
        for (int i = 0; i < rounds; i++)
        {
            stop.ThrowIfCancellationRequested();
            var byProduct = product.Program(leases);
            allocated = product.Allocated;
            var planning = product.Planning;
            var audit = product.Audit(leases);
            allocatedByAudit = product.Allocated;
            var left = TakeAway(bench, product, count);

            var byTools = tools.Program();
            if (!TakeAway(bench, product, count).SameAs(left))
                throw new InvalidOperationException("The product and iproute2 do not leave the same objects.");
            say($"round {i + 1}: product {byProduct.TotalMilliseconds:F0} ms, iproute2 {byTools.TotalMilliseconds:F0} ms, audit {audit.TotalMilliseconds:F0} ms; each left {left}");
            times.Add((byProduct, planning, byTools, audit));
        }
        return live with
        {
            Product = [.. times.Select(time => time.Product)],
            Planning = [.. times.Select(time => time.Planning)],
            IpRoute2 = [.. times.Select(time => time.Tools)],
            Audit = [.. times.Select(time => time.Audit)],
            AllocatedByProduct = allocated,
            AllocatedByAudit = allocatedByAudit,
        };
    }

    private static KernelObjects TakeAway(BenchNamespace bench, ProductPath product, int count)
    {
        var there = bench.Objects();
        if (there.Routes.Count != count || there.Neighbours.Count != count || there.Fdb.Count != count)
            throw new InvalidOperationException($"For {count} peers there are {there}.");
        product.Clear();
        return bench.Objects() is { IsEmpty: false } rest ? throw new InvalidOperationException($"Still there: {rest}.") : there;
    }

    private static async Task<PeersResult> RunLive(int count, int rounds, Action<string> say, CancellationToken stop)
    {
        using var bench = new BenchNamespace();
        var routes = new RouteCount();
        await using var host = new LiveHost(bench, routes.Hear);
        await host.Become(Peers.Leases(0));
        var before = ProcessMemory.AfterFullCollection();
        var settled = await host.Become(Peers.Leases(count));
        // The copy of the ledger on the disk is written half a second later.
        await Task.Delay(1500, stop);
        var extra = ProcessMemory.AfterFullCollection() - before;
        say($"live: {count} peers ready after {settled.TotalMilliseconds:F0} ms, {extra.Resident / 1024.0 / 1024:F1} MiB more resident, {extra.Managed / 1024.0 / 1024:F1} MiB of them managed");

        var repaired = new List<TimeSpan>();
        for (int i = 0; i < rounds; i++)
        {
            stop.ThrowIfCancellationRequested();
            repaired.Add(await FlushAndWait(bench, host, routes, count));
            say($"live: flushed and repaired in {repaired[^1].TotalMilliseconds:F0} ms");
        }
        await host.Become(Peers.Leases(0));
        var grown = await host.Grow(Peers.Leases(count));
        say($"live: grown from nothing to {count} peers, one by one, in {grown.TotalMilliseconds:F0} ms");
        return new PeersResult(count, rounds, [], [], [], [], 0, 0, settled, grown, [.. repaired], routes.Deleted / rounds, extra);
    }

    private static async Task<TimeSpan> FlushAndWait(BenchNamespace bench, LiveHost host, RouteCount routes, int count)
    {
        await LiveHost.WaitFor(() => Task.FromResult(routes.Now == count), "all routes are told of");
        long deleted = routes.Deleted;
        var watch = Stopwatch.StartNew();
        await Task.Run(() => bench.Run("ip", "route", "flush", "proto", "77"));
        await LiveHost.WaitFor(() => Task.FromResult(routes.Now == count && routes.Deleted >= deleted + count), "all routes are back");
        var elapsed = watch.Elapsed;
        if (bench.OverlayRoutes().Count != count || host.Overruns > 0)
            throw new InvalidOperationException($"{bench.OverlayRoutes().Count} routes are back, after {host.Overruns} overruns.");
        return elapsed;
    }
}
