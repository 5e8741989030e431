using System.Net;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Explain;

/// <summary>
/// The second half of a packet's way: from the underlay to the destination's link. Facts in, steps out.
/// <code>
/// underlay ─▶ mtu ─▶ firewall (tunnel) ─▶ port ─▶ device, forwarders ─▶ rp_filter ─▶ forwarding ─▶ route ─▶ firewall ─▶ destination
/// </code>
/// </summary>
public static class ArrivingPath
{
    public static IEnumerable<PathStep> Explain(PathFacts facts)
    {
        var question = facts.Question;
        var (from, to) = (question.From, question.To);
        bool inside = facts.Status.Plan.Networks.Any(network => network.Contains(to));
        var underlay = facts.Status.Underlay;
        foreach (var step in Underlay(facts))
            yield return step;
        string? device = inside ? InputDevice(facts) : underlay.Device;
        if (inside && device is not null && device != underlay.Device)
        {
            if (question.Outer is { } outer && TunnelPort.Of(facts) is { } port && LocalFor(facts, outer) is { } local)
            {
                yield return PathPlaces.Firewall(facts, "firewall (tunnel)", new PacketView(underlay.Device, null, outer, local, "udp", port), "prerouting", "input");
                yield return facts.UdpPorts.Contains(port)
                    ? PathStep.Ok("port", $"UDP {port} is open")
                    : PathStep.Broken("port", $"UDP {port} is not open", "nothing here takes the tunnel's packets", "systemctl restart akka-overlay");
            }
            foreach (var step in PathPlaces.Objects(facts, new NextHop(device, null)))
                yield return step;
            if (Forwarders(facts) is { } forwarders)
                yield return forwarders;
        }
        bool own = facts.IsOurs(to);
        if (device is not null)
        {
            if (PathPlaces.ReversePath(facts, device, facts.Back!) is { } reverse)
                yield return reverse;
            if (!own)
                yield return PathPlaces.Forwarding(facts, device);
        }
        foreach (var step in Delivery(facts, device, own))
            yield return step;
    }

    /// <summary>Both ends on one host: no tunnel, and where both are behind one bridge no routing either.</summary>
    public static IEnumerable<PathStep> Local(PathFacts facts)
    {
        var (from, to) = (facts.Question.From, facts.Question.To);
        string? input = null;
        bool own = facts.IsOurs(from);
        if (own)
        {
            yield return PathStep.Ok("source", $"{from} is this host's own");
        }
        else
        {
            foreach (var step in PathPlaces.Container(facts, "source", from, facts.Back!))
                yield return step;
            input = facts.Back?.Way is { } back ? facts.NameOf(back.Interface) : null;
        }
        bool bridged = input is not null && facts.Way?.Way is { } way && facts.NameOf(way.Interface) == input;
        if (bridged)
        {
            foreach (var step in PathPlaces.Container(facts, "destination", to, facts.Way!))
                yield return step;
            yield break;
        }
        if (input is not null && !facts.IsOurs(to))
            yield return PathPlaces.Forwarding(facts, input);
        foreach (var step in Delivery(facts, input, facts.IsOurs(to)))
            yield return step;
    }

    /// <summary>The device that packets from the tunnel come out of; null where the other side is on the underlay's own link.</summary>
    public static string? InputDevice(PathFacts facts) =>
        facts.Status.Plan.Routes.Where(route => route.Destination.Contains(facts.Question.From)).OrderByDescending(route => route.Destination.Length).FirstOrDefault()?.Hop.Device
        ?? (facts.Status.Plan.Links.FirstOrDefault(link => link is WantedTun || facts.IsIPv4 != link.Name.StartsWith("flannel-v6", StringComparison.Ordinal)) ?? facts.Status.Plan.Links.FirstOrDefault())?.Name
        ?? facts.Status.Underlay.Device;

