using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Actors.Tests.Explain.PathSamples;

namespace AkkaOverlay.Actors.Tests.Explain;

/// <summary>One fault after the other on a way that is well otherwise: where it stops, and what mends it.</summary>
public sealed class PathSpecs
{
    private const string DropInner = """{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":"10.244.2.2"}},{"drop":null}""";

    private const string DropTunnel = """{"match":{"op":"==","left":{"payload":{"protocol":"udp","field":"dport"}},"right":8472}},{"drop":null}""";

    private static readonly (string Fault, PathFacts Facts, string Place, string Mend)[] Faults =
    [
        ("container gone", Sending with { Neighbours = [] }, "source", "start the container"),
        ("bridge down here", Sending.With(Bridge with { Up = false }), "source", "ip link set cni0 up"),
        ("no port of the bridge is up", Sending.With(Bridge with { Carrier = false }), "source", "bridge link show"),
        ("no bridge", Sending with { Back = Way("10.244.0.0/16", 3, null, 77) }, "source", "ip addr add 10.244.1.1/24"),
        ("forwarding off here", Sending.With("net/ipv4/conf/cni0/forwarding", "0").With("net/ipv4/ip_forward", "0"), "forwarding", "sysctl -w net.ipv4.ip_forward=1"),
        ("forwarding off on the bridge alone", Sending.With("net/ipv4/conf/cni0/forwarding", "0"), "forwarding", "sysctl -w net/ipv4/conf/cni0/forwarding=1"),
        ("dropped here", Sending.Filtering("forward", DropInner), "firewall", "nft insert rule inet t c handle 7 ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept"),
        ("dropped behind routing", Sending.Filtering("postrouting", DropInner), "firewall", "handle 7"),
        ("foreign route", Sending with { Way = Way("10.244.2.2/32", 2, "192.168.7.99", 3) }, "route", "ip route del 10.244.2.2/32"),
        ("blackhole", Sending with { Way = Refused(22), Refusing = [new Route(IpPrefix.Parse("10.244.2.2/32")) { Type = RouteType.Blackhole, Protocol = 3 }] }, "route", "ip route del blackhole 10.244.2.2/32"),
        ("prohibit rule", Sending with { Way = Refused(13), Rules = [Rule(100, 0) with { Action = RuleAction.Prohibit, Destination = IpPrefix.Parse("10.244.2.0/24"), Partial = true }] }, "route", "ip rule del priority 100"),
        ("another table", Sending with { Way = Way("10.0.0.0/8", 2, "192.168.7.99", 3, table: 55), Rules = [Rule(50, 55)] }, "route", "ip rule del priority 50"),
        ("another table, for some users or ports", Sending with { Way = Way("10.0.0.0/8", 2, "192.168.7.99", 3, table: 55), Rules = [Rule(50, 55) with { Partial = true, IsNarrowed = true }] }, "route", "ip rule show priority 50"),
        ("another table, by the rule that is fully seen", Sending with { Way = Way("10.0.0.0/8", 2, "192.168.7.99", 3, table: 55), Rules = [Rule(50, 55) with { Partial = true, IsNarrowed = true }, Rule(60, 55)] }, "route", "ip rule del priority 60"),
        ("our route failed", Sending with { Way = Refused(101), Objects = [new ObjectStatus("route", "10.244.2.0/24", "", null, "failed", "somebody else's stands there")] }, "route", ""),
        ("device failed", Sending with { Objects = [new ObjectStatus("link", "flannel.1", "vxlan", null, "missing")] }, "device", ""),
        ("neighbour failed", Sending with { Objects = [new ObjectStatus("neighbour", "10.244.2.0", "lladdr", "other", "differs")] }, "neighbour", ""),
        ("tunnel dropped here", Sending.Filtering("output", DropTunnel), "firewall (tunnel)", "nft insert rule inet t c handle 7 udp dport 8472 accept"),
        ("underlay takes less", Sending.With(Card with { Mtu = 1400 }), "mtu", "ip link set eth0 mtu 1500"),
        ("its route takes less", Sending with { OuterWay = new RouteAnswer(Way("192.168.7.2/32", 2, null, 3).Way! with { Mtu = 1000 }, null, null) }, "mtu", "mtu 1000"),
        ("underlay down", Sending.With(Card with { Up = false }), "underlay", "ip link set eth0 up"),
        ("cable out", Sending.With(Card with { Carrier = false }), "underlay", "cable"),
        ("no way to the other host", Sending with { OuterWay = Refused(101) }, "underlay", ""),
        ("the other host is silent", Sending with { Neighbours = Sending.Neighbours.Add(new Neighbour(2, Samples.Address("192.168.7.2")) { State = NeighbourState.Failed }) }, "underlay", "ping 192.168.7.2"),
        ("the tunnel leads into itself", Sending with { OuterWay = Way("192.168.7.2/32", 3, null, 3) }, "underlay", "ip route del 192.168.7.2/32"),
        ("underlay down there", Arriving.With(Card with { Up = false }), "underlay", "ip link set eth0 up"),
        ("underlay's address gone there", Arriving with { Addresses = [.. Arriving.Addresses.Where(held => held.Interface != 2)] }, "underlay", "ip addr add 192.168.7.2"),
        ("underlay takes less there", Arriving.With(Card with { Mtu = 1400 }), "mtu", "ip link set eth0 mtu 1500"),
        ("tunnel dropped there", Arriving.Filtering("input", DropTunnel), "firewall (tunnel)", "handle 7"),
        ("port closed", Arriving with { UdpPorts = [] }, "port", "restart"),
        ("strict, and the way back is another", Arriving.With("net/ipv4/conf/all/rp_filter", "1") with { Back = Way("10.244.1.0/24", 2, null, 3) }, "rp_filter", "net/ipv4/conf/flannel.1/rp_filter=2"),
        ("forwarding off there", Arriving.With("net/ipv4/ip_forward", "0").With("net/ipv4/conf/flannel.1/forwarding", "0") with { Way = Refused(22) }, "forwarding", "sysctl -w net.ipv4.ip_forward=1"),
        ("leads off again", Arriving with { Way = Way("10.244.2.2/32", 2, "192.168.7.99", 3) }, "route", "ip route del 10.244.2.2/32"),
        ("dropped there", Arriving.Filtering("forward", DropInner), "firewall", "handle 7"),
        ("container gone there", Arriving with { Neighbours = [] }, "destination", "start the container"),
        ("bridge down there", Arriving.With(Bridge with { Up = false }) with { Way = Refused(22), Plain = Refused(101) }, "destination", "ip link set cni0 up"),
    ];

