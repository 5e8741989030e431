using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests;

/// <summary>Hosts, networks and leases that the tests talk about: node n has 192.168.7.n and fd07::n.</summary>
internal static class Samples
{
    public static readonly NetworkConfig IPv4Network = NetConf.Parse("""{ "Network": "10.244.0.0/16" }""");

    public static readonly NetworkConfig IPv6Network =
        NetConf.Parse("""{ "EnableIPv4": false, "EnableIPv6": true, "IPv6Network": "fd42::/56" }""");

    public static readonly NetworkConfig DualNetwork =
        NetConf.Parse("""{ "Network": "10.244.0.0/16", "EnableIPv6": true, "IPv6Network": "fd42::/56" }""");

    public static NodeId Node(int n) => new(new Guid(n, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]));

    public static IPAddress Address(string text) => IPAddress.Parse(text);

    public static HostAddresses Public(int n) => new(Address($"192.168.7.{n}"), null);

    public static HostAddresses DualPublic(int n) => new(Address($"192.168.7.{n}"), Address($"fd07::{n:x}"));

    public static VxlanOffer Vxlan(int n, uint vni = 1) => new(vni, VxlanBackEnd.MacFor(Node(n), vni));

    /// <summary>Of node n: 10.244.n.0/24 in the IPv4 network.</summary>
    public static Lease Lease(int n, long generation = 0, params Offer[] offers) => new()
    {
        Owner = Node(n),
        NodeName = $"host{n}",
        Subnets = new LeaseSubnets(IpPrefix.Parse($"10.244.{n}.0/24"), null),
        Generation = generation == 0 ? n + 1 : generation,
        Public = Public(n),
        Offers = offers.Length == 0 ? [Vxlan(n)] : [.. offers],
    };

    public static Lease DualLease(int n, params Offer[] offers) => Lease(n, 0, offers) with
    {
        Subnets = new LeaseSubnets(IpPrefix.Parse($"10.244.{n}.0/24"), IpPrefix.Parse($"fd42:0:0:{n:x}::/64")),
        Public = DualPublic(n),
    };

    public static LeaseCommand.Claim Claim(int n, HeldLease? held = null) => new(Node(n), $"host{n}", Public(n), [Vxlan(n)], held);

    public static NetworkVersion Version(NetworkConfig network) => new(1, network);
}
