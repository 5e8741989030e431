using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>From what hosts say of themselves to whom is asked and who is answered; and where this host is itself.</summary>
public sealed class ProbeTargetsSpecs
{
    private static readonly HashSet<AddressFamily> IPv4 = [AddressFamily.InterNetwork];
    private static readonly HashSet<AddressFamily> Both = [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    [Fact]
    public void A_peer_is_asked_by_every_IP_version_that_both_have()
    {
        var said = Said(2, "10.244.2.0", "fd42:0:0:2::");
        Assert.Equal(["10.244.2.0", "fd42:0:0:2::"], Of(said, Both).Paths.Select(path => path.Remote.Address.ToString()));
        Assert.Equal(["10.244.2.0"], Of(said, IPv4).Paths.Select(path => path.Remote.Address.ToString()));
        Assert.Equal("this host cannot ask", Assert.Single(Of(said, new HashSet<AddressFamily>()).Others).Reason);
    }

    [Fact]
    public void Packets_are_as_large_as_both_hosts_containers_send()
    {
        Assert.Equal(1450, Assert.Single(Of(Said(2, "10.244.2.0"), IPv4).Paths).FullSize);
        Assert.Equal(1400, Assert.Single(Of(Said(2, "10.244.2.0") with { Mtu = 1400 }, IPv4).Paths).FullSize);
        Assert.Equal(1450, Assert.Single(Of(Said(2, "10.244.2.0") with { Mtu = 8950 }, IPv4).Paths).FullSize);
    }

    [Fact]
    public void Nobody_is_believed_to_be_outside_of_its_own_subnet()
    {
        foreach (string elsewhere in new[] { "10.244.3.0", "192.0.2.1", "127.0.0.1" })
        {
            Assert.Empty(Of(Said(2, elsewhere), IPv4).Paths);
            Assert.Empty(ProbeTargets.Askers([Said(2, elsewhere)], Reached));
        }
        Assert.Equal("10.244.2.0:40000", Assert.Single(ProbeTargets.Askers([Said(2, "10.244.2.0")], Reached)).ToString());
    }

    [Fact]
    public void Who_cannot_be_probed_is_named_with_the_reason()
    {
        Assert.Equal("it has no lease", Assert.Single(Of(Said(2) with { Reason = "it has no lease" }, IPv4).Others).Reason);
        Assert.Equal("this host has no way to its subnet", Assert.Single(Of(Said(9, "10.244.9.0"), IPv4).Others).Reason);
        var silent = ProbeTargets.Of(["m5"], new Dictionary<string, ProbeProtocol.Announcement>(), IPv4, 1450, Reached);
        Assert.Equal(("m5", "it has not said where it can be probed"), (silent.Others[0].Name, silent.Others[0].Reason));
    }

    [Fact]
    public void With_a_tunnel_device_its_address_is_probed_and_without_one_the_containers_gateway()
    {
        var vxlan = Status(Samples.IPv4Network);
        Assert.Equal("10.244.1.0", Assert.Single(Addresses(vxlan, "10.244.1.1/24", "10.244.1.0/32", "192.168.7.1/24")));
        Assert.Equal("10.244.1.1", Assert.Single(Addresses(vxlan, "10.244.1.7/32", "10.244.1.1/24")));
        Assert.Equal("10.244.1.7", Assert.Single(Addresses(vxlan, "10.244.1.9/24", "10.244.1.7/24")));
        Assert.Equal(["10.244.1.0", "fd42:0:0:1::"], Addresses(Status(Samples.DualNetwork), "10.244.1.0/32", "fd42:0:0:1::/128"));
    }

    [Fact]
    public void A_host_without_an_address_inside_says_so()
    {
        var (addresses, reason) = ProbeAddresses.Of(Status(Samples.IPv4Network), Held("192.168.7.1/24", "10.244.2.1/24"));
        Assert.Empty(addresses);
        Assert.Contains("no address inside the overlay", reason);
        Assert.Equal("it has no lease", ProbeAddresses.Of(Status(Samples.IPv4Network) with { Lease = null }, Held("10.244.1.0/32")).Reason);
        var apart = Status(Samples.IPv4Network);
        apart = apart with { Plan = apart.Plan with { Incoming = ["br0", "flannel.1"] } };
        Assert.Contains("--bridge", ProbeAddresses.Of(apart, Held("10.244.1.1/24")).Reason);
        var tentative = Held("fd42:0:0:1::/128")[0] with { Flags = AddressFlags.Tentative };
        Assert.Empty(ProbeAddresses.Of(Status(Samples.DualNetwork), [tentative]).Addresses);
    }

    private static ImmutableArray<ReachedSubnet> Reached =>
    [
        .. new[] { 2, 3 }.SelectMany(n => Samples.DualLease(n).Subnets.All.Select(subnet => new ReachedSubnet(Samples.Node(n), subnet, new NextHop("flannel.1", null), "vxlan"))),
    ];

    private static ProbeTargets Of(ProbeProtocol.Announcement said, IReadOnlySet<AddressFamily> own) =>
        ProbeTargets.Of(["m2"], new Dictionary<string, ProbeProtocol.Announcement> { ["m2"] = said }, own, 1450, Reached);

    private static ProbeProtocol.Announcement Said(int n, params string[] addresses) => new(
        Samples.Node(n), $"host{n}", addresses.Select(address => new IPEndPoint(IPAddress.Parse(address), 40_000)).ToEquatableArray(), new ProbeToken(7), 1450, null, false);

    private static HostStatus Status(Actors.Network.NetworkConfig network)
    {
        var lease = network.IPv6 is null ? Samples.Lease(1) : Samples.DualLease(1);
        var underlay = new Underlay("eth0", 1500, Samples.DualPublic(1), Samples.DualPublic(1));
        return new HostStatus(Samples.Node(1), "host1", true, [], lease, Samples.Version(network), Planner.Plan(new HostFacts(Samples.Node(1), underlay, network), lease, []), underlay, 0);
    }

    private static IEnumerable<string> Addresses(HostStatus status, params string[] held) => ProbeAddresses.Of(status, Held(held)).Addresses.Select(address => address.ToString());

    private static InterfaceAddress[] Held(params string[] prefixes) => [.. prefixes.Select((prefix, i) => new InterfaceAddress(i + 1, IpPrefix.Parse(prefix)))];
}
