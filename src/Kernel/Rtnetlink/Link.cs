using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>A network device as <c>RTM_GETLINK</c> shows it (rtnetlink(7), linux/if_link.h).</summary>
/// <param name="Index">ifi_index, greater than 0.</param>
/// <param name="Name">IFLA_IFNAME, at most 15 octets.</param>
public sealed record Link(int Index, string Name)
{
    /// <summary>IFLA_INFO_KIND: "vxlan", "bridge", "veth" …; null for a device without one (a real card, the loopback).</summary>
    public string? Kind { get; init; }

    /// <summary>IFF_UP: the administrator's wish.</summary>
    public bool Up { get; init; }

    /// <summary>IFF_LOWER_UP: there is a carrier.</summary>
    public bool Carrier { get; init; }

    public bool Loopback { get; init; }

    /// <summary>IFLA_MTU in octets, without the link-layer header.</summary>
    public int Mtu { get; init; }

    /// <summary>IFLA_ADDRESS where it is six octets long.</summary>
    public MacAddress? Address { get; init; }

    /// <summary>IFLA_MASTER: index of the bridge or bond; 0 for none.</summary>
    public int Master { get; init; }

    /// <summary>IFLA_LINK: index of the lower or peer device; 0 for none.</summary>
    public int Lower { get; init; }

    public VxlanSettings? Vxlan { get; init; }

    public TunSettings? Tun { get; init; }

    public IpipSettings? Ipip { get; init; }

    /// <summary>IFLA_IFALIAS: a text that whoever made the device left there, at most 255 octets; null for none.</summary>
    public string? Alias { get; init; }

    /// <summary>IFLA_TXQLEN: packets that wait in front of the device; of a TUN device, in each of its queues.</summary>
    public int TxQueueLength { get; init; }
}

/// <summary>IFLA_INFO_DATA of a TUN device (linux/if_link.h, IFLA_TUN_*). These cannot be changed on a living device.</summary>
/// <param name="Tap">It carries Ethernet frames, not IP packets.</param>
/// <param name="Persistent">It outlives the process that made it.</param>
/// <param name="MultiQueue">Several descriptors may be attached, a queue each.</param>
public sealed record TunSettings(bool Tap, bool Persistent, bool MultiQueue);

/// <summary>IFLA_INFO_DATA of an ipip device (linux/if_tunnel.h, IFLA_IPTUN_*; RFC 2003).</summary>
/// <param name="Local">The outer source address; null for any.</param>
/// <param name="Remote">The outer destination; null where the route's gateway is it.</param>
public sealed record IpipSettings(IPAddress? Local, IPAddress? Remote = null)
{
    /// <summary>IFLA_IPTUN_TTL: of the outer packet; 0 takes the inner packet's.</summary>
    public byte Ttl { get; init; }

    /// <summary>IFLA_IPTUN_PMTUDISC: no outer packet may be cut (DF). False leaves that to the inner packet; so the kernel takes it only with <see cref="Ttl"/> 0.</summary>
    public bool PathMtuDiscovery { get; init; }

    /// <summary>IFLA_IPTUN_COLLECT_METADATA: "external" in ip-link(8).</summary>
    public bool CollectMetadata { get; init; }
}

/// <summary>IFLA_INFO_DATA of a vxlan device (linux/if_link.h, IFLA_VXLAN_*; RFC 7348).</summary>
/// <param name="Vni">1 to 16,777,215 (0 is possible, but means nothing here).</param>
/// <param name="Port">UDP destination port, 1 to 65,535. The kernel's own default is 8472; the one of RFC 7348 is 4789.</param>
public sealed record VxlanSettings(uint Vni, ushort Port)
{
    /// <summary>IFLA_VXLAN_LOCAL or IFLA_VXLAN_LOCAL6: the outer source address. Its family decides the outer family.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>IFLA_VXLAN_LINK: index of the underlay device; 0 for none.</summary>
    public int Lower { get; init; }

    /// <summary>IFLA_VXLAN_LEARNING: learn the inner MAC and outer address of what arrives.</summary>
    public bool Learning { get; init; }

    /// <summary>IFLA_VXLAN_GBP: the group policy extension. Cannot be changed on a living device.</summary>
    public bool Gbp { get; init; }

    /// <summary>IFLA_VXLAN_L2MISS: ask user space for FDB entries. Never wanted by us; seen so that a foreign device can be told.</summary>
    public bool L2Miss { get; init; }

    /// <summary>IFLA_VXLAN_L3MISS.</summary>
    public bool L3Miss { get; init; }

    /// <summary>IFLA_VXLAN_COLLECT_METADATA: "external" in ip-link(8).</summary>
    public bool CollectMetadata { get; init; }

    /// <summary>IFLA_VXLAN_GROUP or IFLA_VXLAN_GROUP6: the default destination; null for none.</summary>
    public IPAddress? Group { get; init; }
}
