using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Run;

/// <summary>Whether a network goes with the others on its host, by what the kernel holds: each must differ in VNI or UDP port, and either in its range or be kept apart.</summary>
internal sealed class OtherNetworks(IRtnetlink kernel, RunOptions options, NetworkConfig network, NodeId? node)
{
    /// <summary>What this network has already, while the node runs: its own port is no other's. Null before it starts.</summary>
    public NetworkConfig? Present { get; init; }

    /// <exception cref="StartException">What is in the way.</exception>
    public void Check(IEnumerable<IPAddress> local)
    {
        var links = kernel.DumpLinks();
        CheckNames(links);
        foreach (var backEnd in BackEndRegistry.Options(network))
        {
            if (backEnd is VxlanConfig vxlan)
                CheckVxlanPort(vxlan, links);
            else if (backEnd is UdpConfig udp && !HasPort(udp, links))
                CheckUdpPort(udp, local);
            else if (backEnd is WireGuardConfig wireGuard)
                CheckWireGuardPorts(wireGuard, links);
        }
        CheckRanges();
        if (options.Bridge is { } bridge)
            CheckBridge(bridge);
    }

    private void CheckNames(IReadOnlyList<Link> links)
    {
        foreach (string name in BackEndRegistry.DeviceNames(options.Network, network))
        {
            if (links.FirstOrDefault(link => link.Name == name) is not { } link || IsOurs(link) || (BackEndRegistry.IsUnmarked(link) && link.Kind == network.BackEnd.Type))
                continue;
            var (number, other) = network.BackEnd switch
            {
                AutoConfig => (" with the defaults' VNI or port", "a Backend.Type with another VNI or port"),
                VxlanConfig vxlan => ($" with VNI {vxlan.Vni}", "another one"),
                UdpConfig udp => ($" with port {udp.Port}", "another one"),
                WireGuardConfig wireGuard => ($" with port {wireGuard.ListenPort}", "another one"),
                _ => ("", "another Backend.Type, since a host can have this one once"),
            };
            throw new StartException(
                $"a {link.Kind ?? "device"} of somebody else is called {name} (another network here{number}, or flannel?): give this network {other}, or delete the device (ip link delete {name})");
        }
    }

    /// <summary>Devices of different VNIs share a port, but for external ones: these take every VNI (drivers/net/vxlan, vxlan_vni_in_use).</summary>
    private void CheckVxlanPort(VxlanConfig vxlan, IReadOnlyList<Link> links)
    {
        if (links.All(link => link.Vxlan?.Port != vxlan.Port))
            CheckFree(vxlan.Port, IPAddress.Any);
        bool compact = options.VxlanLayout == VxlanLayout.Compact && vxlan is { Learning: false, Gbp: false };
        var other = links.FirstOrDefault(link => !IsOurs(link) && link.Vxlan is { } its && its.Port == vxlan.Port && (compact || its.CollectMetadata));
        if (other is not null)
        {
            throw new StartException(compact
                ? $"--vxlan-layout compact needs UDP port {vxlan.Port} for itself, and {other.Name} has it: leave it at classic, or give this network another Backend.Port"
                : $"UDP port {vxlan.Port} is {other.Name}'s alone, which is external (--vxlan-layout compact): give this network another Backend.Port");
        }
    }

    /// <summary>The device of a back end that was left a moment ago stands for a while, and so do its forwarders.</summary>
    private bool HasPort(UdpConfig udp, IReadOnlyList<Link> links) =>
        Present?.BackEnd is UdpConfig present ? present.Port == udp.Port : Present is not null && links.Any(link => link.Tun is not null && IsOurs(link));

    /// <summary>Several queues share their port, and so would share it with another network's.</summary>
    private static void CheckUdpPort(UdpConfig udp, IEnumerable<IPAddress> local)
    {
        foreach (var address in local)
            CheckFree(udp.Port, address);
    }

    /// <summary>The device that has its port already is ours; one for a family that the network does not have is not made.</summary>
    private void CheckWireGuardPorts(WireGuardConfig wireGuard, IReadOnlyList<Link> links)
    {
        var devices = WireGuardBackEnd.PortsOf(options.Network, wireGuard).ToList();
        if (devices.Count == 2)
            devices = [.. network.EnableIPv4 ? devices[..1] : [], .. network.EnableIPv6 ? devices[1..] : []];
        foreach (var (name, port) in devices)
        {
            if (links.Any(link => link.Name == name && IsOurs(link)))
                continue;
            string option = port == wireGuard.ListenPort ? "Backend.ListenPort" : "Backend.ListenPortV6";
            CheckFree(port, IPAddress.Any, option);
            if (Socket.OSSupportsIPv6)
                CheckFree(port, IPAddress.IPv6Any, option);
        }
    }

    private static void CheckFree(int port, IPAddress address, string option = "Backend.Port")
    {
        try
        {
            using var probe = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Bind(new IPEndPoint(address, port));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new StartException($"UDP port {port} on {address}: in use (another network's?); give this network another {option}", e);
        }
    }

    private void CheckRanges()
    {
        var apart = kernel.DumpRules(family: null, RouteReconciler.OverlayProtocol).Where(rule => rule.IncomingInterface is not null).Select(rule => rule.Table).ToHashSet();
        IpPrefix[] mine = [.. new[] { network.IPv4, network.IPv6 }.OfType<SubnetPool>().Select(pool => pool.Network)];
        var clash = kernel.DumpRoutes(new RouteFilter { Protocol = RouteReconciler.OverlayProtocol })
            .Where(route => !options.Network.HasTable(route.Table) && (options.Bridge is null || !apart.Contains(route.Table)))
            .FirstOrDefault(route => mine.Any(range => range.Contains(route.Destination) || route.Destination.Contains(range)));
        if (clash is not null)
        {
            throw new StartException(
                $"Network {string.Join(" and ", mine.Select(range => range.ToString()))}: another network here has {clash.Destination} (table {clash.Table}); give one of them another range, or each a --bridge, which keeps them apart");
        }
    }

    private void CheckBridge(string bridge)
    {
        if (!BackEndRegistry.CanBeApart(network))
            throw new StartException(Preflight.CannotBeApart(network));
        if (kernel.DumpRules(family: null, RouteReconciler.OverlayProtocol).FirstOrDefault(rule => rule.IncomingInterface == bridge && !options.Network.HasTable(rule.Table)) is { } theirs)
            throw new StartException($"--bridge {bridge}: is another network's (table {theirs.Table}); each needs a bridge of its own");
    }

    private bool IsOurs(Link link) => node is { } id && BackEndRegistry.Owns(id, link);
}
