using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class MtuCheck : ICheck
{
    public string Name => "mtu";

    public IReadOnlyList<int> Traps => [20];

    public string LooksAt => "MTU of the underlay, of our device, of subnet.env and of the containers' bridge";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Underlay is { } name && facts.Link(name) is { } underlay)
        {
            foreach (var link in facts.Tunnels.Where(link => link.Kind is "vxlan" or "tun" or "ipip" or "wireguard"))
            {
                // Inner Ethernet 14 and VXLAN 8 on vxlan; UDP 8 and IP 20 on both, IP alone on ipip, 32 more on wireguard (IPv6: 40, where the outer family is known to be).
                int overhead = link.Kind == "ipip" ? 20 : link.Kind == "wireguard" ? 60 : link.Kind == "vxlan" ? link.Vxlan?.Local?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? 70 : 50 : 28;
                if (link.Mtu + overhead > underlay.Mtu)
                    yield return Bite($"{link.Name} has MTU {link.Mtu}, which makes packets of {link.Mtu + overhead} on {name} with MTU {underlay.Mtu}", "large packets get lost while small ones pass", facts.NodeRuns ? $"ip link set {name} mtu {link.Mtu + overhead}" : $"ip link set {link.Name} mtu {underlay.Mtu - overhead}");
            }
        }
        if (!int.TryParse(facts.SubnetEnv.GetValueOrDefault("FLANNEL_MTU"), out int published))
            yield break;
        foreach (var link in facts.Tunnels.Where(link => link.Mtu < published))
            yield return Bite($"subnet.env says MTU {published}, {link.Name} has {link.Mtu}", "containers send packets that do not fit", facts.NodeRuns ? "akka-overlay routes" : "start akka-overlay, which writes it anew, and the containers");
        foreach (var bridge in facts.Bridges.Where(bridge => bridge.Mtu > published))
            yield return Bite($"{bridge.Name} has MTU {bridge.Mtu}, the overlay takes {published}", "containers send packets that do not fit, and get through only where ICMP errors reach them", $"ip link set {bridge.Name} mtu {published}; docker: --mtu={published}; and start the containers anew");
    }
}
