using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Explain;

/// <summary>Facts of two hosts between which all is well: 10.244.1.2 on host 1, 10.244.2.2 on host 2, vxlan over eth0, containers behind cni0.</summary>
internal static class PathSamples
{
    public static readonly Link Card = new(2, "eth0") { Up = true, Carrier = true, Mtu = 1500 };

    public static readonly Link Tunnel = new(3, "flannel.1") { Kind = "vxlan", Up = true, Carrier = true, Mtu = 1450 };

    public static readonly Link Bridge = new(4, "cni0") { Kind = "bridge", Up = true, Carrier = true, Mtu = 1450 };

    public static PathFacts Sending => Facts(1, PathSide.Sending) with
    {
        Back = Way("10.244.1.0/24", 4, null, 2),
        Way = Way("10.244.2.0/24", 3, "10.244.2.0", 77),
        OuterWay = Way("192.168.7.0/24", 2, null, 2),
        Neighbours = [new Neighbour(4, Samples.Address("10.244.1.2")) { LinkLayer = MacAddress.Parse("02:00:00:00:00:01"), State = NeighbourState.Reachable }],
    };

    public static PathFacts Arriving => Facts(2, PathSide.Arriving) with
    {
        Back = Way("10.244.1.0/24", 3, "10.244.1.0", 77),
        Way = Way("10.244.2.0/24", 4, null, 2),
        Plain = Way("10.244.2.0/24", 4, null, 2),
        Neighbours = [new Neighbour(4, Samples.Address("10.244.2.2")) { LinkLayer = MacAddress.Parse("02:00:00:00:00:02"), State = NeighbourState.Reachable }],
        UdpPorts = [8472],
    };

    public static RouteAnswer Refused(int errno) => new(null, null, new NetlinkError(errno, $"look up route: errno {errno}"));

    public static RouteAnswer Way(string destination, int device, string? gateway, byte protocol, uint table = 254)
    {
        var route = new Route(IpPrefix.Parse(destination)) { Interface = device, Gateway = gateway is null ? null : IPAddress.Parse(gateway), Protocol = protocol, Table = table };
        return new RouteAnswer(route, route, null);
    }

    public static PathFacts With(this PathFacts facts, string sysctl, string value) => facts with { Sysctls = facts.Sysctls.SetItem(sysctl, value) };

    public static PathFacts With(this PathFacts facts, Link changed) => facts with { Links = [.. facts.Links.Where(link => link.Index != changed.Index), changed] };

    public static PathFacts Filtering(this PathFacts facts, string hook, string rule) => facts with
    {
        Firewall = new FirewallListing(
            NftRuleset.Parse($$$"""{"nftables":[{"chain":{"family":"inet","table":"t","name":"c","handle":1,"hook":"{{{hook}}}","type":"filter","prio":0,"policy":"accept"}},{"rule":{"family":"inet","table":"t","chain":"c","handle":7,"expr":[{{{rule}}}]}}]}"""), null, null),
    };

    private static PathFacts Facts(int n, PathSide side)
    {
        var (mine, other) = (Samples.Lease(n), Samples.Lease(3 - n));
        var underlay = new Underlay("eth0", 1500, Samples.Public(n), Samples.Public(n));
        var plan = Planner.Plan(new HostFacts(mine.Owner, underlay, Samples.IPv4Network), mine, [mine, other]);
        return new PathFacts
        {
            Question = new NodeProtocol.ExplainPath(mine.Owner, Samples.Address("10.244.1.2"), Samples.Address("10.244.2.2"), side, Samples.Public(3 - n).IPv4, side == PathSide.Arriving ? 1500 : 0),
            Status = new HostStatus(mine.Owner, mine.NodeName, true, [], mine, Samples.Version(Samples.IPv4Network), plan, underlay, 0),
            Objects = [new ObjectStatus("link", "flannel.1", "vxlan", "vxlan", "ok"), new ObjectStatus("route", $"10.244.{3 - n}.0/24", "", "", "ok"), new ObjectStatus("neighbour", $"10.244.{3 - n}.0", "", "", "ok")],
            Links = [new Link(1, "lo") { Loopback = true, Up = true, Carrier = true }, Card, Tunnel, Bridge],
            Addresses = [Held(2, $"192.168.7.{n}/24"), Held(3, $"10.244.{n}.0/32"), Held(4, $"10.244.{n}.1/24")],
            Sysctls = new Dictionary<string, string>
            {
                ["net/ipv4/ip_forward"] = "1", ["net/ipv4/conf/all/rp_filter"] = "0", ["net/ipv4/conf/cni0/forwarding"] = "1", ["net/ipv4/conf/flannel.1/forwarding"] = "1", ["net/ipv4/conf/flannel.1/rp_filter"] = "0",
            }.ToImmutableDictionary(),
        };
    }

    private static InterfaceAddress Held(int device, string prefix) => new(device, IpPrefix.Parse(prefix));
}
