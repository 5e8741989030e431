using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Explain;

/// <summary>
/// The first half of a packet's way: from the source's link to the underlay. Facts in, steps out.
/// <code>
/// source ─▶ forwarding ─▶ firewall ─▶ route ─▶ device, neighbour, fdb or nexthop, forwarders ─▶ firewall (tunnel) ─▶ mtu ─▶ underlay
/// </code>
/// </summary>
public static class SendingPath
{
    /// <summary>The outer packet's largest size, octets; 0 where there is no tunnel.</summary>
    public static int OuterSize(PathFacts facts)
    {
        var device = WantedRoute(facts)?.Hop.Device;
        int overhead = facts.Status.Plan.Links.FirstOrDefault(link => link.Name == device) switch
        {
            WantedTun tun => tun.OuterMtu - tun.Mtu,
            WantedWireGuard => BackEnds.WireGuardBackEnd.Overhead,
            WantedIpip => BackEnds.IpipBackEnd.Overhead,
            WantedVxlan => Outer(facts) is { AddressFamily: AddressFamily.InterNetworkV6 } ? BackEnds.VxlanBackEnd.OverheadIPv6 : BackEnds.VxlanBackEnd.OverheadIPv4,
            _ => 0,
        };
        return overhead > 0 && device is not null && facts.Link(device) is { } link ? link.Mtu + overhead : 0;
    }

    public static IEnumerable<PathStep> Explain(PathFacts facts)
    {
        var (from, to) = (facts.Question.From, facts.Question.To);
        bool own = facts.IsOurs(from);
        string? input = null;
        if (own)
        {
            yield return PathStep.Ok("source", $"{from} is this host's own");
        }
        else
        {
            foreach (var step in PathPlaces.Container(facts, "source", from, facts.Back!))
                yield return step;
            input = facts.Back?.Way is { } back ? facts.NameOf(back.Interface) : null;
            if (input is not null)
                yield return PathPlaces.Forwarding(facts, input);
        }
        var wanted = WantedRoute(facts);
        var route = Route(facts, wanted);
        yield return route;
        string? output = facts.Way?.Way is { } way ? facts.NameOf(way.Interface) : wanted?.Hop.Device;
        var inner = new PacketView(input, output, from, to);
        yield return PathPlaces.Firewall(facts, "firewall", inner, own ? ["output", "postrouting"] : ["prerouting", "forward", "postrouting"]);
        if (wanted is null)
        {
            if (facts.Way is not null && Outer(facts) is { } plain)
                yield return PathPlaces.Underlay(facts, plain, facts.OuterWay ?? facts.Way);
            yield break;
        }
        foreach (var step in PathPlaces.Objects(facts, wanted.Hop))
            yield return step;
        if (Forwarders(facts) is { } forwarders)
            yield return forwarders;
        if (Outer(facts) is not { } outer || facts.OuterWay is not { } outerWay)
            yield break;
        if (TunnelPort.Of(facts) is { } port)
            yield return PathPlaces.Firewall(facts, "firewall (tunnel)", new PacketView(null, facts.Status.Underlay.Device, LocalFor(facts, outer) ?? outer, outer, "udp", port), "output", "postrouting");
        yield return Mtu(facts, wanted, outerWay);
        yield return PathPlaces.Underlay(facts, outer, outerWay);
    }

    /// <summary>Where the tunnel's packets go; the destination itself where it is no address of the overlay.</summary>
    public static IPAddress? Outer(PathFacts facts)
    {
        if (WantedRoute(facts) is not { } route)
            return facts.Status.Plan.Networks.Any(network => network.Contains(facts.Question.To)) ? null : facts.Question.To;
        return facts.Status.Plan.Peers.OfType<UdpPeer>().FirstOrDefault(peer => peer.Subnets.Any(subnet => subnet.Contains(facts.Question.To)))?.EndPoint.Address
            ?? facts.Status.Plan.Peers.OfType<VxlanPeer>().FirstOrDefault(peer => peer.Hop == route.Hop)?.Vtep
            ?? facts.Status.Plan.Peers.OfType<WireGuardTunnelPeer>().FirstOrDefault(peer => peer.Subnets.Any(subnet => subnet.Contains(facts.Question.To)))?.EndPoint.Address
            ?? route.Hop.Gateway;
    }

