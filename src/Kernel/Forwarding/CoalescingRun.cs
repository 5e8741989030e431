using System.Runtime.CompilerServices;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Neighbouring packets of one flow that can be one packet: same addresses, ports, TTL, TOS and options, sizes equal but the last, TCP sequence numbers one after another.</summary>
internal unsafe struct CoalescingRun
{
    /// <summary>Packets in it; 0 for none.</summary>
    public int Count;

    /// <summary>The first packet, whole.</summary>
    public byte* First;

    public int FirstLength;

    /// <summary>Octets of the headers of each.</summary>
    public int Header;

    /// <summary>It is of a kind that can be joined, and nothing has ended it.</summary>
    public bool CanGrow;

    private bool isIPv4, isTcp, verified, push;
    private int transport, size, payload;
    private uint nextSequence;

    public readonly bool IsTcp => isTcp;

    public void Start(byte* packet, int length, bool coalesceTcp, bool coalesceUdp)
    {
        Count = 1;
        First = packet;
        FirstLength = length;
        verified = push = false;
        CanGrow = false;
        isIPv4 = IpHeader.Version(packet) == 4;
        byte protocol;
        if (isIPv4)
        {
            if (*packet != 0x45 || IpHeader.IsFragment(packet))
                return;
            transport = IpHeader.LeastIPv4;
            protocol = packet[9];
        }
        else
        {
            transport = IpHeader.LengthIPv6;
            protocol = packet[6];
        }
        byte* at = packet + transport;
        if (protocol == IpHeader.Tcp && coalesceTcp && length > transport + IpHeader.LeastTcp)
        {
            Header = transport + IpHeader.HeaderLengthTcp(at);
            isTcp = true;
            push = (at[IpHeader.TcpFlagsAt] & IpHeader.FlagPsh) != 0;
            CanGrow = (at[IpHeader.TcpFlagsAt] & ~IpHeader.FlagPsh) == IpHeader.FlagAck && !push && Header >= transport + IpHeader.LeastTcp;
            nextSequence = IpHeader.Sequence(at) + (uint)(length - Header);
        }
        else if (protocol == IpHeader.Udp && coalesceUdp && length > transport + IpHeader.LengthUdp)
        {
            Header = transport + IpHeader.LengthUdp;
            isTcp = false;
            CanGrow = *(ushort*)(at + IpHeader.UdpChecksumAt) != 0 && IpHeader.Read16(at + IpHeader.UdpLengthAt) == length - transport;
        }
        payload = size = length - Header;
        CanGrow &= size > 0;
    }

    public bool TryJoin(byte* packet, int length, int maxPacket)
    {
        int more = length - Header;
        if (!CanGrow || more <= 0 || more > size || Header + payload + more > maxPacket || !IsSameFlow(packet))
            return false;
        byte* at = packet + transport;
        if (isTcp)
        {
            if (IpHeader.Sequence(at) != nextSequence)
                return false;
        }
        else if (IpHeader.Read16(at + IpHeader.UdpLengthAt) != length - transport || *(ushort*)(at + IpHeader.UdpChecksumAt) == 0)
        {
            return false;
        }
        // What nobody has verified must not be vouched for: the receiver's kernel looks no more at the parts of a joined packet.
        verified = verified || IsIntact(First, FirstLength);
        if (!verified)
        {
            CanGrow = false;
            return false;
        }
        if (!IsIntact(packet, length))
            return false;
        Count++;
        payload += more;
        nextSequence += (uint)more;
        push = isTcp && (at[IpHeader.TcpFlagsAt] & IpHeader.FlagPsh) != 0;
        // Only the last may be shorter, and what is pushed must not wait.
        CanGrow = more == size && !push;
        return true;
    }

