using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

public sealed class DumpSpecs : IDisposable
{
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void Routes_are_filtered_by_protocol_table_device_and_family()
    {
        int first = _test.AddVeth();
        int second = _test.AddVxlan();
        Route At(string prefix, int device, byte protocol, uint table) =>
            new(IpPrefix.Parse(prefix)) { Interface = device, Protocol = protocol, Table = table, Scope = RouteScope.Link };
        Route[] all =
        [
            At("10.1.0.0/24", first, 77, 254), At("10.1.1.0/24", second, 77, 254), At("10.1.2.0/24", first, 4, 254),
            At("10.1.3.0/24", first, 77, 300), At("fd00:1::/64", first, 77, 254), At("fd00:2::/64", second, 4, 300),
        ];
        _test.Do([.. all.Select(route => new RtnetlinkChange.PutRoute(route, Replace: false))]);

        IEnumerable<int> Found(RouteFilter filter) => _test.Kernel.DumpRoutes(filter).Select(route => Array.IndexOf(all, route)).Where(i => i >= 0).Order();

        Assert.Equal([0, 1, 2, 3, 4, 5], Found(default));
        Assert.Equal([0, 1, 3, 4], Found(new RouteFilter { Protocol = 77 }));
        Assert.Equal([0, 3, 4], Found(new RouteFilter { Protocol = 77, Interface = first }));
        Assert.Equal([3, 5], Found(new RouteFilter { Table = 300 }));
        Assert.Equal([4], Found(new RouteFilter { Protocol = 77, Family = AddressFamily.InterNetworkV6 }));
        Assert.Equal([0], Found(new RouteFilter { Protocol = 77, Interface = first, Table = 254, Family = AddressFamily.InterNetwork }));
        Assert.Equal(4, _test.Kernel.DumpRoutes(new RouteFilter { Protocol = 77 }).Count);
        Assert.Equal(2, _test.Kernel.DumpRoutes(new RouteFilter { Table = 300 }).Count);
    }

    [Fact]
    public void A_table_or_device_that_is_not_there_has_no_objects()
    {
        Assert.Empty(_test.Kernel.DumpRoutes(new RouteFilter { Table = 4711 }));
        Assert.Empty(_test.Kernel.DumpRoutes(new RouteFilter { Interface = 4711 }));
        Assert.Empty(_test.Kernel.DumpAddresses(4711));
        Assert.Empty(_test.Kernel.DumpNeighbours(4711));
        Assert.Empty(_test.Kernel.DumpFdb(4711));
    }

    [Fact]
    public void Neighbours_fdb_and_addresses_are_filtered_by_device()
    {
        int first = _test.AddVxlan("vx1", 1);
        int second = _test.AddVxlan("vx2", 2);
        foreach (int device in new[] { first, second })
        {
            _test.Do(
                new RtnetlinkChange.PutAddress(new InterfaceAddress(device, IpPrefix.Parse($"10.0.{device}.0/32"))),
                new RtnetlinkChange.PutNeighbour(new Neighbour(device, IPAddress.Parse("10.1.2.3")) { LinkLayer = new MacAddress(0x0200_0000_0001), State = NeighbourState.Permanent }),
                new RtnetlinkChange.PutFdb(new FdbEntry(device, new MacAddress(0x0200_0000_0001)) { Destination = IPAddress.Parse("192.0.2.9"), State = NeighbourState.Permanent }));
        }

        Assert.All(_test.Kernel.DumpAddresses(first), address => Assert.Equal(first, address.Interface));
        Assert.All(_test.Kernel.DumpNeighbours(first), neighbour => Assert.Equal(first, neighbour.Interface));
        Assert.All(_test.Kernel.DumpFdb(first), entry => Assert.Equal(first, entry.Interface));
        Assert.NotEmpty(_test.Kernel.DumpAddresses(first));
        Assert.NotEmpty(_test.Kernel.DumpNeighbours(first));
        Assert.NotEmpty(_test.Kernel.DumpFdb(first));
        Assert.Contains(_test.Kernel.DumpNeighbours(0), neighbour => neighbour.Interface == second);
        Assert.Contains(_test.Kernel.DumpFdb(0), entry => entry.Interface == second);
        Assert.Contains(_test.Kernel.DumpAddresses(), address => address.Interface == second);
    }

