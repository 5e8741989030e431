using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>
/// A nexthop object (<c>RTM_GETNEXTHOP</c>, linux/nexthop.h; ip-nexthop(8)): where routes lead that name its id. Flags that the kernel sets by itself (dead,
/// linkdown, offload) are not shown.
/// </summary>
/// <param name="Id">NHA_ID, one space for all makers; 0 lets the kernel choose.</param>
public sealed record Nexthop(uint Id)
{
    /// <summary>nh_family: only routes of this family can name it. Unspecified for a group.</summary>
    public AddressFamily Family { get; init; } = AddressFamily.InterNetwork;

    /// <summary>NHA_GATEWAY; null for the whole link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>NHA_OIF; 0 for none (groups, blackholes).</summary>
    public int Interface { get; init; }

    /// <summary>nh_protocol: who made it, as of routes.</summary>
    public byte Protocol { get; init; }

    /// <summary>RTNH_F_ONLINK: take the gateway as a neighbour whatever the addresses say.</summary>
    public bool OnLink { get; init; }

    /// <summary>LWTUNNEL_IP_ID: the VNI that an external vxlan device sends with; null where nothing is encapsulated. 32 of the field's 64 bits.</summary>
    public uint? EncapVni { get; init; }

    /// <summary>LWTUNNEL_IP_DST or LWTUNNEL_IP6_DST: outer destination address; its family is the outer family.</summary>
    public IPAddress? EncapDestination { get; init; }

    /// <summary>TUNNEL_CSUM: with outer UDP checksums, as a vxlan device sends by itself. Without them IPv6 receivers drop what comes.</summary>
    public bool EncapChecksum { get; init; }

    /// <summary>True where the object says more than is shown here (groups, blackholes, other encapsulations): never one of ours.</summary>
    public bool Partial { get; init; }
}
