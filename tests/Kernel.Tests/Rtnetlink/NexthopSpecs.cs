using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

public sealed class NexthopSpecs : IDisposable
{
    private const byte Ours = 77;
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void An_external_vxlan_device_comes_back_without_VNI_and_local_address()
    {
        int index = AddExternal();

        Assert.Equal(new VxlanSettings(0, 8472) { CollectMetadata = true }, _test.Kernel.FindLink("vx1")!.Vxlan);
        Assert.Contains("vxlan external", _test.Ip("-d link show vx1"), StringComparison.Ordinal);
        Assert.Equal(index, _test.Kernel.FindLink("vx1")!.Index);
    }

    /// <summary>A nexthop, and the fields of ip -j nexthop that say the same ("id" twice: of the object and of the tunnel).</summary>
    public static TheoryData<string, Nexthop, string> Nexthops() => new()
    {
        { "v4 via", new Nexthop(7) { Gateway = IPAddress.Parse("192.0.2.9"), Protocol = Ours }, """{"id":7,"gateway":"192.0.2.9","dev":"eth0","scope":"link","protocol":"77","flags":[]}""" },
        { "v4 onlink", new Nexthop(7) { Gateway = IPAddress.Parse("10.9.9.9"), OnLink = true, Protocol = Ours }, """{"id":7,"gateway":"10.9.9.9","dev":"eth0","scope":"link","protocol":"77","flags":["onlink"]}""" },
        { "v6 via", new Nexthop(7) { Family = AddressFamily.InterNetworkV6, Gateway = IPAddress.Parse("2001:db8::9"), Protocol = Ours }, """{"id":7,"gateway":"2001:db8::9","dev":"eth0","scope":"link","protocol":"77","flags":[]}""" },
        { "v4 in v4", Encap("10.1.2.0", "192.0.2.9"), """{"id":1291845632,"encap":"ip","id":1,"src":"0.0.0.0","dst":"192.0.2.9","ttl":0,"tos":0,"csum":true,"gateway":"10.1.2.0","dev":"vx1","scope":"link","protocol":"77","flags":["onlink"]}""" },
        { "v4 in v4 without checksum", Encap("10.1.2.0", "192.0.2.9") with { EncapChecksum = false }, """{"id":1291845632,"encap":"ip","id":1,"src":"0.0.0.0","dst":"192.0.2.9","ttl":0,"tos":0,"gateway":"10.1.2.0","dev":"vx1","scope":"link","protocol":"77","flags":["onlink"]}""" },
        { "v6 in v6", Encap("fd00:1::", "2001:db8::9"), """{"id":1291845632,"encap":"ip6","id":1,"src":"::","dst":"2001:db8::9","hoplimit":0,"tc":0,"csum":true,"gateway":"fd00:1::","dev":"vx1","scope":"link","protocol":"77","flags":["onlink"]}""" },
    };

