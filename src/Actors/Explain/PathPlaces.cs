using System.Net;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Explain;

/// <summary>Places that a packet passes on both hosts, judged. Pure.</summary>
internal static class PathPlaces
{
    private const int Strict = 1;

    /// <summary>The host's side of a container: a link of its own with the container's address behind it.</summary>
    /// <param name="way">The host's way to that address.</param>
    public static IEnumerable<PathStep> Container(PathFacts facts, string place, IPAddress address, RouteAnswer way)
    {
        string family = facts.IsIPv4 ? "ip" : "ip -6";
        if (DownHolder(facts, address) is { } down)
        {
            yield return PathStep.Broken(place, $"{down.Name} down", $"{down.Name}, which holds the container's subnet, is down", $"ip link set {down.Name} up");
            yield break;
        }
        if (way.Way is not { } route)
        {
            var (reason, mend) = RoutePick.Blame(facts, way, address, address);
            yield return PathStep.Broken(place, RoutePick.Describe(facts, way), $"{address}: {reason}", mend ?? Attach(facts, address));
            yield break;
        }
        if (route.Type == RouteType.Local)
        {
            yield return PathStep.Ok(place, $"{address} is this host's own");
            yield break;
        }
        if (route.Gateway is not null || facts.Status.Plan.Links.Any(link => link.Name == facts.NameOf(route.Interface)) || facts.NameOf(route.Interface) == facts.Status.Underlay.Device)
        {
            var (reason, mend) = RoutePick.Blame(facts, way, address, address);
            yield return PathStep.Broken(place, RoutePick.Describe(facts, way), $"{address} is of this host's subnet, but leads off this host: {reason}", mend ?? Attach(facts, address));
            yield break;
        }
        if (facts.Link(route.Interface) is not { } link)
            yield break;
        if (!link.Up || !link.Carrier)
        {
            yield return PathStep.Broken(place, $"{link.Name} {(link.Up ? "up, without carrier" : "down")}", $"the container's link {link.Name} is {(link.Up ? "without a carrier: no port of it is up" : "down")}",
                link.Up ? $"bring a port of {link.Name} up (bridge link show)" : $"ip link set {link.Name} up");
            yield break;
        }
        var neighbour = facts.NeighbourAt(address, link.Index);
        if (neighbour is null or { State: NeighbourState.Failed or NeighbourState.Incomplete or NeighbourState.None })
        {
            yield return PathStep.Broken(place, $"dev {link.Name}, neighbour {neighbour?.State.ToString().ToLowerInvariant() ?? "unknown"}",
                $"nobody on {link.Name} answers for {address}: no container there has it, or its end is down", $"start the container; bridge fdb show br {link.Name}; {family} neigh show {address}");
            yield break;
        }
        yield return PathStep.Ok(place, $"dev {link.Name} up, mtu {link.Mtu}, neighbour {neighbour.LinkLayer} {neighbour.State.ToString().ToLowerInvariant()}");
    }

    /// <summary>The device that has the container's network, where it is down: the kernel has taken its route away then. Null where it is up, or is none.</summary>
    public static Link? DownHolder(PathFacts facts, IPAddress address) => facts.Addresses
        .Where(held => held.Prefix.Length < held.Address.BitLength() && held.Prefix.Contains(address) && !held.Address.Equals(address))
        .Select(held => facts.Link(held.Interface)).FirstOrDefault(link => link is { Up: false });

    /// <summary>Does the host forward what comes in by this device?</summary>
    public static PathStep Forwarding(PathFacts facts, string device)
    {
        string key = facts.IsIPv4 ? $"net/ipv4/conf/{device}/forwarding" : $"net/ipv6/conf/{device}/forwarding";
        string global = facts.IsIPv4 ? "net.ipv4.ip_forward" : "net.ipv6.conf.all.forwarding";
        bool all = facts.Sysctl(facts.IsIPv4 ? "net/ipv4/ip_forward" : "net/ipv6/conf/all/forwarding") != "0";
        return facts.Sysctl(key) == "0"
            ? PathStep.Broken("forwarding", $"{key} = 0", "the host does not forward what comes in there", all ? $"sysctl -w {key}=1" : $"sysctl -w {global}=1", $"{global} = 1")
            : PathStep.Ok("forwarding", $"{key} = {facts.Sysctl(key) ?? "?"}");
    }

