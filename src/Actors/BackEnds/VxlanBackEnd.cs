using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// The kernel's own VXLAN (RFC 7348), laid out as flannel does. On a host with 10.244.1.0/24, for a peer with 10.244.2.0/24 at 192.168.7.2:
/// <code>
/// ip -d link show flannel.1      vxlan id 1 local 192.168.7.1 dev eth0 dstport 8472 nolearning, mtu 1450
/// ip addr show flannel.1         inet 10.244.1.0/32
/// ip neigh show dev flannel.1    10.244.2.0 lladdr 6e:… PERMANENT proto 77
/// bridge fdb show dev flannel.1  6e:… dst 192.168.7.2 self permanent
/// ip route                       10.244.2.0/24 via 10.244.2.0 dev flannel.1 proto 77 onlink
/// </code>
/// IPv6 has a device of its own, <c>flannel-v6.1</c>, over an IPv6 underlay. In the compact layout one device serves both families, and nothing is in its
/// forwarding database:
/// <code>
/// ip -d link show flannel.1      vxlan external dstport 8472 nolearning, mtu 1450
/// ip neigh show dev flannel.1    10.244.2.0 lladdr 6e:… PERMANENT proto 77
/// ip nexthop                     id 1291845632 encap ip id 1 dst 192.168.7.2 csum via 10.244.2.0 dev flannel.1 proto 77 onlink
/// ip route                       10.244.2.0/24 nhid 1291845632 proto 77
/// </code>
/// With DirectRouting, a peer on the underlay's own link gets a plain route instead:
/// <code>
/// ip route                       10.244.2.0/24 via 192.168.7.2 dev eth0 proto 77
/// </code>
/// Where the network is kept apart from others that may have the same addresses (<see cref="HostFacts.Bridge"/>), the device has no address, since the kernel takes no
/// address of the host for a gateway, be it another network's; and gateways of IPv6 are link-local, made of the peer's MAC address, since it looks for all others
/// in the main table. So they are where udp stands beside (<c>auto</c>, and a change from one to the other), whose route covers all others.
/// </summary>
public sealed class VxlanBackEnd : IBackEnd
{
    /// <summary>Outer Ethernet (14), IPv4 (20), UDP (8) and VXLAN (8) headers of a packet inside IPv4.</summary>
    public const int OverheadIPv4 = 50;

    /// <summary>The same inside IPv6 (40 instead of 20).</summary>
    public const int OverheadIPv6 = VxlanConfig.HeadersOverIPv6;

    public string Name => VxlanOffer.Name;

    public int HeadersOn(HostFacts host) => host.Network.IPv6 is null ? OverheadIPv4 : OverheadIPv6;

