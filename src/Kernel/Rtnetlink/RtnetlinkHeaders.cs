using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Rtnetlink;

// The fixed headers of rtnetlink's messages. Fields have the kernel's names and order.

/// <summary>struct ifinfomsg, linux/rtnetlink.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct IfInfoMsg
{
    public byte ifi_family { get; init; }

    public byte ifi_pad { get; init; }

    public ushort ifi_type { get; init; }

    public int ifi_index { get; init; }

    public uint ifi_flags { get; init; }

    public uint ifi_change { get; init; }
}

/// <summary>struct ifaddrmsg, linux/if_addr.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct IfAddrMsg
{
    public byte ifa_family { get; init; }

    public byte ifa_prefixlen { get; init; }

    public byte ifa_flags { get; init; }

    public byte ifa_scope { get; init; }

    public int ifa_index { get; init; }
}

/// <summary>struct rtmsg, linux/rtnetlink.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct RtMsg
{
    public byte rtm_family { get; init; }

    public byte rtm_dst_len { get; init; }

    public byte rtm_src_len { get; init; }

    public byte rtm_tos { get; init; }

    public byte rtm_table { get; init; }

    public byte rtm_protocol { get; init; }

    public byte rtm_scope { get; init; }

    public byte rtm_type { get; init; }

    public uint rtm_flags { get; init; }
}

/// <summary>struct ndmsg, linux/neighbour.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NdMsg
{
    public byte ndm_family { get; init; }

    public byte ndm_pad1 { get; init; }

    public ushort ndm_pad2 { get; init; }

    public int ndm_ifindex { get; init; }

    public ushort ndm_state { get; init; }

    public byte ndm_flags { get; init; }

    public byte ndm_type { get; init; }
}

/// <summary>struct nhmsg, linux/nexthop.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct NhMsg
{
    public byte nh_family { get; init; }

    public byte nh_scope { get; init; }

    public byte nh_protocol { get; init; }

    public byte resvd { get; init; }

    public uint nh_flags { get; init; }
}

/// <summary>struct fib_rule_hdr, linux/fib_rules.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct FibRuleHdr
{
    public byte family { get; init; }

    public byte dst_len { get; init; }

    public byte src_len { get; init; }

    public byte tos { get; init; }

    public byte table { get; init; }

    public byte res1 { get; init; }

    public byte res2 { get; init; }

    public byte action { get; init; }

    public uint flags { get; init; }
}
