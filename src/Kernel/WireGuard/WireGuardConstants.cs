using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.WireGuard;

/// <summary>Spelled as in linux/genetlink.h and linux/wireguard.h.</summary>
internal static class WireGuardConstants
{
    public const ushort GENL_ID_CTRL = 0x10;
    public const byte CTRL_CMD_GETFAMILY = 3;
    public const ushort CTRL_ATTR_FAMILY_ID = 1;
    public const ushort CTRL_ATTR_FAMILY_NAME = 2;

    public const string WG_GENL_NAME = "wireguard";
    public const byte WG_GENL_VERSION = 1;
    public const byte WG_CMD_GET_DEVICE = 0;
    public const byte WG_CMD_SET_DEVICE = 1;

    public const ushort WGDEVICE_A_IFNAME = 2;
    public const ushort WGDEVICE_A_PRIVATE_KEY = 3;
    public const ushort WGDEVICE_A_PUBLIC_KEY = 4;
    public const ushort WGDEVICE_A_LISTEN_PORT = 6;
    public const ushort WGDEVICE_A_PEERS = 8;

    public const ushort WGPEER_A_PUBLIC_KEY = 1;
    public const ushort WGPEER_A_PRESHARED_KEY = 2;
    public const ushort WGPEER_A_FLAGS = 3;
    public const ushort WGPEER_A_ENDPOINT = 4;
    public const ushort WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL = 5;
    public const ushort WGPEER_A_RX_BYTES = 7;
    public const ushort WGPEER_A_TX_BYTES = 8;
    public const ushort WGPEER_A_ALLOWEDIPS = 9;

    public const uint WGPEER_F_REMOVE_ME = 1;
    public const uint WGPEER_F_REPLACE_ALLOWEDIPS = 2;

    public const ushort WGALLOWEDIP_A_FAMILY = 1;
    public const ushort WGALLOWEDIP_A_IPADDR = 2;
    public const ushort WGALLOWEDIP_A_CIDR_MASK = 3;

    /// <summary>linux/socket.h.</summary>
    public const ushort AF_INET = 2, AF_INET6 = 10;
}

/// <summary>struct genlmsghdr, linux/genetlink.h.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct GenlMsgHdr
{
    public byte cmd { get; init; }

    public byte version { get; init; }

    public ushort reserved { get; init; }
}
