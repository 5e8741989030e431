using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

/// <summary>A reconciler compares what it wants with what is dumped: an object that was put must come back equal.</summary>
public sealed class PutAndDumpSpecs : IDisposable
{
    private const byte Ours = 77;
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    public static TheoryData<string, Func<int, Route>> Routes() => new()
    {
        { "v4 overlay subnet", dev => new(IpPrefix.Parse("10.1.2.0/24")) { Gateway = IPAddress.Parse("10.1.2.0"), OnLink = true, Interface = dev, Protocol = Ours } },
        { "v4 on the link", dev => new(IpPrefix.Parse("10.1.3.0/24")) { Interface = dev, Scope = RouteScope.Link, Protocol = Ours } },
        { "v4 on the link, scope universe", dev => new(IpPrefix.Parse("10.1.4.0/24")) { Interface = dev, Protocol = Ours } },
        { "v4 metric and mtu", dev => new(IpPrefix.Parse("10.1.5.0/24")) { Gateway = IPAddress.Parse("192.0.2.9"), Interface = dev, Metric = 300, Mtu = 1400, Protocol = Ours } },
        { "v4 source", dev => new(IpPrefix.Parse("10.1.6.0/24")) { Gateway = IPAddress.Parse("192.0.2.9"), Interface = dev, PreferredSource = IPAddress.Parse("192.0.2.1"), Protocol = Ours } },
        { "v4 large table", dev => new(IpPrefix.Parse("10.1.7.0/24")) { Gateway = IPAddress.Parse("192.0.2.9"), Interface = dev, Table = 5000, Protocol = Ours } },
        { "v4 small table", dev => new(IpPrefix.Parse("10.1.7.0/24")) { Gateway = IPAddress.Parse("192.0.2.9"), Interface = dev, Table = 77, Protocol = Ours } },
        { "v4 default", dev => new(IpPrefix.Parse("0.0.0.0/0")) { Gateway = IPAddress.Parse("192.0.2.9"), Interface = dev, Protocol = Ours } },
        { "v4 host", dev => new(IpPrefix.Parse("10.9.9.9/32")) { Interface = dev, Scope = RouteScope.Link, Protocol = Ours } },
        { "v4 by v6 gateway", dev => new(IpPrefix.Parse("10.1.8.0/24")) { Gateway = IPAddress.Parse("2001:db8::9"), Interface = dev, Protocol = Ours } },
        { "v4 blackhole", _ => new(IpPrefix.Parse("10.1.0.0/16")) { Type = RouteType.Blackhole, Protocol = Ours } },
        { "v6 overlay subnet", dev => new(IpPrefix.Parse("fd00:1:2::/64")) { Gateway = IPAddress.Parse("fd00:1:2::"), OnLink = true, Interface = dev, Metric = 1024, Protocol = Ours } },
        { "v6 without metric", dev => new(IpPrefix.Parse("fd00:1:3::/64")) { Gateway = IPAddress.Parse("2001:db8::9"), Interface = dev, Protocol = Ours } },
        { "v6 on the link", dev => new(IpPrefix.Parse("fd00:1:4::/64")) { Interface = dev, Scope = RouteScope.Link, Protocol = Ours } },
        { "v6 mtu", dev => new(IpPrefix.Parse("fd00:1:5::/64")) { Gateway = IPAddress.Parse("2001:db8::9"), Interface = dev, Metric = 55, Mtu = 1400, Protocol = Ours } },
        { "v6 source", dev => new(IpPrefix.Parse("fd00:1:6::/64")) { Gateway = IPAddress.Parse("2001:db8::9"), Interface = dev, PreferredSource = IPAddress.Parse("2001:db8::1"), Protocol = Ours } },
        { "v6 default", dev => new(IpPrefix.Parse("::/0")) { Gateway = IPAddress.Parse("2001:db8::9"), Interface = dev, Protocol = Ours } },
        { "v6 host", dev => new(IpPrefix.Parse("fd00::9/128")) { Interface = dev, Protocol = Ours } },
        { "v6 blackhole", _ => new(IpPrefix.Parse("fd00:1::/32")) { Type = RouteType.Blackhole, Protocol = Ours } },
    };

