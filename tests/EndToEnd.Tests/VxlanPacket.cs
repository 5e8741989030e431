using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Packets as anybody can make them, with addresses of one's choice, of either family: UDP datagrams, VXLAN (RFC 7348) around them, and fragments.</summary>
internal static class VxlanPacket
{
    private const byte Udp = 17;
    private const byte FragmentHeader = 44;
    private const uint FragmentId = 4242;

    /// <param name="tag">An 802.1Q tag before the inner packet.</param>
    public static byte[] Of(uint vni, string mac, string source, string destination, int port, string text, ushort? tag = null)
    {
        byte[] header = new byte[16];
        header[0] = 0x08;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), vni << 8);
        byte[] to = [.. mac.Split(':').Select(octet => byte.Parse(octet, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))];
        to.CopyTo(header, 8);
        byte[] from = [0x02, 0, 0, 0, 0, 9];
        byte[] inner = Datagram(source, destination, port, Encoding.ASCII.GetBytes(text));
        byte[] tagged = tag is { } id ? [0x81, 0x00, (byte)(id >> 8), (byte)id] : [];
        byte[] type = inner[0] >> 4 == 4 ? [0x08, 0x00] : [0x86, 0xdd];
        return [.. header[..14], .. from, .. tagged, .. type, .. inner];
    }

    /// <summary>A whole IP packet with a UDP datagram in it.</summary>
    public static byte[] Datagram(string source, string destination, int port, byte[] payload)
    {
        IPAddress from = IPAddress.Parse(source), to = IPAddress.Parse(destination);
        byte[] udp = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(udp, 40000);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(2), (ushort)port);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(4), (ushort)udp.Length);
        payload.CopyTo(udp, 8);
        ushort sum = Checksum([.. from.GetAddressBytes(), .. to.GetAddressBytes(), 0, Udp, udp[4], udp[5], .. udp]);
        BinaryPrimitives.WriteUInt16BigEndian(udp.AsSpan(6), sum == 0 ? (ushort)0xffff : sum);
        return Packet(from, to, Udp, 0, udp);
    }

    /// <summary>In the calling thread's namespace, from any source address: the whole IP packet is made here.</summary>
    public static void Send(string source, string destination, int port, byte[] payload) => SendAsIs(Datagram(source, destination, port, payload));

    /// <summary>The same in two fragments.</summary>
    /// <param name="first">Octets of UDP in the first one; a multiple of 8.</param>
    public static void SendInFragments(string source, string destination, int port, byte[] payload, int first)
    {
        byte[] whole = Datagram(source, destination, port, payload);
        IPAddress from = IPAddress.Parse(source), to = IPAddress.Parse(destination);
        bool ipv4 = from.AddressFamily == AddressFamily.InterNetwork;
        byte[] udp = whole[(ipv4 ? 20 : 40)..];
        foreach (var (offset, part, more) in new[] { (0, udp[..first], true), (first, udp[first..], false) })
        {
            if (ipv4)
            {
                SendAsIs(Packet(from, to, Udp, (ushort)((offset >> 3) | (more ? 0x2000 : 0)), part));
                continue;
            }
            byte[] header = [Udp, 0, (byte)(offset >> 8), (byte)(offset | (more ? 1 : 0)), 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), FragmentId);
            SendAsIs(Packet(from, to, FragmentHeader, 0, [.. header, .. part]));
        }
    }

    /// <summary>An IP packet to the destination in its header.</summary>
    public static void SendAsIs(byte[] packet)
    {
        bool ipv4 = packet[0] >> 4 == 4;
        var destination = new IPAddress(ipv4 ? packet[16..20] : packet[24..40]);
        using var socket = new Socket(destination.AddressFamily, SocketType.Raw, ProtocolType.Raw);
        if (ipv4)
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.HeaderIncluded, true);
        socket.SendTo(packet, new IPEndPoint(destination, 0));
    }

    private static byte[] Packet(IPAddress from, IPAddress to, byte protocol, ushort fragment, byte[] payload)
    {
        bool ipv4 = from.AddressFamily == AddressFamily.InterNetwork;
        byte[] header = new byte[ipv4 ? 20 : 40];
        if (ipv4)
        {
            header[0] = 0x45;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(header.Length + payload.Length));
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)FragmentId);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(6), fragment);
            header[8] = 64;
            header[9] = protocol;
            from.GetAddressBytes().CopyTo(header, 12);
            to.GetAddressBytes().CopyTo(header, 16);
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Checksum(header));
        }
        else
        {
            header[0] = 0x60;
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(4), (ushort)payload.Length);
            header[6] = protocol;
            header[7] = 64;
            from.GetAddressBytes().CopyTo(header, 8);
            to.GetAddressBytes().CopyTo(header, 24);
        }
        return [.. header, .. payload];
    }

    private static ushort Checksum(ReadOnlySpan<byte> octets)
    {
        uint sum = 0;
        for (int i = 0; i < octets.Length; i++)
            sum += (uint)octets[i] << (i % 2 == 0 ? 8 : 0);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
