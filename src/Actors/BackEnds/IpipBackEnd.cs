using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// The kernel's own IPv4 in IPv4 (RFC 2003), laid out as flannel does. On a host with 10.244.1.0/24, for a peer with 10.244.2.0/24 at 192.168.7.2:
/// <code>
/// ip -d link show flannel.ipip   ipip remote any local 192.168.7.1 ttl inherit nopmtudisc, mtu 1480, alias akka-overlay &lt;node id&gt;
/// ip addr show flannel.ipip      inet 10.244.1.0/32
/// ip route                       10.244.2.0/24 via 192.168.7.2 dev flannel.ipip proto 77 onlink
/// </code>
/// With DirectRouting, a peer on the underlay's own link gets a plain route instead:
/// <code>
/// ip route                       10.244.2.0/24 via 192.168.7.2 dev eth0 proto 77
/// </code>
/// An outer packet may be cut where the inner one may. IPv4 only, inside and outside. The protocol has no ports: a host can have it once. The kernel's module makes a device <c>tunl0</c> besides, in every network
/// namespace, which nothing uses.
/// </summary>
public sealed class IpipBackEnd : IBackEnd
{
    public const string Device = "flannel.ipip";

    /// <summary>The outer IPv4 header.</summary>
    public const int Overhead = 20;

    public string Name => IpipOffer.Name;

    public int HeadersOn(HostFacts host) => Overhead;

    /// <summary>Null without IPv4.</summary>
    public Offer? MakeOffer(HostFacts host) => host.Underlay.Local.IPv4 is null || host.Network.IPv4 is null ? null
        : new IpipOffer { Local = host.Underlay.Local == host.Underlay.Public ? default : host.Underlay.Local };

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        if (host.Underlay.Local.IPv4 is not { } local || mine.Subnets.IPv4 is not { } subnet || host.Network.IPv4 is not { } pool)
            return;
        plan.Add(new WantedIpip(Device, host.OuterMtu - Overhead, DeviceAlias.Of(host.Node), local));
        plan.Add(new WantedAddress(Device, IpPrefix.Host(subnet.Address), pool.Network));
    }

    public bool Reaches(HostFacts host, Lease peer) =>
        peer.OfferOf<IpipOffer>() is not null && peer is { Public.IPv4: not null, Subnets.IPv4: not null } && host.Underlay.Local.IPv4 is not null;

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        var (gateway, subnet) = (peer.Public.IPv4!, peer.Subnets.IPv4!.Value);
        bool direct = ((IpipConfig)host.Network.BackEnd).DirectRouting && peer.OfferOf<IpipOffer>()!.Local.IPv4 is null && host.Underlay.OnLink.Any(link => link.Contains(gateway));
        var hop = new NextHop(direct ? host.Underlay.Device : Device, gateway);
        plan.Add(new DirectPeer(peer.Owner, hop));
        plan.Add(new WantedRoute(peer.Owner, subnet, hop, OnLink: !direct));
        plan.Add(new ReachedSubnet(peer.Owner, subnet, hop, direct ? HostGwOffer.Name : Name));
    }

    internal static bool Owns(NodeId node, Link link) => link is { Kind: "ipip" } && link.Alias == DeviceAlias.Of(node);
}
