using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Page;

namespace AkkaOverlay.Node.Tests.Page;

/// <summary>An overlay of hosts h1, h2 … of which h1 is this one: host n is at 192.168.7.n with 10.244.n.0/24.</summary>
internal static class PageSamples
{
    public static readonly NetworkVersion Network = new(1, NetConf.Parse("""{ "Network": "10.244.0.0/16" }"""));

    public static NodeId IdOf(int n) => new(new Guid(n, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]));

    public static Lease Lease(int n) => new()
    {
        Owner = IdOf(n),
        NodeName = $"h{n}",
        Subnets = new LeaseSubnets(IpPrefix.Parse($"10.244.{n}.0/24"), null),
        Generation = n,
        Public = new HostAddresses(IPAddress.Parse($"192.168.7.{n}"), null),
        Offers = [new HostGwOffer()],
    };

    public static UniqueAddress Address(int n) => new(new Address("akka.tcp", "overlay", $"192.168.7.{n}", 4053), n);

    public static PageMember Member(int n, string status = "Up", bool reachable = true) => new(Address(n), status, reachable, n <= 3 ? ["core"] : [], n == 1, n == 2);

    public static HostView View(int n, params PeerWay[] ways) => new(
        IdOf(n), $"h{n}", "0.1.0", TimeSpan.FromSeconds(60), null, 2, 1450, new TunnelTraffic("flannel.1", 100, 1, 200, 2), ways.ToEquatable(), []);

    public static HostSeen Seen(int n, params PeerWay[] ways) => new(Address(n), View(n, ways), TimeSpan.FromSeconds(1), false);

    /// <summary>Three hosts that are well.</summary>
    public static PageFacts Three() => new(
        new PageSelf(IdOf(1).ToString(), "h1", "0.1.0", null),
        new HostStatus(IdOf(1), "h1", true, [], Lease(1), Network, HostPlan.Nothing with { Mtu = 1450 }, new Underlay("eth0", 1500, Lease(1).Public, Lease(1).Public), 0),
        new LedgerView(true, Guid.NewGuid(), 7, Network, new[] { 1, 2, 3 }.ToImmutableDictionary(IdOf, Lease)) { Age = TimeSpan.FromSeconds(2) },
        View(1, new PeerWay(IdOf(2), WayState.Answers, 210), new PeerWay(IdOf(3), WayState.Programmed)),
        new PageMembership("Up", null, 3, [Member(1), Member(2), Member(3)]),
        [Seen(2, new PeerWay(IdOf(1), WayState.Lossy, 300), new PeerWay(IdOf(3), WayState.Silent)), Seen(3)],
        null,
        null,
        3,
        []);

    private static AkkaOverlay.Actors.EquatableArray<T> ToEquatable<T>(this T[] items) => new([.. items]);
}
