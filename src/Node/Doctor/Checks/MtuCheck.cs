using System.Net.Sockets;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class MtuCheck : ICheck
{
    public string Name => "mtu";

    public IReadOnlyList<int> Traps => [20];

    public string LooksAt => "MTU of the underlay, of our device, of subnet.env and of the containers' bridge";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        var underlay = facts.Underlay is { } name ? facts.Link(name) : null;
        foreach (var link in facts.Tunnels.Where(link => underlay is not null && link.Mtu + Overhead(facts, link) > underlay.Mtu))
            yield return TooLarge(facts, link, underlay!);
        if (!int.TryParse(facts.SubnetEnv.GetValueOrDefault("FLANNEL_MTU"), out int published))
            yield break;
        foreach (var link in facts.Tunnels.Where(link => link.Mtu < published))
        {
            bool fits = underlay is not null && published + Overhead(facts, link) <= underlay.Mtu;
            yield return Bite($"subnet.env says MTU {published}, {link.Name} has {link.Mtu}", "containers send packets that do not fit",
                fits ? $"ip link set {link.Name} mtu {published}" : $"systemctl restart {facts.Service}, which writes subnet.env anew, and then the containers");
        }
        foreach (var bridge in facts.Bridges.Where(bridge => bridge.Mtu > published))
            yield return Bite($"{bridge.Name} has MTU {bridge.Mtu}, the overlay takes {published}", "containers send packets that do not fit, and get through only where ICMP errors reach them", $"ip link set {bridge.Name} mtu {published}; docker: --mtu={published}; and start the containers anew");
    }

    /// <summary>A larger MTU of the underlay helps only where everything between the hosts takes it, which cannot be seen from here.</summary>
    private static Finding TooLarge(DoctorFacts facts, Link link, Link underlay)
    {
        int size = link.Mtu + Overhead(facts, link);
        string lower = facts.Network?.BackEnd.OuterMtu > underlay.Mtu
            ? $"set \"MTU\" of Backend to {underlay.Mtu}: {facts.Cli("network set FILE")}"
            : $"ip link set {link.Name} mtu {underlay.Mtu - Overhead(facts, link)}";
        return Bite($"{link.Name} has MTU {link.Mtu}, which makes packets of {size} on {underlay.Name} with MTU {underlay.Mtu}", "large packets get lost while small ones pass",
            $"{lower}; or ip link set {underlay.Name} mtu {size}, where all switches and hosts on the way take that");
    }

    /// <summary>Octets that the tunnel adds; the outer family is that of the device's address, or what the underlay has.</summary>
    private static int Overhead(DoctorFacts facts, Link link)
    {
        if (link.Kind == "vxlan")
            return link.Vxlan?.Local?.AddressFamily == AddressFamily.InterNetworkV6 ? VxlanBackEnd.OverheadIPv6 : VxlanBackEnd.OverheadIPv4;
        if (link.Kind == "ipip")
            return IpipBackEnd.Overhead;
        if (link.Kind is not ("tun" or "wireguard"))
            return 0;
        bool isIPv6 = facts.Addresses.Any(held => facts.NameOf(held.Interface) == facts.Underlay) && !facts.Addresses.Any(held => held.Prefix.IsIPv4 && facts.NameOf(held.Interface) == facts.Underlay);
        if (link.Kind == "wireguard")
            return isIPv6 ? WireGuardBackEnd.Overhead : WireGuardBackEnd.Overhead - 20;
        return (isIPv6 ? UdpBackEnd.OverheadIPv6 : UdpBackEnd.OverheadIPv4) + (facts.Network?.BackEnd is UdpConfig { IsEncrypted: true } ? UdpBackEnd.OverheadEncrypted : 0);
    }
}