    /// <summary>The kernel takes the greater of "all" and the device's own (Documentation/networking/ip-sysctl.rst, rp_filter). IPv6 has none.</summary>
    public static PathStep? ReversePath(PathFacts facts, string device, RouteAnswer back)
    {
        if (!facts.IsIPv4)
            return null;
        int mode = Math.Max(Number(facts, "net/ipv4/conf/all/rp_filter"), Number(facts, $"net/ipv4/conf/{device}/rp_filter"));
        string backTo = RoutePick.Describe(facts, back);
        if (mode == Strict && facts.NameOf(back.Way?.Interface ?? 0) != device)
        {
            return PathStep.Broken("rp_filter", $"strict on {device}; back to {facts.Question.From}: {backTo}", $"the way back to {facts.Question.From} does not leave by {device}, and a strict rp_filter drops what comes in there",
                $"sysctl -w net/ipv4/conf/{device}/rp_filter=2");
        }
        return PathStep.Ok("rp_filter", $"{(mode == 0 ? "off" : mode == Strict ? "strict" : "loose")} on {device}; back: {backTo}");
    }

    /// <param name="place">"firewall", or "firewall (tunnel)".</param>
    public static PathStep Firewall(PathFacts facts, string place, PacketView packet, params string[] hooks)
    {
        if (facts.Firewall.Problem is { } problem)
            return PathStep.Ok(place, $"not looked at: {problem}");
        var flow = FlowOf(facts, packet);
        FirewallDrop? possible = null;
        foreach (string hook in hooks)
        {
            var drop = FirewallWalk.At(facts.Firewall.Rules, hook, packet);
            if (drop is { Certain: true })
                return PathStep.Broken(place, $"hook {hook}: {drop}", $"the packet filter drops it: {drop}", drop.Mend(flow));
            possible ??= drop;
        }
        if (possible is not null)
            return PathStep.Doubtful(place, $"perhaps: {possible}", "whether the packet filter drops it depends on more than its addresses", possible.Mend(flow));
        if (packet.Source.BitLength() == 32 && facts.Firewall.Legacy is { } legacy && LegacyPolicy(legacy, hooks) is { } chain)
            return PathStep.Doubtful(place, $":{chain} DROP", "iptables-legacy filters beside nftables, and drops what no rule of its own accepts", $"iptables-legacy -A {chain} {flow.Iptables} -j ACCEPT");
        return PathStep.Ok(place, $"{string.Join(", ", hooks)}: passes");
    }

    /// <summary>The outer way: route, device, next hop's neighbour.</summary>
    public static PathStep Underlay(PathFacts facts, IPAddress outer, RouteAnswer way)
    {
        var underlay = facts.Status.Underlay;
        string actual = $"{outer} {RoutePick.Describe(facts, way)}";
        if (facts.Link(underlay.Device) is not { } device)
            return PathStep.Broken("underlay", "absent", $"the underlay device {underlay.Device} is gone", "plug it in, or restart with another --iface", underlay.Device);
        if (!device.Up || !device.Carrier)
            return PathStep.Broken("underlay", $"{device.Name} {(device.Up ? "has no carrier" : "is down")}", $"the underlay device {device.Name} {(device.Up ? "has no carrier: its cable, or the other end, is down" : "is down")}", device.Up ? "check the cable and the switch's port" : $"ip link set {device.Name} up");
        if (way.Way is not { } route)
        {
            var (reason, mend) = RoutePick.Blame(facts, way, facts.Status.Underlay.Local.IPv4 ?? outer, outer);
            return PathStep.Broken("underlay", actual, $"the tunnel's packets have no way to {outer}: {reason}", mend);
        }
        if (facts.Link(route.Interface) is { } other && other.Index != device.Index)
        {
            if (facts.Status.Plan.Links.Any(link => link.Name == other.Name))
                return PathStep.Broken("underlay", actual, $"the way to {outer} leads into the overlay itself: a loop", $"ip route del {way.Match?.Destination}");
            if (!other.Up || !other.Carrier)
                return PathStep.Broken("underlay", actual, $"{other.Name}, by which {outer} is reached, is {(other.Up ? "without a carrier" : "down")}", $"ip link set {other.Name} up");
        }
        if (facts.NeighbourAt(route.Gateway ?? outer, route.Interface) is { State: NeighbourState.Failed or NeighbourState.Incomplete } dead)
            return PathStep.Broken("underlay", $"{actual}, neighbour {dead.State.ToString().ToLowerInvariant()}", $"{dead.Address} does not answer on {facts.NameOf(route.Interface)}: host down, cable, or another address", $"ip neigh show {dead.Address}; ping {dead.Address}");
        return PathStep.Ok("underlay", actual);
    }