    public Offer MakeOffer(HostFacts host)
    {
        uint vni = VniOf(host);
        return new VxlanOffer(vni, MacFor(host.Node, vni))
        {
            // Behind a router that translates one way only, the others see this one; their guard shall let it through.
            Local = host.Underlay.Local == host.Underlay.Public ? default : host.Underlay.Local,
        };
    }

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        var config = Config(host);
        foreach (var onDevice in Families(host, mine).GroupBy(family => family.Device))
        {
            plan.Add(new WantedVxlan(
                onDevice.Key,
                host.OuterMtu - onDevice.Max(family => family.Overhead),
                VniOf(host),
                (ushort)config.Port,
                host.Underlay.Device,
                onDevice.First().Local,
                MacFor(host.Node, VniOf(host)),
                config.Learning,
                config.Gbp)
            {
                External = IsCompact(host),
            });
            foreach (var family in onDevice)
                plan.Add(new WantedAddress(family.Device, IpPrefix.Host(family.Subnet.Address), family.Pool.Network) { None = host.IsApart });
        }
    }

    public bool Reaches(HostFacts host, Lease peer) => peer.OfferOf<VxlanOffer>() is { } offer && offer.Vni == VniOf(host);

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        var offer = peer.OfferOf<VxlanOffer>()!;
        foreach (var family in Families(host, peer))
        {
            var vtep = family.Subnet.IsIPv4 ? peer.Public.IPv4 : peer.Public.IPv6;
            if (vtep is null)
                continue;
            // A router that has the host's public address has no route to its containers.
            bool isTranslated = offer.Local != default;
            if (Config(host).DirectRouting && !isTranslated && host.Underlay.OnLink.Any(link => link.Contains(vtep)))
            {
                var direct = new NextHop(host.Underlay.Device, vtep);
                plan.Add(new DirectPeer(peer.Owner, direct));
                plan.Add(new WantedRoute(peer.Owner, family.Subnet, direct, OnLink: false));
                plan.Add(new ReachedSubnet(peer.Owner, family.Subnet, direct, HostGwOffer.Name));
                continue;
            }
            var hop = new NextHop(family.Device, (host.IsApart || host.IsBesideRouteToAll) && !family.Subnet.IsIPv4 ? offer.VtepMac.ToLinkLocal() : family.Subnet.Address);
            plan.Add(new VxlanPeer(peer.Owner, hop, offer.VtepMac, vtep) { EncapVni = IsCompact(host) ? VniOf(host) : null });
            plan.Add(new WantedRoute(peer.Owner, family.Subnet, hop, OnLink: true) { ByNexthop = IsCompact(host) });
            plan.Add(new ReachedSubnet(peer.Owner, family.Subnet, hop, Name));
        }
    }

    /// <summary>
    /// The VTEP's MAC address: the same whenever this node makes this device, so that the others' tables stay right across restarts, and different for
    /// every node. The first 46 bits of SHA-256 of node id and VNI.
    /// </summary>
    public static MacAddress MacFor(NodeId node, uint vni)
    {
        Span<byte> input = stackalloc byte[20];
        node.Value.TryWriteBytes(input, bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32BigEndian(input[16..], vni);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(input, digest);
        return MacAddress.LocallyAdministered(digest);
    }

    /// <summary>The MAC address is the proof: nobody else's device has it. An external device has no VNI but that of its name.</summary>
    internal static bool Owns(NodeId node, Link link) =>
        link is { Kind: "vxlan", Vxlan: { } vxlan }
        && (vxlan.CollectMetadata ? VniIn(link.Name) : vxlan.Vni) is { } vni
        && (link.Name == DeviceIPv4(vni) || link.Name == DeviceIPv6(vni))
        && link.Address == MacFor(node, vni);

    private static uint? VniIn(string device) =>
        uint.TryParse(device.AsSpan(device.LastIndexOf('.') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out uint vni) ? vni : null;

    public static string DeviceIPv4(uint vni) => string.Create(CultureInfo.InvariantCulture, $"flannel.{vni}");

    public static string DeviceIPv6(uint vni) => string.Create(CultureInfo.InvariantCulture, $"flannel-v6.{vni}");

    private static VxlanConfig Config(HostFacts host) => (VxlanConfig)host.Network.BackEnd;

    private static uint VniOf(HostFacts host) => (uint)Config(host).Vni;

    /// <summary>An external device cannot learn, nor carry GBP's marks: a network with these is laid out as ever.</summary>
    internal static bool IsCompact(HostFacts host) => host.VxlanLayout == VxlanLayout.Compact && Config(host) is { Learning: false, Gbp: false };

    private static IEnumerable<Family> Families(HostFacts host, Lease lease)
    {
        uint vni = VniOf(host);
        if (lease.Subnets.IPv4 is { } v4 && host.Network.IPv4 is { } pool4 && host.Underlay.Local.IPv4 is { } local4)
            yield return new Family(DeviceIPv4(vni), OverheadIPv4, v4, pool4, local4);
        if (lease.Subnets.IPv6 is { } v6 && host.Network.IPv6 is { } pool6 && host.Underlay.Local.IPv6 is { } local6)
            yield return new Family(IsCompact(host) ? DeviceIPv4(vni) : DeviceIPv6(vni), OverheadIPv6, v6, pool6, local6);
    }

    private readonly record struct Family(string Device, int Overhead, IpPrefix Subnet, SubnetPool Pool, IPAddress Local);
}
