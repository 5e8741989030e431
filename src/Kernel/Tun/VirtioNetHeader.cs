using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Tun;

/// <summary>
/// In front of each packet of a TUN queue with IFF_VNET_HDR: which work on it is left to do (struct virtio_net_hdr of linux/virtio_net.h, in the machine's own
/// byte order).
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal struct VirtioNetHeader
{
    public const int Size = 10;

    public byte flags;
    public byte gso_type;

    /// <summary>Octets of IP and transport headers.</summary>
    public ushort hdr_len;

    /// <summary>Octets of payload in each segment but the last.</summary>
    public ushort gso_size;

    /// <summary>Where the transport header begins.</summary>
    public ushort csum_start;

    /// <summary>Where in it the checksum is, which holds the sum of the pseudo header.</summary>
    public ushort csum_offset;
}