    [Theory]
    [MemberData(nameof(Nexthops), DisableDiscoveryEnumeration = true)]
    public void A_nexthop_comes_back_equal_is_what_ip_shows_and_goes(string what, Nexthop nexthop, string shown)
    {
        Assert.NotEmpty(what);
        int device = nexthop.EncapVni is null ? _test.AddVeth() : AddExternal();
        nexthop = nexthop with { Interface = device };
        _test.Do(new RtnetlinkChange.PutNexthop(nexthop, Replace: false));

        Assert.Equal([nexthop], _test.Kernel.DumpNexthops());
        Assert.Equal([nexthop], _test.Kernel.DumpNexthops(Ours));
        Assert.Empty(_test.Kernel.DumpNexthops(Ours + 1));
        Assert.Equal(Fields(JsonDocument.Parse(shown).RootElement), Fields(Assert.Single(JsonDocument.Parse(_test.Ip("-j nexthop")).RootElement.EnumerateArray())));

        Assert.Equal(17, Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.PutNexthop(nexthop, Replace: false)]))!.Errno);
        _test.Do(new RtnetlinkChange.DeleteNexthop(nexthop.Id));
        Assert.Empty(_test.Kernel.DumpNexthops());
        var gone = Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.DeleteNexthop(nexthop.Id)]));
        Assert.Equal($"delete nexthop id {nexthop.Id}: No such file or directory (ENOENT)", gone!.Text);
    }

    [Theory]
    [InlineData("10.1.2.0/24", "10.1.2.0", "192.0.2.9")]
    [InlineData("fd00:1::/64", "fd00:1::", "2001:db8::9")]
    public void A_route_names_its_nexthop_follows_its_replacement_and_goes_with_it(string destination, string gateway, string vtep)
    {
        var nexthop = Encap(gateway, vtep) with { Interface = AddExternal() };
        var prefix = IpPrefix.Parse(destination);
        var route = new Route(prefix) { NexthopId = nexthop.Id, Protocol = Ours, Metric = prefix.IsIPv4 ? 0u : 1024u };
        _test.Do(new RtnetlinkChange.PutNexthop(nexthop, Replace: false), new RtnetlinkChange.PutRoute(route, Replace: false));

        Assert.Equal([route], _test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));
        string family = prefix.IsIPv4 ? "-4" : "-6";
        Assert.StartsWith($"{destination} nhid {nexthop.Id} ", _test.Ip($"{family} route show proto 77"), StringComparison.Ordinal);

        var other = nexthop with { EncapDestination = IPAddress.Parse(prefix.IsIPv4 ? "192.0.2.10" : "2001:db8::10") };
        _test.Do(new RtnetlinkChange.PutNexthop(other, Replace: true));
        Assert.Contains($"dst {other.EncapDestination} ", _test.Ip($"{family} route show proto 77"), StringComparison.Ordinal);
        Assert.Equal([route], _test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));

        _test.Do(new RtnetlinkChange.DeleteRoute(route), new RtnetlinkChange.PutRoute(route, Replace: false), new RtnetlinkChange.DeleteNexthop(nexthop.Id));
        Assert.Empty(_test.Kernel.DumpRoutes(new RouteFilter { Protocol = Ours }));
    }

    [Fact]
    public void Groups_blackholes_and_other_encapsulations_are_marked()
    {
        _test.AddVeth();
        _test.Ip("link set lo up");
        _test.Ip("nexthop add id 1 via 192.0.2.9 dev eth0");
        _test.Ip("nexthop add id 2 group 1 proto 77");
        _test.Ip("nexthop add id 3 blackhole proto 77");

        Assert.Equal([(1u, false), (2u, true), (3u, true)], _test.Kernel.DumpNexthops().Select(nexthop => (nexthop.Id, nexthop.Partial)));
    }

    [Fact]
    public void The_monitor_tells_of_nexthops_and_of_those_that_go_with_their_device()
    {
        var nexthop = Encap("10.1.2.0", "192.0.2.9") with { Interface = AddExternal() };
        using var events = new BlockingCollection<RtnetlinkEvent>();
        using var monitor = _test.Inside.Run(() => new RtnetlinkMonitor());
        monitor.Start(change =>
        {
            if (change is RtnetlinkEvent.NexthopEvent)
                events.Add(change);
        });
        _test.Do(new RtnetlinkChange.PutNexthop(nexthop, false), new RtnetlinkChange.DeleteNexthop(nexthop.Id));
        foreach (bool deleted in new[] { false, true })
        {
            Assert.True(events.TryTake(out var told, TimeSpan.FromSeconds(10)));
            Assert.Equal(new RtnetlinkEvent.NexthopEvent(nexthop, deleted, _test.Kernel.PortId), told);
        }
        _test.Do(new RtnetlinkChange.PutNexthop(nexthop, false), new RtnetlinkChange.DeleteLink(nexthop.Interface));
        Assert.Empty(_test.Kernel.DumpNexthops());
    }

    private static Nexthop Encap(string gateway, string vtep) => new(0x4D000000)
    {
        Family = IPAddress.Parse(gateway).AddressFamily,
        Gateway = IPAddress.Parse(gateway),
        Protocol = Ours,
        OnLink = true,
        EncapVni = 1,
        EncapDestination = IPAddress.Parse(vtep),
        EncapChecksum = true,
    };

    private int AddExternal()
    {
        // Without any address there is no local table, and without it no gateway is valid (__inet_dev_addr_type).
        _test.Ip("link set lo up");
        _test.Do(new RtnetlinkChange.CreateVxlan("vx1", new VxlanSettings(0, 8472) { CollectMetadata = true }, 1450, MacAddress.LocallyAdministered([0, 0, 0, 0, 0, 1])));
        int index = _test.Kernel.FindLink("vx1")!.Index;
        _test.Do(new RtnetlinkChange.SetLink(index) { Up = true });
        return index;
    }

    private static string Fields(JsonElement nexthop) =>
        string.Join(' ', nexthop.EnumerateObject().Select(field => $"{field.Name}={field.Value}").Order(StringComparer.Ordinal));
}