    public static WantedRoute? WantedRoute(PathFacts facts) =>
        facts.Status.Plan.Routes.Where(route => route.Destination.Contains(facts.Question.To)).OrderByDescending(route => route.Destination.Length).FirstOrDefault();

    private static PathStep Route(PathFacts facts, WantedRoute? wanted)
    {
        var (from, to) = (facts.Question.From, facts.Question.To);
        string actual = facts.Way is null ? "not asked" : RoutePick.Describe(facts, facts.Way);
        if (wanted is null)
        {
            if (facts.Way?.Way is not null && facts.Status.Plan.Reached.FirstOrDefault(subnet => subnet.ByCloud && subnet.Subnet.Contains(to)) is { } reached)
                return PathStep.Ok("route", $"{actual}; from there by the cloud's route to {reached.Subnet}");
            if (facts.Status.Plan.Reached.FirstOrDefault(subnet => subnet.Command is not null && subnet.Subnet.Contains(to)) is { } commanded)
                return ByCommand(facts, commanded, actual);
            if (facts.Status.Plan.Networks.Any(network => network.Contains(to)))
                return PathStep.Broken("route", actual, "this node wants no route there: it knows no lease of that subnet, or no back end that serves both hosts", "akka-overlay lease list; akka-overlay peers");
            return facts.Way?.Way is null && facts.Way is not null ? Refused(facts, facts.Way, null) : PathStep.Ok("route", actual);
        }
        string want = $"{wanted.Destination} {wanted.Hop}";
        if (facts.Way?.Way is not { } way)
            return facts.Way is null ? PathStep.Doubtful("route", actual, "the kernel could not be asked") : Refused(facts, facts.Way, wanted);
        bool right = facts.NameOf(way.Interface) == wanted.Hop.Device && (wanted.Hop.Gateway is null || wanted.Hop.Gateway.Equals(way.Gateway) || wanted.Hop.Gateway.Equals(to));
        if (right)
            return PathStep.Ok("route", actual, want);
        var (reason, mend) = RoutePick.Blame(facts, facts.Way, from, to);
        return Ours(facts, wanted, actual) ?? PathStep.Broken("route", actual, reason, mend, want);
    }

    private static PathStep Refused(PathFacts facts, RouteAnswer way, WantedRoute? wanted)
    {
        string actual = RoutePick.Describe(facts, way);
        var (reason, mend) = RoutePick.Blame(facts, way, facts.Question.From, facts.Question.To);
        return (mend is null && wanted is not null ? Ours(facts, wanted, actual) : null) ?? PathStep.Broken("route", actual, reason, mend, wanted is null ? null : $"{wanted.Destination} {wanted.Hop}");
    }

    /// <summary>What the operator's command did is known by its exit status and by the route that there is.</summary>
    private static PathStep ByCommand(PathFacts facts, ReachedSubnet reached, string actual)
    {
        var row = facts.Objects.FirstOrDefault(row => row.Kind == "command" && row.Name == reached.Command);
        if (row is { State: not "ok" })
            return PathStep.Broken("route", actual, row.Error ?? $"{row.Name} is {row.State}", "akka-overlay status", row.Wanted);
        return facts.Way is null ? PathStep.Doubtful("route", actual, "the kernel could not be asked")
            : facts.Way.Way is null ? PathStep.Broken("route", actual, $"{reached.Command} ended well, and yet there is no route", null, row?.Wanted)
            : PathStep.Ok("route", $"{actual}; {reached.Command} was run", row?.Wanted);
    }