    [Fact]
    public void A_port_of_a_bridge_shows_the_bridges_entries_as_such()
    {
        int device = _test.AddVxlan();
        _test.Do(new RtnetlinkChange.CreateBridge("br0"));
        _test.Do(new RtnetlinkChange.SetLink(device) { Master = _test.Kernel.FindLink("br0")!.Index });
        var mac = MacAddress.Parse("02:00:00:00:00:09");
        _test.Bridge($"fdb add {mac} dev vx1 master static");
        _test.Bridge($"fdb add {mac} dev vx1 dst 192.0.2.9 self permanent");

        var entries = _test.Kernel.DumpFdb(device).Where(entry => entry.Mac == mac).ToList();

        Assert.Single(entries, entry => entry.Flags.HasFlag(NeighbourFlags.Master));
        Assert.Single(entries, entry => entry.Flags.HasFlag(NeighbourFlags.Self));
        Assert.Equal(2, entries.Distinct().Count());
    }

    [Fact]
    public void Several_next_hops_are_marked_as_multipath()
    {
        int device = _test.AddVeth();
        _test.Ip("route add 10.1.0.0/24 proto 77 nexthop via 192.0.2.8 nexthop via 192.0.2.9");
        _test.Ip("nexthop add id 4 via 192.0.2.6 dev eth0");
        _test.Ip("nexthop add id 5 via 192.0.2.7 dev eth0");
        _test.Ip("nexthop add id 6 group 4/5");
        _test.Ip("route add 10.2.0.0/24 proto 77 nhid 6");
        _test.Ip("route add fd00::/64 proto 77 nexthop via 2001:db8::8 nexthop via 2001:db8::9");

        var routes = _test.Kernel.DumpRoutes(new RouteFilter { Protocol = 77 });

        Assert.Equal(3, routes.Count);
        Assert.All(routes, route => Assert.True(route is { Multipath: true, Gateway: null, Interface: 0 }));
        _test.Do([.. routes.Select(route => new RtnetlinkChange.DeleteRoute(route))]);
        Assert.NotEqual(0, device);
    }

    [Theory]
    [InlineData("10.1.2.3", "192.0.2.9", "192.0.2.1")]
    [InlineData("fd00:1::3", "2001:db8::9", "2001:db8::1")]
    public void A_lookup_gives_the_route_of_a_packet(string destination, string gateway, string source)
    {
        int device = _test.AddVeth();
        var to = new IpPrefix(IPAddress.Parse(destination), 24).Network;
        _test.Do(new RtnetlinkChange.PutRoute(new Route(to) { Gateway = IPAddress.Parse(gateway), Interface = device, Protocol = 77, Table = 254 }, Replace: false));

        var route = _test.Kernel.LookupRoute(IPAddress.Parse(destination))!;

        Assert.Equal((device, IPAddress.Parse(gateway), IPAddress.Parse(source)), (route.Interface, route.Gateway, route.PreferredSource));
        Assert.True(route.Destination.Contains(IPAddress.Parse(destination)));
    }

    [Theory]
    [InlineData("10.1.2.3", "")]
    [InlineData("fd00::1", "")]
    [InlineData("10.1.2.3", "blackhole 10.1.0.0/16")]
    [InlineData("10.1.2.3", "unreachable 10.1.0.0/16")]
    [InlineData("10.1.2.3", "prohibit 10.1.0.0/16")]
    [InlineData("fd00::1", "blackhole fd00::/16")]
    [InlineData("fd00::1", "prohibit fd00::/16")]
    public void A_lookup_without_a_way_is_null(string destination, string refusal)
    {
        _test.AddVeth();
        if (refusal.Length > 0)
            _test.Ip($"route add {refusal}");
        Assert.Null(_test.Kernel.LookupRoute(IPAddress.Parse(destination)));
    }
}
