using System.Diagnostics;
using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

public sealed class ApplySpecs(ITestOutputHelper output) : IDisposable
{
    private const byte Ours = 77;
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void The_kernels_own_words_are_in_the_error()
    {
        int device = _test.AddVeth();
        var route = new Route(IpPrefix.Parse("10.1.2.0/24")) { Gateway = IPAddress.Parse("10.1.2.0"), Interface = device, Protocol = Ours };

        var error = Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.PutRoute(route, Replace: false)]));

        Assert.Equal($"add route 10.1.2.0/24 via 10.1.2.0 dev {device}: Nexthop has invalid gateway (ENETUNREACH)", error!.Text);
    }

    [Fact]
    public void A_foreign_route_is_not_replaced_unless_asked()
    {
        int device = _test.AddVeth();
        _test.Ip("route add 10.1.2.0/24 via 192.0.2.9 proto static");
        var ours = new Route(IpPrefix.Parse("10.1.2.0/24")) { Gateway = IPAddress.Parse("192.0.2.8"), Interface = device, Protocol = Ours };

        var error = Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.PutRoute(ours, Replace: false)]));
        Assert.Equal(17, error!.Errno);
        Assert.Equal($"add route 10.1.2.0/24 via 192.0.2.8 dev {device}: File exists (EEXIST)", error.Text);
        Assert.Empty(_test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));

        _test.Do(new RtnetlinkChange.PutRoute(ours, Replace: true));
        Assert.Equal([ours], _test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));
    }

    [Fact]
    public void Deleting_leaves_a_route_that_differs_in_one_field()
    {
        int device = _test.AddVeth();
        var route = new Route(IpPrefix.Parse("10.1.2.0/24")) { Gateway = IPAddress.Parse("192.0.2.8"), Interface = device, Protocol = Ours, Metric = 5 };
        _test.Do(new RtnetlinkChange.PutRoute(route, Replace: false));

        var errors = _test.Kernel.Apply([
            new RtnetlinkChange.DeleteRoute(route with { Protocol = 4 }),
            new RtnetlinkChange.DeleteRoute(route with { Metric = 6 }),
            new RtnetlinkChange.DeleteRoute(route with { Gateway = IPAddress.Parse("192.0.2.7") }),
            new RtnetlinkChange.DeleteRoute(route with { Interface = device + 1 }),
            new RtnetlinkChange.DeleteRoute(route with { Table = 300 }),
            new RtnetlinkChange.DeleteRoute(route with { Destination = IpPrefix.Parse("10.1.2.0/25") })]);

        Assert.All(errors, Assert.NotNull);
        Assert.Equal([route], _test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));
    }

    [Fact]
    public void One_failure_among_many_stops_nothing()
    {
        int device = _test.AddVeth();
        var changes = Enumerable.Range(0, 300)
            .Select(i => new Route(new IpPrefix(IPAddress.Parse($"10.1.{i / 256}.{i % 256}"), 32)) { Interface = device, Protocol = Ours })
            .Select((route, i) => i is 7 or 128 or 299 ? route with { Interface = 9999 } : route)
            .Select(route => new RtnetlinkChange.PutRoute(route, Replace: false))
            .ToList();

        var results = _test.Kernel.Apply(changes);

        Assert.Equal([7, 128, 299], Enumerable.Range(0, results.Count).Where(i => results[i] is not null));
        Assert.Contains("dev 9999", results[128]!.Text, StringComparison.Ordinal);
        Assert.Equal(297, _test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }).Count);
    }

    [Fact]
    public void No_changes_are_no_work() => Assert.Empty(_test.Kernel.Apply([]));

    [Fact]
    public void Five_thousand_peers_are_written_read_and_removed()
    {
        int device = _test.AddVxlan();
        // Without any IPv4 address there is no local table, and every gateway counts as broadcast: EINVAL.
        _test.Do(new RtnetlinkChange.PutAddress(new InterfaceAddress(device, IpPrefix.Parse("10.200.0.0/32"))));
        var peers = Enumerable.Range(0, 5000).Select(i => Peer(device, i)).ToList();
        List<RtnetlinkChange> put = [.. peers.Select(p => new RtnetlinkChange.PutNeighbour(p.Neighbour)), .. peers.Select(p => new RtnetlinkChange.PutFdb(p.Fdb)), .. peers.Select(p => new RtnetlinkChange.PutRoute(p.Route, true))];
        List<RtnetlinkChange> delete = [.. peers.Select(p => new RtnetlinkChange.DeleteRoute(p.Route)), .. peers.Select(p => new RtnetlinkChange.DeleteFdb(p.Fdb)), .. peers.Select(p => new RtnetlinkChange.DeleteNeighbour(p.Neighbour))];

        Measure("put 15,000", () => Assert.All(_test.Kernel.Apply(put), Assert.Null));
        Measure("put them again", () => Assert.All(_test.Kernel.Apply(put), Assert.Null));
        Measure("dump routes", () => Assert.True(peers.Select(p => p.Route).ToHashSet().SetEquals(_test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }))));
        Measure("dump neighbours", () => Assert.True(peers.Select(p => p.Neighbour).ToHashSet().IsSubsetOf(_test.Kernel.DumpNeighbours(device))));
        Measure("dump fdb", () => Assert.True(peers.Select(p => p.Fdb).ToHashSet().SetEquals(_test.Kernel.DumpFdb(device))));
        Measure("delete 15,000", () => Assert.All(_test.Kernel.Apply(delete), Assert.Null));
        Assert.Empty(_test.Kernel.DumpFdb(device));
    }

    private static (Route Route, Neighbour Neighbour, FdbEntry Fdb) Peer(int device, int i)
    {
        var subnet = IpPrefix.Parse("10.0.0.0/24").Next((UInt128)(uint)i);
        var mac = new MacAddress(0x0200_0000_0000UL + (uint)i);
        return (
            new Route(subnet) { Gateway = subnet.Address, Interface = device, OnLink = true, Protocol = Ours },
            new Neighbour(device, subnet.Address) { LinkLayer = mac, State = NeighbourState.Permanent, Protocol = Ours },
            new FdbEntry(device, mac) { Destination = IpPrefix.Parse("172.16.0.0/12").AddressAt((uint)i), State = NeighbourState.Permanent });
    }

    private void Measure(string what, Action action)
    {
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        action();
        output.WriteLine($"{what}: {watch.ElapsedMilliseconds} ms, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / 1024} KiB allocated");
    }
}
