using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AkkaOverlay.Benchmarks;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Scale;

/// <summary>The managers, the real kernel, and a monitor whose buffer holds a handful of events (ENOBUFS, netlink(7)).</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed class OverrunSpecs(ITestOutputHelper output) : IDisposable
{
    private const int Count = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly BenchNamespace bench = new();
    private readonly ManualResetEventSlim gate = new(initialState: true);
    private readonly ConcurrentQueue<RtnetlinkEvent> heard = [];

    public void Dispose()
    {
        gate.Dispose();
        bench.Dispose();
    }

    [Fact]
    public async Task A_route_whose_deletion_was_lost_in_a_flood_is_back_after_the_overrun()
    {
        await using var host = new LiveHost(bench, Hear, () => new RtnetlinkMonitor(receiveBuffer: 4096));
        var lost = await LoseOneInAFlood(host);

        var watch = Stopwatch.StartNew();
        gate.Set();
        await LiveHost.WaitFor(() => Task.FromResult(bench.OverlayRoutes().Count == Count), "the route is back");
        output.WriteLine($"measured: overrun: the lost route was back {watch.ElapsedMilliseconds} ms after the monitor could hear again");

        Assert.Contains(lost, bench.OverlayRoutes());
        Assert.Contains(heard, told => told is RtnetlinkEvent.Overrun);
        Assert.DoesNotContain(heard, told => told is RtnetlinkEvent.RouteEvent { Deleted: true } deleted && deleted.Route == lost);
    }

    /// <summary>
    /// The twin: without the overrun's event nobody would know before the audit. Links are kept away too, for the kernel tells of a new device's state
    /// up to a second late (net/core/link_watch.c), and a comparison follows.
    /// </summary>
    [Fact]
    public async Task Without_the_event_of_the_overrun_it_would_stay_away()
    {
        await using var host = new LiveHost(bench, told => Hear(told) && told is RtnetlinkEvent.RouteEvent, () => new RtnetlinkMonitor(receiveBuffer: 4096));
        var lost = await LoseOneInAFlood(host);

        gate.Set();
        await Task.Delay(1000);

        Assert.DoesNotContain(lost, bench.OverlayRoutes());
    }

    private bool Hear(RtnetlinkEvent change)
    {
        heard.Enqueue(change);
        gate.Wait(Patience);
        return true;
    }

    /// <summary>Deletes an overlay route between a thousand foreign ones, while the monitor's callback does not return.</summary>
    private async Task<Route> LoseOneInAFlood(LiveHost host)
    {
        await host.Become(Peers.Leases(Count));
        await Quiet();
        var lost = bench.OverlayRoutes()[Count / 2];
        heard.Clear();

        gate.Reset();
        Flood(0);
        bench.Do(new RtnetlinkChange.DeleteRoute(lost));
        Flood(1);

        Assert.DoesNotContain(lost, bench.OverlayRoutes());
        return lost;
    }

    private async Task Quiet()
    {
        for (int before = -1; before != heard.Count; await Task.Delay(300))
            before = heard.Count;
    }

    private void Flood(int part)
    {
        int device = bench.Kernel.FindLink(Peers.UnderlayDevice)!.Index;
        bench.Do([.. Enumerable.Range(0, 500).Select(i => new RtnetlinkChange.PutRoute(
            new Route(new IpPrefix(new IPAddress([198, (byte)(18 + part), (byte)(i / 256), (byte)i]), 32)) { Interface = device, Protocol = 4 }, Replace: false))]);
    }
}
