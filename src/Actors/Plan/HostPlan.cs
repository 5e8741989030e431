using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.Plan;

/// <summary>The kernel objects that one host wants: what the back ends make of leases and configuration.</summary>
/// <param name="Mtu">For the containers: the smallest of our devices', in octets.</param>
public sealed record HostPlan(
    ImmutableArray<WantedLink> Links,
    ImmutableArray<WantedAddress> Addresses,
    ImmutableArray<TunnelPeer> Peers,
    ImmutableArray<WantedRoute> Routes,
    int Mtu)
{
    /// <summary>Wants nothing: everything of ours is stale.</summary>
    public static readonly HostPlan Nothing = new([], [], [], [], 0);

    /// <summary>True without a lease of this host.</summary>
    public bool IsNothing => Mtu == Nothing.Mtu;

    /// <summary>What <see cref="Mtu"/> comes from.</summary>
    public UnderlayMtu UnderlayMtu { get; init; } = new(0);

    /// <summary>The overlay's whole networks: what a routing rule of ours leads to our table.</summary>
    public ImmutableArray<IpPrefix> Networks { get; init; } = [];

    /// <summary>Packet filter rules; null where this host has nobody to put them in place.</summary>
    public WantedFirewall? Firewall { get; init; }

    /// <summary>Routes in the cloud; null where the network needs none.</summary>
    public CloudGoal? Cloud { get; init; }

    /// <summary>The operator's own commands; null where the network needs none.</summary>
    public ExtensionGoal? Extension { get; init; }

    /// <summary>
    /// Of a network that is kept apart from the others on its host: the devices by which its packets come in, and nobody else's. Empty where a destination
    /// is enough to tell.
    /// </summary>
    public ImmutableArray<string> Incoming { get; init; } = [];

    /// <summary>Every subnet of a peer that there is a way to.</summary>
    public ImmutableArray<ReachedSubnet> Reached { get; init; } = [];
}

/// <summary>A peer's subnet, and by what its packets go.</summary>
/// <param name="BackEnd">Its name in net-conf.json; of vxlan's direct routing, that of host-gw.</param>
public sealed record ReachedSubnet(NodeId Node, IpPrefix Subnet, NextHop Hop, string BackEnd)
{
    /// <summary>Why this back end, where the host chose it; null where the configuration says so.</summary>
    public string? Reason { get; init; }

    /// <summary>The peer's route is in the cloud: this host has nothing to do for it.</summary>
    public bool ByCloud { get; init; }

    /// <summary>The operator's command makes the route: the name of its row among this host's objects. Null where it is no command's.</summary>
    public string? Command { get; init; }
}

/// <summary>A device of ours.</summary>
/// <param name="Mtu">Octets.</param>
public abstract record WantedLink(string Name, int Mtu);

/// <param name="Lower">Name of the underlay device.</param>
/// <param name="Local">Outer source address; its family is the outer family.</param>
public sealed record WantedVxlan(string Name, int Mtu, uint Vni, ushort Port, string Lower, IPAddress Local, MacAddress Mac, bool Learning, bool Gbp)
    : WantedLink(Name, Mtu)
{
    /// <summary>
    /// The compact layout: VNI and destination come with each packet, from the next hop of its route. The device has neither these nor a local address, and
    /// serves both families.
    /// </summary>
    public bool External { get; init; }

    public override string ToString() => $"link {Name}";
}

/// <summary>A persistent TUN device, and what the packet forwarders at its other end need to know.</summary>
/// <param name="Alias">IFLA_IFALIAS: whose device it is.</param>
/// <param name="Local">Outer addresses and port of this host, one for each family that it has.</param>
/// <param name="Mine">This host's own subnets.</param>
/// <param name="OuterMtu">Octets.</param>
public sealed record WantedTun(string Name, int Mtu, string Alias, EquatableArray<IPEndPoint> Local, EquatableArray<IpPrefix> Mine, int OuterMtu) : WantedLink(Name, Mtu)
{
    /// <summary>
    /// Packets that wait in each queue while a forwarder is busy. The kernel's own 500 is less than a forwarder reads between two turns of a fast sender.
    /// </summary>
    public int TxQueueLength { get; init; } = 10_000;

    /// <summary>Packets are encrypted, and plain ones refused.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>The whole device is the next hop of every peer behind it.</summary>
    public NextHop Hop => new(Name, null);

    public override string ToString() => $"link {Name}";
}

/// <summary>A device of the kernel's that carries IPv4 in IPv4 to whatever gateway a route names.</summary>
/// <param name="Alias">IFLA_IFALIAS: whose device it is.</param>
/// <param name="Local">Outer source address.</param>
public sealed record WantedIpip(string Name, int Mtu, string Alias, IPAddress Local) : WantedLink(Name, Mtu)
{
    public override string ToString() => $"link {Name}";
}

