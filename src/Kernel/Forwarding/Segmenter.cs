using System.Runtime.CompilerServices;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Cuts a packet that the kernel left whole (TCP: TSO, UDP: USO) into the packets that go over the wire, each with headers of its own. Payload is not copied:
/// a segment is its header here and a slice of the packet there.
/// </summary>
internal static unsafe class Segmenter
{
    /// <summary>Octets of headers for one segment: IPv6 with extension headers and TCP with options, generously.</summary>
    public const int MaxHeader = 256;

    /// <summary>More segments than any packet can have whose segments carry 64 octets each.</summary>
    public const int MaxSegments = 1024;

    /// <param name="headers">Room for <see cref="MaxSegments"/> headers; must stay as it is until the batch is flushed.</param>
    /// <param name="refused">Segments that the batch did not take.</param>
    /// <returns>How many segments there are; 0 where the packet is not what its header says.</returns>
    public static int Cut(byte* packet, int length, in VirtioNetHeader how, ForwardingPeer peer, byte* headers, SendBatch batch, out int refused)
    {
        refused = 0;
        int header = HeaderLength(packet, length, how), payload = length - header, size = how.gso_size;
        if (header == 0 || payload <= 0 || size == 0 || (payload + size - 1) / size > MaxSegments)
            return 0;

        var fixedPart = new FixedPart(packet, IpHeader.Version(packet) == 4, IsTcp(how), how.csum_start, header);
        byte* from = packet + header;
        int index = 0;
        for (int left = payload; left > 0; left -= size, index++)
        {
            int part = Math.Min(left, size);
            byte* at = headers + (index * MaxHeader);
            fixedPart.Write(at, packet, from, part, index, isFirst: index == 0, isLast: left <= size, size);
            if (!batch.Add(peer, at, header, from, part))
                refused++;
            from += part;
        }
        return index;
    }

    /// <summary>Octets of IP and transport headers. What the kernel calls hdr_len is a hint only (linux/virtio_net.h).</summary>
    /// <returns>0 where the packet is not what its virtio header says.</returns>
    public static int HeaderLength(byte* packet, int length, in VirtioNetHeader how)
    {
        int transport = how.csum_start;
        int type = how.gso_type & ~TunConstants.VIRTIO_NET_HDR_GSO_ECN;
        if (!IsTcp(how) && type != TunConstants.VIRTIO_NET_HDR_GSO_UDP_L4)
            return 0;
        int least = IsTcp(how) ? IpHeader.LeastTcp : IpHeader.LengthUdp;
        if (transport < (IpHeader.Version(packet) == 4 ? IpHeader.LeastIPv4 : IpHeader.LengthIPv6) || transport + least > length)
            return 0;
        int header = transport + (IsTcp(how) ? IpHeader.HeaderLengthTcp(packet + transport) : IpHeader.LengthUdp);
        return header > MaxHeader || header < transport + least || header > length ? 0 : header;
    }

    private static bool IsTcp(in VirtioNetHeader how) =>
        (how.gso_type & ~TunConstants.VIRTIO_NET_HDR_GSO_ECN) is TunConstants.VIRTIO_NET_HDR_GSO_TCPV4 or TunConstants.VIRTIO_NET_HDR_GSO_TCPV6;

    /// <summary>What the headers of all segments share.</summary>
    private readonly ref struct FixedPart
    {
        private readonly bool isIPv4, isTcp;
        private readonly int transport, header, id;
        private readonly uint sequence;
        private readonly byte flags;
        private readonly ulong ipSum, transportSum;

        public FixedPart(byte* packet, bool isIPv4, bool isTcp, int transport, int header)
        {
            this.isIPv4 = isIPv4;
            this.isTcp = isTcp;
            this.transport = transport;
            this.header = header;
            if (isIPv4)
            {
                id = IpHeader.Read16(packet + IpHeader.IPv4IdAt);
                // Without length, id and checksum.
                ipSum = InternetChecksum.Add(0, packet, transport) - Word(packet, IpHeader.IPv4LengthAt) - Word(packet, IpHeader.IPv4IdAt) - Word(packet, IpHeader.IPv4ChecksumAt);
            }
            byte* at = packet + transport;
            transportSum = IpHeader.PseudoHeader(packet, isIPv4, isTcp ? IpHeader.Tcp : IpHeader.Udp) + InternetChecksum.Add(0, at, header - transport);
            if (isTcp)
            {
                sequence = IpHeader.Sequence(at);
                flags = at[IpHeader.TcpFlagsAt];
                // Without sequence number, the word with the flags, and checksum.
                transportSum -= Word(at, 4) + Word(at, 6) + Word(at, 12) + Word(at, IpHeader.TcpChecksumAt);
            }
            else
            {
                transportSum -= Word(at, IpHeader.UdpLengthAt) + Word(at, IpHeader.UdpChecksumAt);
            }
        }

        public void Write(byte* at, byte* packet, byte* payload, int length, int index, bool isFirst, bool isLast, int size)
        {
            Unsafe.CopyBlockUnaligned(at, packet, (uint)header);
            int total = header + length;
            if (isIPv4)
            {
                IpHeader.Write16(at + IpHeader.IPv4LengthAt, total);
                IpHeader.Write16(at + IpHeader.IPv4IdAt, id + index);
                *(ushort*)(at + IpHeader.IPv4ChecksumAt) = InternetChecksum.Finish(ipSum + IpHeader.NetworkOrder(total) + IpHeader.NetworkOrder(id + index));
            }
            else
            {
                IpHeader.Write16(at + IpHeader.IPv6LengthAt, total - IpHeader.LengthIPv6);
            }
            byte* transportHeader = at + transport;
            // The pseudo header's length.
            ulong sum = transportSum + IpHeader.NetworkOrder(total - transport);
            if (isTcp)
            {
                uint number = sequence + (uint)(index * size);
                IpHeader.Write32(transportHeader + IpHeader.TcpSequenceAt, number);
                byte mine = flags;
                if (!isLast)
                    mine &= unchecked((byte)~(IpHeader.FlagFin | IpHeader.FlagPsh));
                if (!isFirst)
                    mine &= unchecked((byte)~IpHeader.FlagCwr);
                transportHeader[IpHeader.TcpFlagsAt] = mine;
                sum += Word(transportHeader, 4) + Word(transportHeader, 6) + Word(transportHeader, 12);
                *(ushort*)(transportHeader + IpHeader.TcpChecksumAt) = InternetChecksum.Finish(InternetChecksum.Add(sum, payload, length));
                return;
            }
            IpHeader.Write16(transportHeader + IpHeader.UdpLengthAt, total - transport);
            sum += Word(transportHeader, IpHeader.UdpLengthAt);
            ushort check = InternetChecksum.Finish(InternetChecksum.Add(sum, payload, length));
            // Zero would mean that there is none.
            *(ushort*)(transportHeader + IpHeader.UdpChecksumAt) = check == 0 ? (ushort)0xFFFF : check;
        }

        private static ulong Word(byte* start, int at) => *(ushort*)(start + at);
    }
}