    [Theory]
    [MemberData(nameof(Routes), DisableDiscoveryEnumeration = true)]
    public void A_route_comes_back_equal_and_goes(string what, Func<int, Route> make)
    {
        Assert.NotEmpty(what);
        var route = make(_test.AddVeth());

        _test.Do(new RtnetlinkChange.PutRoute(route, Replace: false));
        Assert.Equal([route], _test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));
        _test.Do(new RtnetlinkChange.PutRoute(route, Replace: true));
        Assert.Equal([route], _test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));

        _test.Do(new RtnetlinkChange.DeleteRoute(route));
        Assert.Empty(_test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));
    }

    [Theory]
    [InlineData("10.1.2.0")]
    [InlineData("fd00:1:2::")]
    public void A_neighbour_comes_back_equal_and_goes(string address)
    {
        int device = _test.AddVxlan();
        var neighbour = new Neighbour(device, IPAddress.Parse(address))
        {
            LinkLayer = MacAddress.Parse("02:00:00:00:00:09"),
            State = NeighbourState.Permanent,
            Protocol = Ours,
        };

        _test.Do(new RtnetlinkChange.PutNeighbour(neighbour));
        Assert.Equal(neighbour, Assert.Single(_test.Kernel.DumpNeighbours(device), entry => entry.State == NeighbourState.Permanent));
        var moved = neighbour with { LinkLayer = MacAddress.Parse("02:00:00:00:00:0a") };
        _test.Do(new RtnetlinkChange.PutNeighbour(moved));
        Assert.Equal(moved, Assert.Single(_test.Kernel.DumpNeighbours(device), entry => entry.State == NeighbourState.Permanent));

        _test.Do(new RtnetlinkChange.DeleteNeighbour(moved));
        Assert.DoesNotContain(_test.Kernel.DumpNeighbours(device), entry => entry.State == NeighbourState.Permanent);
    }

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.9", NeighbourState.Permanent, NeighbourFlags.None)]
    [InlineData("192.0.2.1", "192.0.2.9", NeighbourState.Permanent | NeighbourState.NoArp, NeighbourFlags.Self)]
    [InlineData("192.0.2.1", "192.0.2.9", NeighbourState.Reachable | NeighbourState.NoArp, NeighbourFlags.None)]
    [InlineData("2001:db8::1", "2001:db8::9", NeighbourState.Permanent, NeighbourFlags.None)]
    public void An_fdb_entry_comes_back_equal_and_goes(string local, string destination, NeighbourState state, NeighbourFlags flags)
    {
        int device = _test.AddVxlan(local: local);
        var entry = new FdbEntry(device, MacAddress.Parse("02:00:00:00:00:09"))
        {
            Destination = IPAddress.Parse(destination),
            State = state,
            Flags = flags,
        };

        _test.Do(new RtnetlinkChange.PutFdb(entry));
        Assert.Equal([entry], _test.Kernel.DumpFdb(device));

        var moved = entry with { Destination = new IpPrefix(entry.Destination, 24).AddressAt(77), Vni = 9, Port = 4789 };
        _test.Do(new RtnetlinkChange.PutFdb(moved));
        Assert.Equal([moved], _test.Kernel.DumpFdb(device));

        _test.Do(new RtnetlinkChange.DeleteFdb(moved));
        Assert.Empty(_test.Kernel.DumpFdb(device));
    }

    [Fact]
    public void The_zero_address_keeps_a_list_of_destinations()
    {
        int device = _test.AddVxlan();
        FdbEntry To(string destination) => new(device, MacAddress.Zero) { Destination = IPAddress.Parse(destination), State = NeighbourState.Permanent };

        _test.Do(new RtnetlinkChange.PutFdb(To("192.0.2.8")), new RtnetlinkChange.PutFdb(To("192.0.2.9")), new RtnetlinkChange.PutFdb(To("192.0.2.8")));

        Assert.Equal([To("192.0.2.8"), To("192.0.2.9")], _test.Kernel.DumpFdb(device).OrderBy(entry => entry.Destination!.ToString()));
    }

    [Fact]
    public void What_bridge_calls_permanent_is_permanent_and_noarp()
    {
        int device = _test.AddVxlan();

        _test.Bridge("fdb add 02:00:00:00:00:09 dev vx1 dst 192.0.2.9 self permanent");

        Assert.Equal(NeighbourState.Permanent | NeighbourState.NoArp, Assert.Single(_test.Kernel.DumpFdb(device)).State);
    }

    [Theory]
    [InlineData("10.1.2.0/32", AddressFlags.None, RouteScope.Universe)]
    [InlineData("10.1.2.1/24", AddressFlags.NoDad, RouteScope.Link)]
    [InlineData("fd00:1:2::1/64", AddressFlags.NoDad, RouteScope.Universe)]
    [InlineData("fd00:1:2::/128", AddressFlags.None, RouteScope.Universe)]
    [InlineData("fe80::77/64", AddressFlags.NoDad, RouteScope.Universe)]
    public void An_address_comes_back_equal_and_goes(string prefix, AddressFlags flags, RouteScope scope)
    {
        int device = _test.AddVeth();
        var address = new InterfaceAddress(device, IpPrefix.Parse(prefix)) { Flags = flags, Scope = scope };

        _test.Do(new RtnetlinkChange.PutAddress(address));
        Assert.Equal(address, Assert.Single(_test.Kernel.DumpAddresses(device), found => found.Prefix == address.Prefix));
        _test.Do(new RtnetlinkChange.PutAddress(address));

        _test.Do(new RtnetlinkChange.DeleteAddress(address));
        Assert.DoesNotContain(address, _test.Kernel.DumpAddresses(device));
    }
}
