using AkkaOverlay.Actors.Drain;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Drain;

public sealed class AttachmentSpecs
{
    private static readonly IpPrefix[] Subnets = [IpPrefix.Parse("10.244.1.0/24"), IpPrefix.Parse("fd42:0:0:1::/64")];

    /// <summary>Docker's bridge with the lease's gateway, and another one that is not ours; the tunnel; the underlay.</summary>
    private readonly List<Link> links =
    [
        new(1, "lo") { Up = true, Carrier = true, Loopback = true },
        new(2, "eth0") { Up = true, Carrier = true },
        new(3, "flannel.1") { Kind = "vxlan", Up = true, Carrier = true },
        new(4, "docker0") { Kind = "bridge", Up = true, Carrier = true },
        new(5, "br-other") { Kind = "bridge", Up = true, Carrier = true },
    ];

    private readonly List<InterfaceAddress> addresses =
    [
        new(2, IpPrefix.Parse("192.168.7.1/24")),
        new(3, IpPrefix.Parse("10.244.1.0/32")),
        new(4, IpPrefix.Parse("10.244.1.1/24")),
        new(5, IpPrefix.Parse("172.18.0.1/16")),
    ];

    private readonly List<Route> routes = [new(IpPrefix.Parse("10.244.1.0/24")) { Interface = 4 }, new(IpPrefix.Parse("10.244.2.0/24")) { Interface = 3 }];

    [Fact]
    public void A_host_with_an_empty_bridge_has_no_container() => Assert.Empty(Find());

    [Fact]
    public void Ports_of_the_bridge_with_the_subnet_s_gateway_are_containers_and_those_of_other_bridges_are_not()
    {
        links.Add(new Link(11, "vethb") { Kind = "veth", Up = true, Carrier = true, Master = 4 });
        links.Add(new Link(10, "vetha") { Kind = "veth", Up = true, Carrier = true, Master = 4 });
        links.Add(new Link(12, "vethc") { Kind = "veth", Up = true, Carrier = true, Master = 5 });
        Assert.Equal([new Attachment("vetha", "docker0"), new Attachment("vethb", "docker0")], Find());
    }

    [Fact]
    public void The_bridge_is_known_by_its_IPv6_address_too()
    {
        addresses[2] = new InterfaceAddress(4, IpPrefix.Parse("fd42:0:0:1::1/64"));
        links.Add(new Link(10, "vetha") { Kind = "veth", Up = true, Carrier = true, Master = 4 });
        Assert.Equal("vetha at docker0", Assert.Single(Find()).ToString());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public void A_port_without_a_carrier_leads_nowhere(bool up, bool carrier)
    {
        links.Add(new Link(10, "vetha") { Kind = "veth", Up = up, Carrier = carrier, Master = 4 });
        Assert.Empty(Find());
    }

    [Fact]
    public void A_device_that_a_route_to_one_address_of_the_subnet_names_is_a_container()
    {
        links.Add(new Link(10, "vetha") { Kind = "veth", Up = true, Carrier = true });
        links.Add(new Link(11, "vethb") { Kind = "veth", Up = true, Carrier = true });
        routes.Add(new Route(IpPrefix.Parse("10.244.1.7/32")) { Interface = 10 });
        routes.Add(new Route(IpPrefix.Parse("fd42:0:0:1::7/128")) { Interface = 10 });
        // Another host's address, and one that is this host's own.
        routes.Add(new Route(IpPrefix.Parse("10.244.2.7/32")) { Interface = 11 });
        routes.Add(new Route(IpPrefix.Parse("10.244.1.9/32")) { Interface = 11, Type = RouteType.Local });
        Assert.Equal([new Attachment("vetha", null)], Find());
    }

    [Fact]
    public void A_route_to_one_address_by_the_bridge_is_no_container_of_its_own()
    {
        routes.Add(new Route(IpPrefix.Parse("10.244.1.7/32")) { Interface = 4 });
        Assert.Empty(Find());
    }

    [Fact]
    public void Where_networks_may_have_the_same_addresses_only_the_named_bridge_counts()
    {
        links.Add(new Link(10, "vetha") { Kind = "veth", Up = true, Carrier = true, Master = 4 });
        links.Add(new Link(11, "vethb") { Kind = "veth", Up = true, Carrier = true, Master = 5 });
        links.Add(new Link(12, "vethc") { Kind = "veth", Up = true, Carrier = true });
        routes.Add(new Route(IpPrefix.Parse("10.244.1.7/32")) { Interface = 12 });
        Assert.Equal([new Attachment("vethb", "br-other")], Find("br-other"));
    }

    private IReadOnlyList<Attachment> Find(string? bridge = null) => Attachment.Find(links, addresses, routes, Subnets, bridge);
}