    /// <summary>The joined packet's headers, and before them what the kernel needs to cut it again.</summary>
    /// <returns>Octets.</returns>
    public readonly int WriteHead(byte* head)
    {
        byte* packet = head + VirtioNetHeader.Size;
        Unsafe.CopyBlockUnaligned(packet, First, (uint)Header);
        int total = Header + payload;
        *(VirtioNetHeader*)head = new VirtioNetHeader
        {
            flags = TunConstants.VIRTIO_NET_HDR_F_NEEDS_CSUM,
            gso_type = !isTcp ? TunConstants.VIRTIO_NET_HDR_GSO_UDP_L4 : isIPv4 ? TunConstants.VIRTIO_NET_HDR_GSO_TCPV4 : TunConstants.VIRTIO_NET_HDR_GSO_TCPV6,
            hdr_len = (ushort)Header,
            gso_size = (ushort)size,
            csum_start = (ushort)transport,
            csum_offset = isTcp ? (ushort)IpHeader.TcpChecksumAt : (ushort)IpHeader.UdpChecksumAt,
        };
        if (isIPv4)
        {
            IpHeader.Write16(packet + IpHeader.IPv4LengthAt, total);
            *(ushort*)(packet + IpHeader.IPv4ChecksumAt) = 0;
            *(ushort*)(packet + IpHeader.IPv4ChecksumAt) = InternetChecksum.Finish(InternetChecksum.Add(0, packet, transport));
        }
        else
        {
            IpHeader.Write16(packet + IpHeader.IPv6LengthAt, total - IpHeader.LengthIPv6);
        }
        byte* at = packet + transport;
        ulong pseudo = IpHeader.PseudoHeader(packet, isIPv4, isTcp ? IpHeader.Tcp : IpHeader.Udp) + IpHeader.NetworkOrder(total - transport);
        if (isTcp)
        {
            if (push)
                at[IpHeader.TcpFlagsAt] |= IpHeader.FlagPsh;
            *(ushort*)(at + IpHeader.TcpChecksumAt) = InternetChecksum.Fold(pseudo);
        }
        else
        {
            IpHeader.Write16(at + IpHeader.UdpLengthAt, total - transport);
            *(ushort*)(at + IpHeader.UdpChecksumAt) = InternetChecksum.Fold(pseudo);
        }
        return VirtioNetHeader.Size + Header;
    }

    private readonly bool IsSameFlow(byte* packet)
    {
        if (isIPv4)
        {
            // Version, header length and TOS; flags and offset, TTL and protocol; both addresses and both ports.
            if (*(ushort*)packet != *(ushort*)First || *(uint*)(packet + 6) != *(uint*)(First + 6)
                || *(ulong*)(packet + 12) != *(ulong*)(First + 12) || *(uint*)(packet + 20) != *(uint*)(First + 20))
            {
                return false;
            }
            int step = (ushort)(IpHeader.Read16(packet + IpHeader.IPv4IdAt) - IpHeader.Read16(First + IpHeader.IPv4IdAt));
            // RFC 6864: without fragments an id means nothing.
            if (step != Count && !(step == 0 && IpHeader.HasDontFragment(packet)))
                return false;
        }
        else if (*(uint*)packet != *(uint*)First || *(ushort*)(packet + 6) != *(ushort*)(First + 6)
            || !new ReadOnlySpan<byte>(packet + 8, 36).SequenceEqual(new ReadOnlySpan<byte>(First + 8, 36)))
        {
            return false;
        }
        if (!isTcp)
            return true;
        byte* at = packet + transport, first = First + transport;
        // Acknowledgement; header length, flags but PSH, and window; options.
        return *(uint*)(at + 8) == *(uint*)(first + 8) && at[12] == first[12]
            && ((at[IpHeader.TcpFlagsAt] ^ first[IpHeader.TcpFlagsAt]) & ~IpHeader.FlagPsh) == 0 && *(ushort*)(at + 14) == *(ushort*)(first + 14)
            && new ReadOnlySpan<byte>(at + 20, Header - transport - 20).SequenceEqual(new ReadOnlySpan<byte>(first + 20, Header - transport - 20));
    }

    /// <summary>Header and transport checksums are right.</summary>
    private readonly bool IsIntact(byte* packet, int length)
    {
        if (isIPv4 && InternetChecksum.Fold(InternetChecksum.Add(0, packet, transport)) != 0xFFFF)
            return false;
        ulong sum = IpHeader.PseudoHeader(packet, isIPv4, isTcp ? IpHeader.Tcp : IpHeader.Udp) + IpHeader.NetworkOrder(length - transport);
        return InternetChecksum.Fold(InternetChecksum.Add(sum, packet + transport, length - transport)) == 0xFFFF;
    }
}
