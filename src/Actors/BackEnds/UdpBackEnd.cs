using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// Packets of a TUN device carried in UDP by this process: each inner packet is the payload of one datagram, as flannel has it. On a host with 10.244.1.0/24:
/// <code>
/// ip -d link show flannel0       tun type tun multi_queue persist on, mtu 1472, alias akka-overlay &lt;node id&gt;
/// ip addr show flannel0          inet 10.244.1.0/32
/// ip route                       10.244.0.0/16 dev flannel0 proto 77
/// ss -uln                        192.168.7.1:8285
/// </code>
/// With <c>"Encryption": "aes-256-gcm"</c> a payload is the inner packet encrypted, 32 octets longer (docs/decisions/16-encryption.md), and the MTU 1440.
/// The device of a named network is called by its port, as vxlan's by its VNI: <c>flannel-u8286</c>.
/// One device and one route serve all peers: who gets what is decided by the forwarders' table. IPv4 and IPv6 go inside either outer family; IPv4 is taken where
/// both hosts have it.
/// </summary>
public sealed class UdpBackEnd : IBackEnd
{
    /// <summary>Of the default network, as flannel has it.</summary>
    public const string Device = "flannel0";

    /// <summary>At most 15 octets.</summary>
    public static string DeviceOf(NetworkName name, UdpConfig config) =>
        name.IsDefault ? Device : string.Create(CultureInfo.InvariantCulture, $"flannel-u{config.Port}");

    /// <summary>Outer IPv4 (20) and UDP (8) headers.</summary>
    public const int OverheadIPv4 = 28;

    /// <summary>The same with IPv6 (40).</summary>
    public const int OverheadIPv6 = 48;

    /// <summary>Header (16) and tag (16) of an encrypted packet.</summary>
    public const int OverheadEncrypted = WireFormat.DataOverhead;

    public string Name => UdpOffer.Name;

    public int HeadersOn(HostFacts host) => (host.Underlay.Local.IPv4 is null ? OverheadIPv6 : OverheadIPv4) + (Config(host).IsEncrypted ? OverheadEncrypted : 0);

    /// <summary>Null in an encrypted network for a host without a key: nobody could send to it.</summary>
    public Offer? MakeOffer(HostFacts host)
    {
        if (Config(host).IsEncrypted && host.TunnelKey is null)
            return null;
        return new UdpOffer(Config(host).IsEncrypted ? host.TunnelKey : null)
        {
            // A public address may be one of the router before us: the sockets are bound to the local one, and that is what the others may see.
            Local = host.Underlay.Local == host.Underlay.Public ? default : host.Underlay.Local,
        };
    }

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        int port = Config(host).Port;
        var local = host.Underlay.Local;
        string device = DeviceOf(host.Name, Config(host));
        var tun = new WantedTun(
            device,
            host.OuterMtu - HeadersOn(host),
            DeviceAlias.Of(host.Node),
            new[] { local.IPv4, local.IPv6 }.OfType<IPAddress>().Select(address => new IPEndPoint(address, port)).ToEquatableArray(),
            mine.Subnets.All.ToEquatableArray(),
            host.OuterMtu)
        {
            IsEncrypted = Config(host).IsEncrypted,
        };
        plan.Add(tun);
        foreach (var (subnet, pool) in Families(host, mine))
        {
            plan.Add(new WantedAddress(device, IpPrefix.Host(subnet.Address), pool.Network) { None = host.IsApart });
            plan.Add(new WantedRoute(host.Node, pool.Network, tun.Hop, OnLink: false) { IsGlobal = true });
        }
    }

    public bool Reaches(HostFacts host, Lease peer) =>
        peer.OfferOf<UdpOffer>() is { } offer && (offer.Key is not null) == Config(host).IsEncrypted && EndPointOf(host, peer) is not null;

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        var hop = new NextHop(DeviceOf(host.Name, Config(host)), null);
        var offer = peer.OfferOf<UdpOffer>()!;
        var endPoint = EndPointOf(host, peer)!;
        var local = endPoint.AddressFamily == AddressFamily.InterNetwork ? offer.Local.IPv4 : offer.Local.IPv6;
        plan.Add(new UdpPeer(peer.Owner, hop, endPoint, Families(host, peer).Select(family => family.Subnet).ToEquatableArray())
        {
            Key = offer.Key,
            OtherSource = endPoint.Address.Equals(local) ? null : local,
        });
        foreach (var (subnet, _) in Families(host, peer))
            plan.Add(new ReachedSubnet(peer.Owner, subnet, hop, Name));
    }

    /// <summary>The alias is the proof: flannel's own device of this name has none.</summary>
    internal static bool Owns(NodeId node, Link link) => link is { Kind: "tun", Tun.Tap: false } && link.Alias == DeviceAlias.Of(node);

    /// <summary>True for a device that some node made, of whatever network, as its alias says.</summary>
    internal static bool IsMarked(Link link) => link is { Kind: "tun", Tun.Tap: false } && DeviceAlias.IsOn(link);

    private static UdpConfig Config(HostFacts host) => (UdpConfig)host.Network.BackEnd;

    private static IPEndPoint? EndPointOf(HostFacts host, Lease peer)
    {
        var address = host.Underlay.Local.IPv4 is not null && peer.Public.IPv4 is { } v4 ? v4
            : host.Underlay.Local.IPv6 is not null ? peer.Public.IPv6 : null;
        return address is null ? null : new IPEndPoint(address, Config(host).Port);
    }

    private static IEnumerable<(IpPrefix Subnet, SubnetPool Pool)> Families(HostFacts host, Lease lease)
    {
        if (lease.Subnets.IPv4 is { } v4 && host.Network.IPv4 is { } pool4)
            yield return (v4, pool4);
        if (lease.Subnets.IPv6 is { } v6 && host.Network.IPv6 is { } pool6)
            yield return (v6, pool6);
    }
}