    /// <summary>A wanted object of ours, as the managers see it.</summary>
    public static IEnumerable<PathStep> Objects(PathFacts facts, NextHop hop)
    {
        foreach (var row in facts.Objects)
        {
            bool mine = (row.Kind is "link" && row.Name == hop.Device) || (row.Kind is "neighbour" or "fdb" or "nexthop" or "wireguard" && IsOfHop(facts, row.Kind, row.Name, hop));
            if (!mine)
                continue;
            yield return row.State == "ok"
                ? PathStep.Ok(row.Kind == "link" ? "device" : row.Kind, $"{row.Name} {row.Actual}", row.Wanted)
                : PathStep.Broken(row.Kind == "link" ? "device" : row.Kind, $"{row.Name} {row.Actual ?? "absent"}", row.Error ?? $"it is {row.State}; this node puts it right by itself", null, row.Wanted);
        }
    }

    private static bool IsOfHop(PathFacts facts, string kind, string name, NextHop hop) => kind == "wireguard"
        ? facts.Status.Plan.Peers.OfType<WireGuardTunnelPeer>().Any(peer => peer.Hop == hop && name == peer.Key.ToString()
            && peer.Subnets.Any(subnet => subnet.Contains(facts.Question.To) || subnet.Contains(facts.Question.From)))
        : facts.Status.Plan.Peers.OfType<VxlanPeer>().Any(peer => peer.Hop == hop && (kind == "fdb" ? peer.EncapVni is null && name == peer.Mac.ToString() : name == peer.Hop.Gateway?.ToString()));

    /// <summary>What makes a bridge of the host that of its subnet.</summary>
    public static string Attach(PathFacts facts, IPAddress address)
    {
        var subnet = facts.Status.Lease?.Subnets.All.FirstOrDefault(subnet => subnet.Contains(address));
        return subnet is { Address: not null } mine
            ? $"give the bridge its address of the subnet: ip addr add {mine.AddressAt(1)}/{mine.Length} dev BRIDGE (docker/README.md)"
            : "give the bridge an address of this host's subnet (docker/README.md)";
    }

    /// <summary>All that the overlay sends like this packet: a tunnel's by its port, another by the network in which both ends are, else by the two addresses.</summary>
    private static FlowMatch FlowOf(PathFacts facts, PacketView packet)
    {
        if (packet.Port is { } port)
            return new FlowMatch(Protocol: packet.Protocol, Port: port);
        return facts.Status.Plan.Networks.FirstOrDefault(network => network.Contains(packet.Source) && network.Contains(packet.Destination)) is { Address: not null } both
            ? new FlowMatch(both, both)
            : new FlowMatch(IpPrefix.Host(packet.Source), IpPrefix.Host(packet.Destination));
    }

    /// <summary>The chain that drops what it does not accept; null where none of these does.</summary>
    private static string? LegacyPolicy(string saved, string[] hooks) =>
        hooks.Select(hook => hook.ToUpperInvariant()).FirstOrDefault(chain => saved.Split('\n').Any(line => line.StartsWith($":{chain} DROP", StringComparison.Ordinal)));

    private static int Number(PathFacts facts, string key) => int.TryParse(facts.Sysctl(key), out int number) ? number : 0;
}