    private static IEnumerable<PathStep> Underlay(PathFacts facts)
    {
        var underlay = facts.Status.Underlay;
        if (facts.Link(underlay.Device) is not { } link)
        {
            yield return PathStep.Broken("underlay", "absent", $"the underlay device {underlay.Device} is gone", "plug it in, or restart with another --iface", underlay.Device);
            yield break;
        }
        if (!link.Up || !link.Carrier)
        {
            yield return PathStep.Broken("underlay", $"{link.Name} {(link.Up ? "has no carrier" : "is down")}", $"the underlay device {link.Name} {(link.Up ? "has no carrier" : "is down")}", link.Up ? "check the cable and the switch's port" : $"ip link set {link.Name} up");
            yield break;
        }
        var local = facts.Question.Outer is { } outer ? LocalFor(facts, outer) : underlay.Local.IPv4 ?? underlay.Local.IPv6;
        if (local is not null && !facts.IsOurs(local))
        {
            yield return PathStep.Broken("underlay", $"{link.Name} up, without {local}", $"{local}, where the others send to, is on no device here", $"ip addr add {local}/24 dev {link.Name} (with its own prefix length)");
            yield break;
        }
        yield return PathStep.Ok("underlay", $"{link.Name} up, {local}");
        if (facts.Question.OuterSize > link.Mtu)
        {
            yield return PathStep.Broken("mtu", $"{link.Name} {link.Mtu}", $"the other host sends packets of up to {facts.Question.OuterSize} octets, and {link.Name} takes {link.Mtu}: large ones get lost without a word", $"ip link set {link.Name} mtu {facts.Question.OuterSize}, or the other host's underlay to {link.Mtu}");
        }
    }

    private static IEnumerable<PathStep> Delivery(PathFacts facts, string? input, bool own)
    {
        var (from, to) = (facts.Question.From, facts.Question.To);
        var way = facts.Way!;
        string actual = RoutePick.Describe(facts, way);
        if (way.Way is not { } route)
        {
            var (reason, mend) = RoutePick.Blame(facts, way, from, to);
            bool forwards = input is null || PathPlaces.Forwarding(facts, input).State == StepState.Ok;
            bool source = input is null || PathPlaces.ReversePath(facts, input, facts.Back!) is not { State: StepState.Broken };
            // An incoming packet is refused for any of these; all but the last have a step of their own.
            yield return forwards && source && PathPlaces.DownHolder(facts, to) is null ? PathStep.Broken("route", actual, reason, mend) : new PathStep("route", StepState.Unknown, actual);
        }
        else if (!own && (route.Gateway is not null || facts.NameOf(route.Interface) == input && input != null && facts.Question.Side != PathSide.Local))
        {
            var (reason, mend) = RoutePick.Blame(facts, way, from, to);
            // A bridge that is down has lost its route: the destination's step says so.
            yield return PathPlaces.DownHolder(facts, to) is null
                ? PathStep.Broken("route", actual, $"{to} is of this host's subnet, but leads off this host again: {reason}", mend ?? PathPlaces.Attach(facts, to))
                : new PathStep("route", StepState.Unknown, actual);
        }
        else
        {
            yield return PathStep.Ok("route", actual);
        }
        string? output = own ? null : way.Way is { } found ? facts.NameOf(found.Interface) : null;
        yield return PathPlaces.Firewall(facts, "firewall", new PacketView(input, output, from, to), own ? ["prerouting", "input"] : ["prerouting", "forward", "postrouting"]);
        // Where the packet's own way is barred, the container's link is looked at all the same: it may be broken too.
        foreach (var step in PathPlaces.Container(facts, "destination", to, way.Way is null ? facts.Plain ?? way : way))
            yield return step;
    }

    private static PathStep? Forwarders(PathFacts facts)
    {
        if (facts.Forwarders is not { Device: not null } status)
            return null;
        string drops = string.Join(", ", status.Totals.Drops.Where(drop => drop.Value > 0).OrderBy(drop => drop.Key).Select(drop => $"{drop.Key} {drop.Value}"));
        string actual = $"{status.Serving} of {status.Queues} queues served; dropped: {(drops.Length > 0 ? drops : "none")}";
        if (status.Serving < status.Queues || status.Queues == 0)
            return PathStep.Broken("forwarder", actual, $"the packet forwarders are not at work: {string.Join("; ", status.Problems)}", null);
        bool known = facts.Question.Outer is null || facts.Status.Plan.Peers.OfType<UdpPeer>().Any(peer => facts.Question.Outer.Equals(peer.EndPoint.Address) || facts.Question.Outer.Equals(peer.OtherSource));
        return known
            ? PathStep.Ok("forwarder", actual)
            : PathStep.Broken("forwarder", actual, $"no peer of this host has the address {facts.Question.Outer}: its packets are refused", "akka-overlay lease list, on both hosts");
    }

    private static IPAddress? LocalFor(PathFacts facts, IPAddress outer) =>
        outer.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? facts.Status.Underlay.Local.IPv4 : facts.Status.Underlay.Local.IPv6;
}