    /// <summary>Our own route is not in place: that comes before whoever took its place. Null where it is.</summary>
    private static PathStep? Ours(PathFacts facts, WantedRoute wanted, string actual) =>
        facts.Objects.FirstOrDefault(row => row.Kind == "route" && row.Name == wanted.Destination.ToString()) is { State: not "ok" } row
            ? PathStep.Broken("route", actual, row.Error ?? $"our route is {row.State}; this node puts it back as soon as its next hop is ready", null, $"{wanted.Destination} {wanted.Hop}")
            : null;

    private static PathStep? Forwarders(PathFacts facts)
    {
        if (facts.Forwarders is not { Device: not null } status)
            return null;
        string drops = string.Join(", ", status.Totals.Drops.Where(drop => drop.Value > 0).OrderBy(drop => drop.Key).Select(drop => $"{drop.Key} {drop.Value}"));
        var peer = facts.Status.Plan.Peers.OfType<UdpPeer>().FirstOrDefault(peer => peer.Subnets.Any(subnet => subnet.Contains(facts.Question.To)));
        var traffic = status.Peers.FirstOrDefault(one => one.Node == peer?.Node.ToString());
        string actual = $"{status.Serving} of {status.Queues} queues served, {(peer is null ? "no peer has that subnet" : $"to {peer.EndPoint}")}: sent {traffic?.SentPackets ?? 0}, received {traffic?.ReceivedPackets ?? 0} packets; dropped: {(drops.Length > 0 ? drops : "none")}";
        return status.Serving < status.Queues || status.Queues == 0
            ? PathStep.Broken("forwarder", actual, $"the packet forwarders are not at work: {string.Join("; ", status.Problems)}", null)
            : PathStep.Ok("forwarder", actual);
    }

    /// <summary>Does a packet of full size fit, in its tunnel, into what the underlay takes?</summary>
    private static PathStep Mtu(PathFacts facts, WantedRoute wanted, RouteAnswer outerWay)
    {
        var underlay = facts.Link(facts.Status.Underlay.Device);
        int size = OuterSize(facts) is > 0 and var outer ? outer : facts.Status.Plan.Mtu;
        string actual = $"containers {facts.Status.Plan.Mtu}, {wanted.Hop.Device} {facts.Link(wanted.Hop.Device)?.Mtu}, underlay {underlay?.Mtu}{(outerWay.Way is { Mtu: > 0 } routed ? $", its route {routed.Mtu}" : "")}";
        if (underlay is not null && size > underlay.Mtu)
            return PathStep.Broken("mtu", actual, $"full-size packets are {size} octets in their tunnel, and {underlay.Name} takes {underlay.Mtu}", $"ip link set {underlay.Name} mtu {size}");
        uint path = Math.Max(outerWay.Way?.Mtu ?? 0, outerWay.Match?.Mtu ?? 0);
        if (path > 0 && size > path)
            return PathStep.Broken("mtu", actual, $"full-size packets are {size} octets in their tunnel, and the route to the other host takes {path}", $"take \"mtu {path}\" off the route ({(outerWay.Match is { } match ? match.Destination : "ip route flush cache")}), or set \"MTU\" of the back end to {path}");
        int source = facts.Back?.Way is { } back && !facts.IsOurs(facts.Question.From) ? facts.Link(back.Interface)?.Mtu ?? 0 : 0;
        return source > facts.Status.Plan.Mtu
            ? PathStep.Doubtful("mtu", $"{actual}, the source's link {source}", $"the containers' link has MTU {source}, larger than the overlay's {facts.Status.Plan.Mtu}: what is too large is answered with an ICMP error, which containers must heed", $"ip link set {facts.NameOf(facts.Back!.Way!.Interface)} mtu {facts.Status.Plan.Mtu}; and restart the containers")
            : PathStep.Ok("mtu", actual);
    }

    private static IPAddress? LocalFor(PathFacts facts, IPAddress outer) =>
        outer.AddressFamily == AddressFamily.InterNetwork ? facts.Status.Underlay.Local.IPv4 : facts.Status.Underlay.Local.IPv6;
}