    public static TheoryData<string> Names => [.. Faults.Select(fault => fault.Fault)];

    [Fact]
    public void Where_all_is_well_every_step_is_ok()
    {
        Assert.All(Steps(Sending), step => Assert.Equal(StepState.Ok, step.State));
        Assert.All(Steps(Arriving), step => Assert.Equal(StepState.Ok, step.State));
        Assert.Equal(1500, SendingPath.OuterSize(Sending));
        Assert.Equal(["source", "forwarding", "route", "firewall", "device", "neighbour", "firewall (tunnel)", "mtu", "underlay"], Steps(Sending).Select(step => step.Place));
        Assert.Equal(["underlay", "firewall (tunnel)", "port", "device", "rp_filter", "forwarding", "route", "firewall", "destination"], Steps(Arriving).Select(step => step.Place));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_fault_is_found_where_it_is(string name)
    {
        var (_, facts, place, mend) = Faults.Single(fault => fault.Fault == name);
        var first = Steps(facts).First(step => step.State == StepState.Broken);
        Assert.Equal(place, first.Place);
        Assert.NotEmpty(first.Reason!);
        Assert.Contains(mend, first.Mend ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_packet_filter_may_do_is_doubtful_and_not_broken()
    {
        var steps = Steps(Sending.Filtering("forward", """{"match":{"op":"==","left":{"meta":{"key":"mark"}},"right":1}},{"drop":null}"""));
        Assert.Equal(["firewall"], steps.Where(step => step.State == StepState.Doubtful).Select(step => step.Place));
        Assert.DoesNotContain(steps, step => step.State == StepState.Broken);
    }

    [Fact]
    public void A_strict_filter_lets_the_way_back_pass() => Assert.DoesNotContain(Steps(Arriving.With("net/ipv4/conf/all/rp_filter", "1")), step => step.State == StepState.Broken);

    [Fact]
    public void The_device_that_drops_is_made_loose_and_no_other_device()
    {
        var strict = Arriving.With("net/ipv4/conf/all/rp_filter", "1") with { Back = Way("10.244.1.0/24", 2, null, 3) };
        Assert.Equal("sysctl -w net/ipv4/conf/flannel.1/rp_filter=2", Steps(strict).Single(step => step.Place == "rp_filter").Mend);
    }

    [Fact]
    public void An_iptables_legacy_that_drops_is_doubtful_for_IPv4_and_the_overlay_alone_is_let_through()
    {
        var legacy = Sending with { Firewall = new FirewallListing(NftRuleset.Empty, null, "*filter\n:FORWARD DROP [0:0]\n") };
        Assert.Equal("iptables-legacy -A FORWARD -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT", Steps(legacy).Single(step => step.Place == "firewall").Mend);
    }

    [Fact]
    public void A_packet_of_the_hosts_own_is_not_forwarded()
    {
        var own = Sending with { Question = Sending.Question with { From = Samples.Address("192.168.7.1") } };
        Assert.DoesNotContain(Steps(own.With("net/ipv4/conf/cni0/forwarding", "0")), step => step.Place == "forwarding");
    }

    [Fact]
    public void A_subnet_that_nobody_has_has_no_route()
    {
        var nowhere = Sending with { Question = Sending.Question with { To = Samples.Address("10.244.9.2") }, Way = Refused(101), OuterWay = null };
        Assert.Equal("route", Steps(nowhere).First(step => step.State == StepState.Broken).Place);
    }

    private static List<PathStep> Steps(PathFacts facts) => [.. facts.Question.Side == PathSide.Sending ? SendingPath.Explain(facts) : ArrivingPath.Explain(facts)];

    private static Rule Rule(uint priority, uint table) => new(System.Net.Sockets.AddressFamily.InterNetwork, priority, table);
}
