using System.Buffers.Binary;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// ICMP echo (RFC 792; RFC 4443, section 4) whose payload tells whose it is: 8 octets of a token, 8 of the full sequence number, zeros.
/// </summary>
/// <param name="Token">Of the one that waits for the reply.</param>
internal readonly record struct EchoPacket(ushort Id, ulong Token, long Sequence)
{
    /// <summary>Octets of payload: at least those with a meaning, at most what an IPv4 packet holds.</summary>
    public const int DefaultPayload = 56, SmallestPayload = 16, LargestPayload = 65_507;

    private const int Header = 8;
    private const byte EchoReply4 = 0, EchoRequest4 = 8, EchoRequest6 = 128, EchoReply6 = 129;

    public byte[] Request(bool ipv6, int payload)
    {
        byte[] packet = new byte[Header + payload];
        packet[0] = ipv6 ? EchoRequest6 : EchoRequest4;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), Id);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)Sequence);
        BinaryPrimitives.WriteUInt64BigEndian(packet.AsSpan(8), Token);
        BinaryPrimitives.WriteInt64BigEndian(packet.AsSpan(16), Sequence);
        // ICMPv6's checksum covers a pseudo header, and the kernel fills it in (RFC 3542, section 3.1).
        if (!ipv6)
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), Checksum(packet));
        return packet;
    }

    /// <summary>Null where it is no echo reply of ours.</summary>
    /// <param name="packet">From a raw socket: with the IPv4 header, without the IPv6 header (raw(7), RFC 3542, section 3).</param>
    public static EchoPacket? ReadReply(ReadOnlySpan<byte> packet, bool ipv6)
    {
        if (!ipv6)
        {
            int header = packet.Length == 0 ? 0 : (packet[0] & 0xf) * 4;
            if (packet.Length < header)
                return null;
            packet = packet[header..];
        }
        if (packet.Length < Header + SmallestPayload || packet[0] != (ipv6 ? EchoReply6 : EchoReply4) || packet[1] != 0)
            return null;
        long sequence = BinaryPrimitives.ReadInt64BigEndian(packet[16..]);
        return BinaryPrimitives.ReadUInt16BigEndian(packet[6..]) == (ushort)sequence
            ? new EchoPacket(BinaryPrimitives.ReadUInt16BigEndian(packet[4..]), BinaryPrimitives.ReadUInt64BigEndian(packet[8..]), sequence)
            : null;
    }

    /// <summary>RFC 1071.</summary>
    internal static ushort Checksum(ReadOnlySpan<byte> octets)
    {
        uint sum = 0;
        for (int i = 0; i < octets.Length; i += 2)
            sum += i + 1 < octets.Length ? BinaryPrimitives.ReadUInt16BigEndian(octets[i..]) : (uint)(octets[i] << 8);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}
