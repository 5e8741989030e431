using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>An IPv4 packet, octet by octet (RFC 791), and the Ethernet frames and packets that it is in.</summary>
internal static class WirePacket
{
    public const byte Icmp = 1, IPv4InIPv4 = 4;

    private const int EthernetHeader = 14, Header = 20;
    private const byte TtlOctet = 8, ChecksumOctet = 10;

    /// <summary>The frame's type, as 0x0800 for IPv4.</summary>
    public static ushort TypeOf(byte[] frame) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12));

    public static byte[] In(byte[] frame) => frame[EthernetHeader..];

    /// <summary>What stands behind an IPv4 header without options.</summary>
    public static byte[] Payload(byte[] packet) => packet[Header..];

    public static byte Protocol(byte[] packet) => packet[9];

    public static string Source(byte[] packet) => new IPAddress(packet[12..16]).ToString();

    public static string Destination(byte[] packet) => new IPAddress(packet[16..20]).ToString();

    /// <summary>Between whom a UDP datagram goes, of either family: IPv4 without options, IPv6 without extension headers.</summary>
    public static (IPEndPoint From, IPEndPoint To) UdpEnds(byte[] packet)
    {
        bool ipv4 = packet[0] >> 4 == 4;
        var (source, destination, udp) = ipv4 ? (12..16, 16..20, packet[Header..]) : (8..24, 24..40, packet[40..]);
        return (
            new IPEndPoint(new IPAddress(packet[source]), BinaryPrimitives.ReadUInt16BigEndian(udp)),
            new IPEndPoint(new IPAddress(packet[destination]), BinaryPrimitives.ReadUInt16BigEndian(udp.AsSpan(2))));
    }

    /// <summary>An ICMP echo request in a packet whose header no kernel would choose by itself.</summary>
    /// <param name="flags">The 16 bits with DF and the fragment's offset.</param>
    public static byte[] EchoRequest(IPAddress source, IPAddress destination, ushort id, ushort flags, byte trafficClass, byte[] payload)
    {
        byte[] echo = [8, 0, 0, 0, 0x12, 0x34, 0, 1, .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(echo.AsSpan(2), Checksum(echo));
        byte[] packet = [0x45, trafficClass, 0, 0, 0, 0, 0, 0, 64, Icmp, 0, 0, .. source.GetAddressBytes(), .. destination.GetAddressBytes(), .. echo];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), flags);
        return WithTtl(packet, 64);
    }

    /// <summary>As a router passes it on, the checksum made anew.</summary>
    public static byte[] WithTtl(byte[] packet, byte ttl)
    {
        byte[] passed = [.. packet];
        passed[TtlOctet] = ttl;
        passed.AsSpan(ChecksumOctet, 2).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(passed.AsSpan(ChecksumOctet), Checksum(passed.AsSpan(0, Header)));
        return passed;
    }

    /// <summary>In the calling thread's namespace, as it stands (raw(7), IP_HDRINCL).</summary>
    public static void Send(byte[] packet)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw);
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        socket.SendTo(packet, new IPEndPoint(new IPAddress(packet[16..20]), 0));
    }

    /// <summary>RFC 1071; 0 over octets that hold their own checksum.</summary>
    public static ushort Checksum(ReadOnlySpan<byte> octets)
    {
        uint sum = 0;
        for (int i = 0; i < octets.Length; i++)
            sum += (uint)octets[i] << (i % 2 == 0 ? 8 : 0);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
