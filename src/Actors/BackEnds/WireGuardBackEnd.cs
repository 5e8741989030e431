using System.Globalization;
using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// The kernel's own WireGuard, laid out as flannel does. On a host with 10.244.1.0/24, for a peer with 10.244.2.0/24 at 192.168.7.2:
/// <code>
/// ip -d link show flannel-wg     wireguard, mtu 1420, alias akka-overlay &lt;node id&gt;
/// ip addr show flannel-wg        inet 10.244.1.0/32
/// wg show flannel-wg             listening port: 51820; peer: &lt;its public key&gt;, endpoint: 192.168.7.2:51820, allowed ips: 10.244.2.0/24
/// ip route                       10.244.0.0/16 dev flannel-wg proto 77 scope link
///                                blackhole 10.244.0.0/16 proto 77 metric 4278198272
/// </code>
/// One route serves all peers, so that a packet for a subnet that nobody has goes nowhere instead of out in the clear; while the device is absent or down, the
/// other one sees to that. With Mode separate, IPv6 has a device of its
/// own, <c>flannel-wg-v6</c>, over an IPv6 underlay; the other modes have one device, and both families go inside whatever family reaches the peer. The devices of
/// a named network are called by their ports, as vxlan's by its VNI: <c>flannel-wg51830</c>.
/// </summary>
public sealed class WireGuardBackEnd : IBackEnd
{
    /// <summary>Outer IPv6 (40), UDP (8), WireGuard's data header (16) and tag (16); flannel counts as much for IPv4.</summary>
    public const int Overhead = WireGuardConfig.HeadersOverIPv6;

    public string Name => WireGuardOffer.Name;

    public int HeadersOn(HostFacts host) => Overhead;

    /// <summary>Null for a host without a key.</summary>
    public Offer? MakeOffer(HostFacts host) =>
        host.TunnelKey is { } key ? new WireGuardOffer(key, (ushort)Config(host).ListenPort, IsSeparate(host) ? (ushort)Config(host).ListenPortV6 : (ushort)0) : null;

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        if (host.TunnelKey is { } key)
            AddTunnels(host, mine, key, plan);
        foreach (var pool in new[] { host.Network.IPv4, host.Network.IPv6 }.OfType<SubnetPool>())
            plan.Add(WantedRoute.Nowhere(host.Node, pool.Network));
    }

    private static void AddTunnels(HostFacts host, Lease mine, PublicKey key, PlanBuilder plan)
    {
        foreach (var device in Tunnels(host, mine).GroupBy(tunnel => (tunnel.Device, tunnel.Port)))
        {
            var link = new WantedWireGuard(device.Key.Device, host.OuterMtu - Overhead, DeviceAlias.Of(host.Node), key, device.Key.Port);
            plan.Add(link);
            foreach (var tunnel in device)
            {
                plan.Add(new WantedAddress(link.Name, IpPrefix.Host(tunnel.Subnet.Address), tunnel.Pool.Network));
                plan.Add(new WantedRoute(host.Node, tunnel.Pool.Network, link.Hop, OnLink: false));
            }
        }
    }

    public bool Reaches(HostFacts host, Lease peer) => host.TunnelKey is not null && peer.OfferOf<WireGuardOffer>() is not null && Reached(host, peer).Any();

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        var offer = peer.OfferOf<WireGuardOffer>()!;
        foreach (var device in Reached(host, peer).GroupBy(tunnel => (tunnel.Device, tunnel.EndPoint)))
        {
            var hop = new NextHop(device.Key.Device, null);
            plan.Add(new WireGuardTunnelPeer(
                peer.Owner,
                hop,
                offer.Key,
                device.Key.EndPoint!,
                device.Select(tunnel => tunnel.Subnet.Network).ToEquatableArray(),
                Config(host).Psk,
                (ushort)Config(host).PersistentKeepaliveInterval)
            {
                Generation = peer.Generation,
            });
            foreach (var tunnel in device)
                plan.Add(new ReachedSubnet(peer.Owner, tunnel.Subnet, hop, Name));
        }
    }

    /// <summary>At most 15 octets.</summary>
    public static IEnumerable<string> DevicesOf(NetworkName name, WireGuardConfig config) => PortsOf(name, config).Select(device => device.Name);

    /// <summary>The devices, and the UDP port that each takes in both families.</summary>
    public static IEnumerable<(string Name, ushort Port)> PortsOf(NetworkName name, WireGuardConfig config)
    {
        yield return (DeviceIPv4(name, config), (ushort)config.ListenPort);
        if (config.Mode == WireGuardMode.Separate)
            yield return (DeviceIPv6(name, config), (ushort)config.ListenPortV6);
    }

    internal static bool Owns(NodeId node, Link link) => link is { Kind: "wireguard" } && link.Alias == DeviceAlias.Of(node);

    private static string DeviceIPv4(NetworkName name, WireGuardConfig config) =>
        name.IsDefault ? "flannel-wg" : string.Create(CultureInfo.InvariantCulture, $"flannel-wg{config.ListenPort}");

    private static string DeviceIPv6(NetworkName name, WireGuardConfig config) =>
        name.IsDefault ? "flannel-wg-v6" : string.Create(CultureInfo.InvariantCulture, $"flannel-wg{config.ListenPortV6}");

    private static WireGuardConfig Config(HostFacts host) => (WireGuardConfig)host.Network.BackEnd;

    private static bool IsSeparate(HostFacts host) => Config(host).Mode == WireGuardMode.Separate;

    private static IEnumerable<Tunnel> Reached(HostFacts host, Lease peer) => Tunnels(host, peer).Where(tunnel => tunnel.EndPoint is not null);

    /// <summary>By which device each of a lease's subnets goes, and where to; a host's own has no use for the latter.</summary>
    private static IEnumerable<Tunnel> Tunnels(HostFacts host, Lease lease)
    {
        var config = Config(host);
        var offer = lease.OfferOf<WireGuardOffer>();
        var v4 = host.Underlay.Local.IPv4 is not null && lease.Public.IPv4 is { } public4 ? new IPEndPoint(public4, offer?.Port ?? 0) : null;
        var v6 = host.Underlay.Local.IPv6 is not null && lease.Public.IPv6 is { } public6 ? new IPEndPoint(public6, (IsSeparate(host) ? offer?.PortV6 : offer?.Port) ?? 0) : null;
        var one = config.Mode switch
        {
            WireGuardMode.IPv4 => v4,
            WireGuardMode.IPv6 => v6,
            _ => v4 ?? v6,
        };
        if (lease.Subnets.IPv4 is { } subnet4 && host.Network.IPv4 is { } pool4 && (!IsSeparate(host) || host.Underlay.Local.IPv4 is not null))
            yield return new Tunnel(DeviceIPv4(host.Name, config), (ushort)config.ListenPort, subnet4, pool4, IsSeparate(host) ? v4 : one);
        if (lease.Subnets.IPv6 is { } subnet6 && host.Network.IPv6 is { } pool6 && (!IsSeparate(host) || host.Underlay.Local.IPv6 is not null))
        {
            yield return IsSeparate(host)
                ? new Tunnel(DeviceIPv6(host.Name, config), (ushort)config.ListenPortV6, subnet6, pool6, v6)
                : new Tunnel(DeviceIPv4(host.Name, config), (ushort)config.ListenPort, subnet6, pool6, one);
        }
    }

    private readonly record struct Tunnel(string Device, ushort Port, IpPrefix Subnet, SubnetPool Pool, IPEndPoint? EndPoint);
}