/// <summary>A wireguard device of the kernel's; its private key is the host's own and in no plan.</summary>
/// <param name="Alias">IFLA_IFALIAS: whose device it is.</param>
/// <param name="Key">The public key that it shall show.</param>
/// <param name="Port">UDP.</param>
public sealed record WantedWireGuard(string Name, int Mtu, string Alias, PublicKey Key, ushort Port) : WantedLink(Name, Mtu)
{
    /// <summary>The whole device is the next hop of every peer behind it.</summary>
    public NextHop Hop => new(Name, null);

    public WireGuardInterface Interface => new(Name, Key, Port);

    public override string ToString() => $"link {Name}";
}

/// <summary>What a wireguard device is told besides what every device has: it can be refused while the device itself stands.</summary>
public sealed record WireGuardInterface(string Device, PublicKey Key, ushort Port)
{
    public override string ToString() => $"key and port of {Device}";
}

/// <summary>An address of a device of ours.</summary>
/// <param name="Within">Other addresses of the device inside this prefix are left over from an earlier subnet.</param>
public sealed record WantedAddress(string Device, IpPrefix Prefix, IpPrefix Within)
{
    /// <summary>The device shall have none of <see cref="Within"/>.</summary>
    public bool None { get; init; }

    public override string ToString() => $"address {Prefix} dev {Device}";
}

/// <summary>What must be there so that packets to one peer find their way out of a next hop.</summary>
/// <param name="Node">The peer.</param>
public abstract record TunnelPeer(NodeId Node, NextHop Hop);

/// <summary>A peer behind a vxlan device: a neighbour entry for the next hop, and a forwarding entry or a nexthop object for its VTEP.</summary>
/// <param name="Vtep">Outer destination address.</param>
public sealed record VxlanPeer(NodeId Node, NextHop Hop, MacAddress Mac, IPAddress Vtep) : TunnelPeer(Node, Hop)
{
    /// <summary>The compact layout: what the nexthop object encapsulates with; null in the classic one.</summary>
    public uint? EncapVni { get; init; }

    public override string ToString() => $"peer {Hop} ({Vtep})";
}

/// <summary>A peer behind the packet forwarders.</summary>
/// <param name="EndPoint">Outer destination.</param>
/// <param name="Subnets">What it owns.</param>
public sealed record UdpPeer(NodeId Node, NextHop Hop, IPEndPoint EndPoint, EquatableArray<IpPrefix> Subnets) : TunnelPeer(Node, Hop)
{
    /// <summary>The peer's static public key in an encrypted network.</summary>
    public PublicKey? Key { get; init; }

    /// <summary>What it may send from besides the end point's address; null where there is no other.</summary>
    public IPAddress? OtherSource { get; init; }

    public override string ToString() => $"peer {EndPoint}";
}

/// <summary>A peer behind a wireguard device.</summary>
/// <param name="EndPoint">Where it is found first; where it is heard from later, the kernel knows better.</param>
/// <param name="Subnets">What it owns: nothing else is taken from it (cryptokey routing).</param>
/// <param name="Psk">Mixed into the handshake; null for none.</param>
/// <param name="Keepalive">Seconds; 0 for none.</param>
public sealed record WireGuardTunnelPeer(NodeId Node, NextHop Hop, PublicKey Key, IPEndPoint EndPoint, EquatableArray<IpPrefix> Subnets, PresharedKey? Psk, ushort Keepalive)
    : TunnelPeer(Node, Hop)
{
    /// <summary>Of its lease: of two peers with the same key the newer one counts.</summary>
    public required long Generation { get; init; }

    public override string ToString() => $"peer {Key} ({EndPoint})";
}

/// <summary>A peer that the hop's gateway is: on the underlay's own link, or behind a tunnel that goes by gateways. Nothing but the device is needed.</summary>
public sealed record DirectPeer(NodeId Node, NextHop Hop) : TunnelPeer(Node, Hop);

/// <summary>A route to a peer's subnet, or to the whole network.</summary>
/// <param name="Node">The peer; of a route to the whole network, this host itself.</param>
/// <param name="OnLink">Take the gateway as a neighbour whatever the addresses say.</param>
public sealed record WantedRoute(NodeId Node, IpPrefix Destination, NextHop Hop, bool OnLink)
{
    /// <summary>The route names the nexthop object of its hop.</summary>
    public bool ByNexthop { get; init; }

    /// <summary>Scope global although there is no gateway: there are other hosts behind the device.</summary>
    public bool IsGlobal { get; init; }

    /// <summary>What is no unicast route leads nowhere and waits for nothing; its hop is <see cref="NextHop.None"/>.</summary>
    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>What no other route of the network takes goes nowhere. Not unreachable: the kernel would send its ICMP error by the main table, perhaps to another network's container of the same address.</summary>
    public static WantedRoute Nowhere(NodeId node, IpPrefix network) => new(node, network, NextHop.None, OnLink: false) { Type = RouteType.Blackhole };

    /// <summary>To this host's own containers, behind a bridge that somebody else makes: there whenever the bridge is, and nobody waits for it.</summary>
    public bool ToContainers { get; init; }

    public override string ToString() => Type == RouteType.Unicast ? $"route {Destination} {Hop}" : $"route {Type.ToString().ToLowerInvariant()} {Destination}";
}
