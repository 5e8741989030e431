using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

public sealed class RtnetlinkMonitorSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TestNamespace _test = new();
    private readonly BlockingCollection<RtnetlinkEvent> _events = [];

    public void Dispose()
    {
        _test.Dispose();
        _events.Dispose();
    }

    [Fact]
    public void Every_kind_of_change_is_told_with_the_port_of_who_asked()
    {
        int device = _test.AddVxlan();
        _test.Do(new RtnetlinkChange.PutAddress(new InterfaceAddress(device, IpPrefix.Parse("10.0.0.1/32"))));
        using var monitor = _test.Inside.Run(() => new RtnetlinkMonitor());
        monitor.Start(_events.Add);
        uint us = _test.Kernel.PortId;

        var address = new InterfaceAddress(device, IpPrefix.Parse("10.0.0.2/32"));
        _test.Do(new RtnetlinkChange.PutAddress(address), new RtnetlinkChange.DeleteAddress(address));
        Expect(new RtnetlinkEvent.AddressEvent(address, false, us));
        Expect(new RtnetlinkEvent.AddressEvent(address, true, us));

        // IPv6 addresses are told by the kernel in its own name (inet6_ifa_notify).
        address = new InterfaceAddress(device, IpPrefix.Parse("fd00::1/64")) { Flags = AddressFlags.NoDad };
        _test.Do(new RtnetlinkChange.PutAddress(address));
        Expect(new RtnetlinkEvent.AddressEvent(address, false, 0));

        foreach (string subnet in new[] { "10.1.2.0/24", "fd00:1:2::/64" })
        {
            var prefix = IpPrefix.Parse(subnet);
            var route = new Route(prefix) { Gateway = prefix.Address, OnLink = true, Interface = device, Protocol = 77 };
            _test.Do(new RtnetlinkChange.PutRoute(route, Replace: false), new RtnetlinkChange.DeleteRoute(route));
            Expect(new RtnetlinkEvent.RouteEvent(route, false, us));
            Expect(new RtnetlinkEvent.RouteEvent(route, true, us));
        }

        // Of neighbours only the put bears the port; deletions, FDB entries and links bear the kernel's 0.
        var neighbour = new Neighbour(device, IPAddress.Parse("10.1.2.0")) { LinkLayer = new MacAddress(0x0200_0000_0001), State = NeighbourState.Permanent, Protocol = 77 };
        _test.Do(new RtnetlinkChange.PutNeighbour(neighbour), new RtnetlinkChange.DeleteNeighbour(neighbour));
        Expect(new RtnetlinkEvent.NeighbourEvent(neighbour, false, us));
        Wait<RtnetlinkEvent.NeighbourEvent>(told => told.Deleted || told.Neighbour.State == NeighbourState.Failed);

        var entry = new FdbEntry(device, new MacAddress(0x0200_0000_0001)) { Destination = IPAddress.Parse("192.0.2.9"), State = NeighbourState.Permanent };
        _test.Do(new RtnetlinkChange.PutFdb(entry), new RtnetlinkChange.DeleteFdb(entry));
        Expect(new RtnetlinkEvent.FdbEvent(entry, false, 0));
        Expect(new RtnetlinkEvent.FdbEvent(entry, true, 0));

        _test.Do(new RtnetlinkChange.SetLink(device) { Mtu = 1400 });
        Wait<RtnetlinkEvent.LinkEvent>(told => told.Link is { Name: "vx1", Mtu: 1400, Vxlan.Vni: 1 } && !told.Deleted);
        _test.Do(new RtnetlinkChange.DeleteLink(device));
        Wait<RtnetlinkEvent.LinkEvent>(told => told.Link.Name == "vx1" && told.Deleted);
        Assert.Equal(0, monitor.Undecodable);
    }

    [Fact]
    public void A_port_that_leaves_its_bridge_is_not_a_deleted_device()
    {
        int device = _test.AddVxlan();
        _test.Do(new RtnetlinkChange.CreateBridge("br0"));
        using var monitor = _test.Inside.Run(() => new RtnetlinkMonitor());
        monitor.Start(_events.Add);

        _test.Do(new RtnetlinkChange.SetLink(device) { Master = _test.Kernel.FindLink("br0")!.Index }, new RtnetlinkChange.SetLink(device) { Master = 0 });
        _test.Do(new RtnetlinkChange.SetLink(device) { Mtu = 1333 });

        while (_events.TryTake(out var told, Patience) && told is not RtnetlinkEvent.LinkEvent { Link.Mtu: 1333 })
            Assert.False(told is RtnetlinkEvent.LinkEvent { Deleted: true });
    }

    [Fact]
    public void Lost_messages_are_reported_and_the_monitor_goes_on()
    {
        int device = _test.AddVeth();
        using var monitor = _test.Inside.Run(() => new RtnetlinkMonitor(receiveBuffer: 4096));
        using var gate = new ManualResetEventSlim();
        monitor.Start(told =>
        {
            gate.Wait(Patience);
            _events.Add(told);
        });

        Flood(device);
        gate.Set();
        Wait<RtnetlinkEvent.Overrun>(_ => true);
        Assert.True(monitor.Overruns > 0);

        var after = new Route(IpPrefix.Parse("10.99.0.0/24")) { Interface = device, Protocol = 77 };
        var watch = Stopwatch.StartNew();
        // The event may fall victim to the last of the flood, hence more than one.
        while (!_events.Any(told => told is RtnetlinkEvent.RouteEvent route && route.Route == after) && watch.Elapsed < Patience)
        {
            _test.Do(new RtnetlinkChange.PutRoute(after, Replace: true), new RtnetlinkChange.DeleteRoute(after));
            Thread.Sleep(10);
        }
        Assert.Contains(_events, told => told is RtnetlinkEvent.RouteEvent route && route.Route == after);
    }

    [Fact]
    public void What_the_callback_throws_is_reported_and_the_monitor_goes_on()
    {
        int device = _test.AddVeth();
        using var errors = new BlockingCollection<Exception>();
        using var monitor = _test.Inside.Run(() => new RtnetlinkMonitor());
        monitor.Start(_ => throw new InvalidOperationException("mine"), errors.Add);

        for (int mtu = 1400; mtu < 1402; mtu++)
        {
            _test.Do(new RtnetlinkChange.SetLink(device) { Mtu = mtu });
            Assert.True(errors.TryTake(out var error, Patience));
            Assert.Equal("mine", error.Message);
        }
    }

    [Fact]
    public void It_stops_within_a_second_from_outside_and_from_within()
    {
        var idle = _test.Inside.Run(() => new RtnetlinkMonitor());
        idle.Start(_events.Add);
        var watch = Stopwatch.StartNew();
        idle.Dispose();
        idle.Dispose();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(1));
        _test.Inside.Run(() => new RtnetlinkMonitor()).Dispose();

        var within = _test.Inside.Run(() => new RtnetlinkMonitor());
        within.Start(told =>
        {
            within.Dispose();
            _events.Add(told);
        });
        int device = _test.AddVeth();
        Assert.True(_events.TryTake(out _, Patience));
        _test.Do(new RtnetlinkChange.SetLink(device) { Mtu = 1400 });
        Assert.False(_events.TryTake(out _, TimeSpan.FromMilliseconds(200)));
        Assert.Throws<ObjectDisposedException>(() => within.Start(_events.Add));
    }

    private void Flood(int device)
    {
        for (int i = 0; i < 20; i++)
        {
            var routes = Enumerable.Range(0, 100).Select(j => new Route(IpPrefix.Parse($"10.{i}.{j}.0/24")) { Interface = device, Protocol = 77 });
            _test.Do([.. routes.Select(route => new RtnetlinkChange.PutRoute(route, Replace: true))]);
        }
    }

    private void Expect(RtnetlinkEvent expected) => Wait<RtnetlinkEvent>(told => told == expected);

    private T Wait<T>(Func<T, bool> wanted)
        where T : RtnetlinkEvent
    {
        var seen = new List<RtnetlinkEvent>();
        while (_events.TryTake(out var told, Patience))
        {
            if (told is T match && wanted(match))
                return match;
            seen.Add(told);
        }
        Assert.Fail($"No such {typeof(T).Name} among: {string.Join("; ", seen)}");
        return null!;
    }
}
