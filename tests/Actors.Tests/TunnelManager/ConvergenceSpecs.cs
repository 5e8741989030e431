using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.TunnelManager;

/// <summary>
/// Both reconcilers together, from one random goal to the next, in a kernel that fails at random and in which others meddle.
/// </summary>
public class ConvergenceSpecs
{
    private const int Subnets = 5;

    /// <summary>A peer in each subnet or none, with one of two MAC addresses and one of two outer addresses.</summary>
    private static readonly Gen<VxlanPeer[]> Peers = Gen.Int[0, 4].Array[Subnets].Select(kinds => kinds
        .Select((kind, i) => (kind, n: i + 2))
        .Where(item => item.kind > 0)
        .Select(item => Bench.Peer(item.n, (item.kind & 1) == 0 ? item.n : item.n + 20, (item.kind & 2) == 0 ? item.n : item.n + 40))
        .ToArray());

    private enum Mess
    {
        ForeignRouteInOurPlace,
        ForeignRoute,
        ForeignNeighbour,
        StaleRoute,
        StaleNeighbour,
        StaleForwardingEntry,
        RouteLost,
        NeighbourLost,
        ForwardingEntryLost,
        WrongGateway,
        SecondDestination,
        DeviceDown,
        DeviceGone,
        WrongMtu,
        MacRewritten,
        AddressLost,
    }

    private static readonly Gen<(Mess Kind, int Subnet)[]> Messes = Gen.Select(Gen.Enum<Mess>(), Gen.Int[2, Subnets + 1]).Array[0, 6];

    private sealed record Act(VxlanPeer[] Peers, (Mess Kind, int Subnet)[] Mess, bool MayRemove, int[] Failing, int Passes);

    private static readonly Gen<Act> Acts = Gen.Select(Peers, Messes, Gen.Bool, Gen.Int[0, 30].Array[0, 6], Gen.Int[1, 3])
        .Select((peers, mess, mayRemove, failing, passes) => new Act(peers, mess, mayRemove, failing, passes));

    [Fact]
    public void Whatever_happens_the_kernel_comes_to_what_is_wanted_and_working_peers_keep_working() => Acts.Array[1, 5].Sample(acts =>
    {
        var bench = new Bench();
        foreach (var act in acts)
            Play(bench, act);
    }, iter: 3_000);

    private static void Play(Bench bench, Act act)
    {
        var kernel = bench.Kernel;
        var plan = Bench.Plan(act.Peers);
        foreach (var (kind, subnet) in act.Mess)
            MakeMess(bench, kind, subnet);

        var foreign = Foreign(kernel);
        var working = act.Peers.Where(bench.Works).ToList();
        int writes = 0;
        kernel.Refuse = _ => act.Failing.Contains(writes++) ? FakeRtnetlink.EPERM : null;
        kernel.AfterWrite = change =>
        {
            foreach (var peer in working)
                Assert.True(bench.Works(peer), $"{change} broke {peer}");
            Assert.Equal(foreign, Foreign(kernel));
        };
        for (int i = 0; i < act.Passes; i++)
            bench.Settle(plan, act.MayRemove);

        kernel.Refuse = _ => null;
        for (int i = 0; i < 4; i++)
        {
            bench.Time.Advance(TimeSpan.FromSeconds(31));
            bench.Settle(plan);
        }
        kernel.AfterWrite = _ => { };

        var blocked = act.Peers.Where(peer => kernel.Routes.Any(route => route.Protocol == Bench.Foreign && route.Destination.Contains(peer.Hop.Gateway!))).ToList();
        foreach (var peer in act.Peers.Except(blocked))
            Assert.True(bench.Works(peer), $"{peer} does not work");
        AssertNothingElse(bench, act.Peers, blocked.Count);
        bench.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal(0, bench.Settle(plan));
        Assert.Equal(foreign, Foreign(kernel));
        // For the next act the place is free again.
        kernel.Routes.RemoveAll(route => route.Protocol == Bench.Foreign);
    }

    private static void AssertNothingElse(Bench bench, VxlanPeer[] peers, int blocked)
    {
        var kernel = bench.Kernel;
        Assert.Equal(peers.Length - blocked, kernel.Routes.Count(route => route.Protocol == Bench.Ours));
        Assert.Equal(peers.Length, kernel.Neighbours.Count(entry => entry.Protocol == Bench.Ours));
        Assert.Equal(peers.Length, kernel.Fdb.Count);
        Assert.Equal(["eth0", "flannel.1"], kernel.Links.Values.Select(link => link.Name).Order(StringComparer.Ordinal));
        Assert.Equal([Bench.DeviceAddress.Prefix], kernel.DumpAddresses(kernel.Device("flannel.1").Index).Select(address => address.Prefix));
        Assert.Equal(1450, kernel.Device("flannel.1").Mtu);
    }

