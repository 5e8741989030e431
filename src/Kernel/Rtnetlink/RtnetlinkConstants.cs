namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>Numbers of rtnetlink, spelled as in the kernel's headers, which stand above each group.</summary>
internal static class RtnetlinkConstants
{
    // linux/socket.h
    public const byte AF_UNSPEC = 0;
    public const byte AF_INET = 2;
    public const byte AF_BRIDGE = 7;
    public const byte AF_INET6 = 10;

    // linux/rtnetlink.h
    public const ushort RTM_NEWLINK = 16;
    public const ushort RTM_DELLINK = 17;
    public const ushort RTM_GETLINK = 18;
    public const ushort RTM_SETLINK = 19;
    public const ushort RTM_NEWADDR = 20;
    public const ushort RTM_DELADDR = 21;
    public const ushort RTM_GETADDR = 22;
    public const ushort RTM_NEWROUTE = 24;
    public const ushort RTM_DELROUTE = 25;
    public const ushort RTM_GETROUTE = 26;
    public const ushort RTM_NEWNEIGH = 28;
    public const ushort RTM_DELNEIGH = 29;
    public const ushort RTM_GETNEIGH = 30;
    public const ushort RTM_NEWRULE = 32;
    public const ushort RTM_DELRULE = 33;
    public const ushort RTM_GETRULE = 34;
    public const ushort RTM_NEWNEXTHOP = 104;
    public const ushort RTM_DELNEXTHOP = 105;
    public const ushort RTM_GETNEXTHOP = 106;

    public const uint RTNLGRP_LINK = 1;
    public const uint RTNLGRP_NEIGH = 3;
    public const uint RTNLGRP_IPV4_IFADDR = 5;
    public const uint RTNLGRP_IPV4_ROUTE = 7;
    public const uint RTNLGRP_IPV4_RULE = 8;
    public const uint RTNLGRP_IPV6_IFADDR = 9;
    public const uint RTNLGRP_IPV6_ROUTE = 11;
    public const uint RTNLGRP_IPV6_RULE = 19;
    public const uint RTNLGRP_NEXTHOP = 32;

    public const uint RTM_F_CLONED = 0x200;
    public const uint RTM_F_LOOKUP_TABLE = 0x1000;
    public const uint RTM_F_FIB_MATCH = 0x2000;
    public const uint RTNH_F_ONLINK = 4;

    public const ushort RTA_DST = 1;
    public const ushort RTA_SRC = 2;
    public const ushort RTA_IIF = 3;
    public const ushort RTA_OIF = 4;
    public const ushort RTA_GATEWAY = 5;
    public const ushort RTA_PRIORITY = 6;
    public const ushort RTA_PREFSRC = 7;
    public const ushort RTA_METRICS = 8;
    public const ushort RTA_MULTIPATH = 9;
    public const ushort RTA_TABLE = 15;
    public const ushort RTA_VIA = 18;
    public const ushort RTA_NH_ID = 30;
    public const ushort RTAX_MTU = 2;

    public const ushort RTEXT_FILTER_SKIP_STATS = 1 << 3;

    // linux/if.h
    public const uint IFF_UP = 0x1;
    public const uint IFF_LOOPBACK = 0x8;
    public const uint IFF_LOWER_UP = 0x10000;

    /// <summary>Octets of a device's name, with the closing zero.</summary>
    public const int IFNAMSIZ = 16;

    // linux/if_link.h
    public const ushort IFLA_ADDRESS = 1;
    public const ushort IFLA_IFNAME = 3;
    public const ushort IFLA_MTU = 4;
    public const ushort IFLA_LINK = 5;
    public const ushort IFLA_MASTER = 10;
    public const ushort IFLA_TXQLEN = 13;
    public const ushort IFLA_LINKINFO = 18;
    public const ushort IFLA_IFALIAS = 20;
    public const ushort IFLA_NET_NS_FD = 28;
    public const ushort IFLA_EXT_MASK = 29;
    public const ushort IFLA_INFO_KIND = 1;
    public const ushort IFLA_INFO_DATA = 2;
    public const ushort IFLA_TUN_TYPE = 3;
    public const ushort IFLA_TUN_VNET_HDR = 5;
    public const ushort IFLA_TUN_PERSIST = 6;
    public const ushort IFLA_TUN_MULTI_QUEUE = 7;
    public const ushort IFLA_VXLAN_ID = 1;
    public const ushort IFLA_VXLAN_GROUP = 2;
    public const ushort IFLA_VXLAN_LINK = 3;
    public const ushort IFLA_VXLAN_LOCAL = 4;
    public const ushort IFLA_VXLAN_LEARNING = 7;
    public const ushort IFLA_VXLAN_L2MISS = 13;
    public const ushort IFLA_VXLAN_L3MISS = 14;
    public const ushort IFLA_VXLAN_PORT = 15;
    public const ushort IFLA_VXLAN_GROUP6 = 16;
    public const ushort IFLA_VXLAN_LOCAL6 = 17;
    public const ushort IFLA_VXLAN_GBP = 23;
    public const ushort IFLA_VXLAN_COLLECT_METADATA = 25;

    // linux/veth.h
    public const ushort VETH_INFO_PEER = 1;

    // linux/if_addr.h
    public const ushort IFA_ADDRESS = 1;
    public const ushort IFA_LOCAL = 2;
    public const ushort IFA_FLAGS = 8;

    // linux/fib_rules.h
    public const uint FIB_RULE_INVERT = 0x2;
    public const byte FR_ACT_TO_TBL = 1;
    public const ushort FRA_DST = 1;
    public const ushort FRA_SRC = 2;
    public const ushort FRA_IIFNAME = 3;
    public const ushort FRA_PRIORITY = 6;
    public const ushort FRA_FWMARK = 10;
    public const ushort FRA_SUPPRESS_PREFIXLEN = 14;
    public const ushort FRA_TABLE = 15;
    public const ushort FRA_FWMASK = 16;
    public const ushort FRA_PAD = 18;
    public const ushort FRA_PROTOCOL = 21;

    // linux/neighbour.h
    public const ushort NDA_DST = 1;
    public const ushort NDA_LLADDR = 2;
    public const ushort NDA_PORT = 6;
    public const ushort NDA_VNI = 7;
    public const ushort NDA_IFINDEX = 8;
    public const ushort NDA_MASTER = 9;
    public const ushort NDA_PROTOCOL = 12;

    // linux/nexthop.h
    public const ushort NHA_ID = 1;
    public const ushort NHA_OIF = 5;
    public const ushort NHA_GATEWAY = 6;
    public const ushort NHA_ENCAP_TYPE = 7;
    public const ushort NHA_ENCAP = 8;

    // linux/lwtunnel.h; LWTUNNEL_IP6_* have the numbers of LWTUNNEL_IP_*.
    public const ushort LWTUNNEL_ENCAP_IP = 2;
    public const ushort LWTUNNEL_ENCAP_IP6 = 4;
    public const ushort LWTUNNEL_IP_ID = 1;
    public const ushort LWTUNNEL_IP_DST = 2;
    public const ushort LWTUNNEL_IP_FLAGS = 6;

    // linux/if_tunnel.h
    public const ushort IFLA_IPTUN_LOCAL = 2;
    public const ushort IFLA_IPTUN_REMOTE = 3;
    public const ushort IFLA_IPTUN_TTL = 4;
    public const ushort IFLA_IPTUN_PMTUDISC = 10;
    public const ushort IFLA_IPTUN_COLLECT_METADATA = 19;

    // linux/if_tunnel.h, in network order on the wire
    public const ushort TUNNEL_CSUM = 0x01;
}
