namespace AkkaOverlay.Kernel.Netlink;

/// <summary>The message layer of netlink, spelled as in linux/netlink.h (netlink(7)).</summary>
internal static class NetlinkConstants
{
    public const int NETLINK_ROUTE = 0;
    public const int NETLINK_NETFILTER = 12;
    public const int NETLINK_GENERIC = 16;

    public const int NLMSG_HDRLEN = 16;
    public const int NLMSG_ALIGNTO = 4;
    public const int NLA_HDRLEN = 4;

    public const ushort NLMSG_NOOP = 1;
    public const ushort NLMSG_ERROR = 2;
    public const ushort NLMSG_DONE = 3;
    public const ushort NLMSG_OVERRUN = 4;

    public const ushort NLM_F_REQUEST = 0x01;
    public const ushort NLM_F_MULTI = 0x02;
    public const ushort NLM_F_ACK = 0x04;
    public const ushort NLM_F_DUMP_INTR = 0x10;

    /// <summary>NLM_F_ROOT | NLM_F_MATCH.</summary>
    public const ushort NLM_F_DUMP = 0x300;

    public const ushort NLM_F_REPLACE = 0x100;
    public const ushort NLM_F_EXCL = 0x200;
    public const ushort NLM_F_CREATE = 0x400;
    public const ushort NLM_F_APPEND = 0x800;

    /// <summary>On NLMSG_ERROR: the request's payload is left out.</summary>
    public const ushort NLM_F_CAPPED = 0x100;

    /// <summary>On NLMSG_ERROR and NLMSG_DONE: NLMSGERR_ATTR_* follow.</summary>
    public const ushort NLM_F_ACK_TLVS = 0x200;

    public const ushort NLMSGERR_ATTR_MSG = 1;
    public const ushort NLMSGERR_ATTR_MISS_TYPE = 5;

    public const ushort NLA_F_NESTED = 0x8000;

    /// <summary>Without NLA_F_NESTED and NLA_F_NET_BYTEORDER.</summary>
    public const ushort NLA_TYPE_MASK = 0x3fff;

    public const int SOL_NETLINK = 270;
    public const int NETLINK_ADD_MEMBERSHIP = 1;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;
    public const int NETLINK_GET_STRICT_CHK = 12;

    /// <summary>NLMSG_ALIGN and NLA_ALIGN are the same four octets.</summary>
    public static int Align(int length) => (length + NLMSG_ALIGNTO - 1) & ~(NLMSG_ALIGNTO - 1);
}
