using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>
/// A route with one next hop (<c>RTM_GETROUTE</c>, linux/rtnetlink.h). Two routes are equal when the kernel would treat a packet alike: flags that
/// the kernel sets by itself (dead, linkdown, offload) are no part of it; of an IPv6 route, neither is the scope, which IPv6 does not have, and the
/// metrics 0 and 1,024 are one.
/// </summary>
/// <param name="Destination">RTA_DST without host bits; the default route is 0.0.0.0/0 or ::/0.</param>
public sealed record Route(IpPrefix Destination)
{
    /// <summary>RTA_GATEWAY; null for a destination on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>RTA_OIF; 0 for none (blackhole and the like).</summary>
    public int Interface { get; init; }

    /// <summary>RTA_TABLE: 254 is main.</summary>
    public uint Table { get; init; } = MainTable;

    /// <summary>rtm_protocol: who made it. 2 kernel, 3 boot, 4 static (linux/rtnetlink.h, /etc/iproute2/rt_protos).</summary>
    public byte Protocol { get; init; }

    public RouteScope Scope { get; init; }

    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>RTA_PRIORITY. IPv6 turns 0 into 1,024 by itself.</summary>
    public uint Metric { get; init; }

    /// <summary>RTNH_F_ONLINK: take the gateway as a neighbour whatever the addresses say.</summary>
    public bool OnLink { get; init; }

    /// <summary>RTAX_MTU in octets; 0 for none.</summary>
    public uint Mtu { get; init; }

    /// <summary>RTA_PREFSRC.</summary>
    public IPAddress? PreferredSource { get; init; }

    /// <summary>RTA_NH_ID: a nexthop object says gateway, interface and onlink, and they are absent here; null for none.</summary>
    public uint? NexthopId { get; init; }

    /// <summary>True where RTA_MULTIPATH, of the route itself or of a group of nexthops, stands in place of gateway and interface: never one of ours.</summary>
    public bool Multipath { get; init; }

    public const uint MainTable = 254;

    /// <summary>IP6_RT_PRIO_USER (linux/ipv6_route.h).</summary>
    private const uint DefaultIPv6Metric = 1024;

    private (IpPrefix, IPAddress?, int, uint?, uint, byte, RouteType) Place => (Destination, Gateway, Interface, NexthopId, Table, Protocol, Type);

    private (RouteScope, uint, bool, uint, IPAddress?, bool) Manner => Destination.IsIPv4
        ? (Scope, Metric, OnLink, Mtu, PreferredSource, Multipath)
        : (RouteScope.Universe, Metric == 0 ? DefaultIPv6Metric : Metric, OnLink, Mtu, PreferredSource, Multipath);

    public bool Equals(Route? other) => other is not null && Place.Equals(other.Place) && Manner.Equals(other.Manner);

    public override int GetHashCode() => HashCode.Combine(Place, Manner);
}

/// <summary>RT_SCOPE_* (linux/rtnetlink.h).</summary>
public enum RouteScope : byte
{
    Universe = 0,
    Site = 200,
    Link = 253,
    Host = 254,
    Nowhere = 255,
}

/// <summary>RTN_* (linux/rtnetlink.h).</summary>
public enum RouteType : byte
{
    Unspecified = 0,
    Unicast = 1,
    Local = 2,
    Broadcast = 3,
    Anycast = 4,
    Multicast = 5,
    Blackhole = 6,
    Unreachable = 7,
    Prohibit = 8,
    Throw = 9,
}

/// <summary>What a dump of routes shall hold; the kernel filters (NETLINK_GET_STRICT_CHK, Linux 4.20).</summary>
public readonly record struct RouteFilter
{
    /// <summary>rtm_protocol; null for all.</summary>
    public byte? Protocol { get; init; }

    /// <summary>RTA_TABLE; null for all.</summary>
    public uint? Table { get; init; }

    /// <summary>RTA_OIF; null for all.</summary>
    public int? Interface { get; init; }

    /// <summary>Null for both families.</summary>
    public System.Net.Sockets.AddressFamily? Family { get; init; }
}
