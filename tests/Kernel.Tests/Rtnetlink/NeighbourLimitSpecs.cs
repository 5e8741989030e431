using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

/// <summary>
/// net.ipv4.neigh.default.gc_thresh3 bounds the neighbours of all namespaces together, 1,024 by default; permanent ones are exempt since Linux 5.0
/// (commit 58956317c8de). The limit itself stays as it is: it belongs to the root namespace, and so to everybody on this machine.
/// </summary>
public sealed class NeighbourLimitSpecs(ITestOutputHelper output) : IDisposable
{
    private const string Limit = "/proc/sys/net/ipv4/neigh/default/gc_thresh3";
    private const int Count = 3000;
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Thousands_of_permanent_neighbours_go_in_whatever_the_limit()
    {
        int device = _test.AddVxlan();
        var neighbours = Enumerable.Range(0, Count)
            .Select(i => new Neighbour(device, IpPrefix.Parse("10.0.0.0/24").Next((uint)i).Address) { LinkLayer = new MacAddress(0x0200_0000_0000UL + (uint)i), State = NeighbourState.Permanent, Protocol = 77 })
            .ToHashSet();

        _test.Do([.. neighbours.Select(neighbour => new RtnetlinkChange.PutNeighbour(neighbour))]);

        Assert.True(neighbours.SetEquals(_test.Kernel.DumpNeighbours(device).Where(entry => entry.State == NeighbourState.Permanent)));
        int limit = int.Parse(File.ReadAllText(Limit), System.Globalization.CultureInfo.InvariantCulture);
        output.WriteLine($"measured: {Count} permanent neighbours in one namespace, net.ipv4.neigh.default.gc_thresh3 = {limit}{(limit > Count ? ", too high to be reached" : "")}");
    }

    [Fact]
    public void The_limit_cannot_be_set_in_a_namespace()
    {
        Assert.True(File.Exists(Limit));
        Assert.False(_test.Inside.Run(() => File.Exists(Limit)));
        // The other way to it, RTM_SETNEIGHTBL, is the root namespace's too (net/core/neighbour.c, neightbl_set).
        Assert.Throws<InvalidOperationException>(() => _test.Ip("ntable change name arp_cache thresh3 1024"));
    }
}
