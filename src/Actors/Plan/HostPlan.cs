using System.Collections.Immutable;
using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Net;

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

    /// <summary>The overlay's whole networks: what a routing rule of ours leads to our table.</summary>
    public ImmutableArray<IpPrefix> Networks { get; init; } = [];
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

/// <summary>An address of a device of ours.</summary>
/// <param name="Within">Other addresses of the device inside this prefix are left over from an earlier subnet.</param>
public sealed record WantedAddress(string Device, IpPrefix Prefix, IpPrefix Within)
{
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

/// <summary>A peer on the underlay's own link: nothing but the device is needed.</summary>
public sealed record DirectPeer(NodeId Node, NextHop Hop) : TunnelPeer(Node, Hop);

/// <summary>A route to a peer's subnet.</summary>
/// <param name="OnLink">Take the gateway as a neighbour whatever the addresses say.</param>
public sealed record WantedRoute(NodeId Node, IpPrefix Destination, NextHop Hop, bool OnLink)
{
    /// <summary>The route names the nexthop object of its hop.</summary>
    public bool ByNexthop { get; init; }

    public override string ToString() => $"route {Destination} {Hop}";
}