    /// <summary>Everything that is not ours to touch.</summary>
    private static List<object> Foreign(FakeRtnetlink kernel) =>
    [
        .. kernel.Routes.Where(route => route.Protocol == Bench.Foreign),
        .. kernel.Links.Values.Where(link => link.Name != "flannel.1"),
        .. kernel.Addresses.Where(address => address.Interface == kernel.Device("eth0").Index),
        .. kernel.Neighbours.Where(entry => entry.Interface == kernel.Device("eth0").Index),
    ];

    private static void MakeMess(Bench bench, Mess kind, int subnet)
    {
        var kernel = bench.Kernel;
        int eth0 = kernel.Device("eth0").Index;
        if (kind == Mess.ForeignRoute)
            kernel.Routes.Add(new Route(IpPrefix.Parse($"10.99.{subnet}.0/24")) { Gateway = Samples.Address("192.168.7.200"), Interface = eth0, Protocol = Bench.Foreign });
        if (kind == Mess.ForeignNeighbour)
            kernel.Neighbours.Add(new Neighbour(eth0, Samples.Address($"192.168.7.{subnet}")) { LinkLayer = Bench.Peer(subnet).Mac, State = NeighbourState.Reachable });
        if (kernel.FindLink("flannel.1") is not { } device)
            return;
        var route = device.Up ? kernel.Routes.FirstOrDefault(route => route.Destination == Bench.Route(subnet).Destination) : null;
        switch (kind)
        {
            case Mess.ForeignRouteInOurPlace when route is null:
                kernel.Routes.Add(new Route(Bench.Route(subnet).Destination) { Gateway = Samples.Address("192.168.7.200"), Interface = eth0, Protocol = Bench.Foreign });
                break;
            case Mess.StaleRoute when route is null && device.Up:
                kernel.Routes.Add(bench.KernelRoute(subnet));
                break;
            case Mess.StaleNeighbour when !kernel.Neighbours.Any(entry => entry.Address.Equals(Bench.Hop(subnet).Gateway)):
                kernel.Neighbours.Add(new Neighbour(device.Index, Bench.Hop(subnet).Gateway!) { LinkLayer = Bench.Peer(subnet).Mac, State = NeighbourState.Permanent, Protocol = Bench.Ours });
                break;
            case Mess.StaleForwardingEntry when !kernel.Fdb.Any(entry => entry.Mac == Bench.Peer(subnet + 60).Mac):
                kernel.Fdb.Add(new FdbEntry(device.Index, Bench.Peer(subnet + 60).Mac) { Destination = Samples.Address("192.168.7.250"), State = NeighbourState.Permanent | NeighbourState.NoArp });
                break;
            case Mess.RouteLost:
                kernel.Routes.RemoveAll(there => there == route && there.Protocol == Bench.Ours);
                break;
            case Mess.NeighbourLost:
                kernel.Neighbours.RemoveAll(entry => entry.Address.Equals(Bench.Hop(subnet).Gateway));
                break;
            case Mess.ForwardingEntryLost:
                kernel.Fdb.RemoveAll(entry => entry.Mac == Bench.Peer(subnet).Mac);
                break;
            case Mess.WrongGateway when route?.Protocol == Bench.Ours:
                kernel.Routes[kernel.Routes.IndexOf(route)] = route with { Gateway = Samples.Address("10.244.200.0") };
                break;
            case Mess.SecondDestination when kernel.Fdb.Find(entry => entry.Mac == Bench.Peer(subnet).Mac) is { } first:
                if (kernel.Fdb.Count(entry => entry.Mac == first.Mac) == 1)
                    kernel.Fdb.Add(first with { Destination = Samples.Address("192.168.7.250") });
                break;
            case Mess.DeviceDown:
                kernel.SetUp("flannel.1", false);
                break;
            case Mess.DeviceGone:
                kernel.Apply([new RtnetlinkChange.DeleteLink(device.Index)]);
                break;
            case Mess.WrongMtu:
                kernel.Links[device.Index] = device with { Mtu = 1300 };
                break;
            case Mess.MacRewritten:
                kernel.Links[device.Index] = device with { Address = new MacAddress(0x0212_3456_789A) };
                break;
            case Mess.AddressLost:
                kernel.Addresses.RemoveAll(address => address.Interface == device.Index);
                break;
        }
    }
}
