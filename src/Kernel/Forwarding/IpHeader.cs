using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Fields of IPv4 (RFC 791), IPv6 (RFC 8200), TCP (RFC 9293) and UDP (RFC 768) headers at a pointer, whose length the caller has checked. Numbers are in the
/// machine's byte order unless a name ends in Raw.
/// </summary>
internal static unsafe class IpHeader
{
    public const int LeastIPv4 = 20, LengthIPv6 = 40, LeastTcp = 20, LengthUdp = 8;

    /// <summary>Octets that every link takes (RFC 8200, 5).</summary>
    public const int LeastMtuIPv6 = 1280;

    public const byte Icmp = 1, Tcp = 6, Udp = 17, IcmpIPv6 = 58;

    public const int IPv4LengthAt = 2, IPv4IdAt = 4, IPv4ChecksumAt = 10, IPv4SourceAt = 12, IPv6LengthAt = 4, IPv6SourceAt = 8;

    public const int TcpSequenceAt = 4, TcpFlagsAt = 13, TcpChecksumAt = 16, UdpLengthAt = 4, UdpChecksumAt = 6;

    public const byte FlagFin = 0x01, FlagPsh = 0x08, FlagAck = 0x10, FlagCwr = 0x80;

    private const ushort DontFragment = 0x4000, OffsetAndMore = 0x3FFF;

    public static int Version(byte* packet) => *packet >> 4;

    /// <summary>Octets of an IPv4 header with its options, as it says itself.</summary>
    public static int HeaderLengthIPv4(byte* packet) => (*packet & 0x0F) * 4;

    public static int TotalLengthIPv4(byte* packet) => Read16(packet + IPv4LengthAt);

    public static int TotalLengthIPv6(byte* packet) => LengthIPv6 + Read16(packet + IPv6LengthAt);

    public static bool HasDontFragment(byte* packet) => (Read16(packet + 6) & DontFragment) != 0;

    /// <summary>Any fragment, the first one too.</summary>
    public static bool IsFragment(byte* packet) => (Read16(packet + 6) & OffsetAndMore) != 0;

    public static uint SourceIPv4(byte* packet) => Read32(packet + IPv4SourceAt);

    public static uint DestinationIPv4(byte* packet) => Read32(packet + 16);

    public static UInt128 SourceIPv6(byte* packet) => Read128(packet + IPv6SourceAt);

    public static UInt128 DestinationIPv6(byte* packet) => Read128(packet + 24);

    public static int HeaderLengthTcp(byte* tcp) => (tcp[12] >> 4) * 4;

    public static uint Sequence(byte* tcp) => Read32(tcp + TcpSequenceAt);

    /// <summary>Sum of the pseudo header (RFC 9293, 3.1; RFC 8200, 8.1) without the length.</summary>
    public static ulong PseudoHeader(byte* packet, bool isIPv4, byte protocol)
    {
        ulong sum = isIPv4 ? InternetChecksum.Add(0, packet + IPv4SourceAt, 8) : InternetChecksum.Add(0, packet + IPv6SourceAt, 32);
        return sum + NetworkOrder(protocol);
    }

    /// <summary>A 16-bit number as it lies in a packet, for sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort NetworkOrder(int value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness((ushort)value) : (ushort)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Read16(byte* at) => NetworkOrder(Unsafe.ReadUnaligned<ushort>(at));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write16(byte* at, int value) => Unsafe.WriteUnaligned(at, NetworkOrder(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Read32(byte* at)
    {
        uint raw = Unsafe.ReadUnaligned<uint>(at);
        return BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(raw) : raw;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write32(byte* at, uint value) => Unsafe.WriteUnaligned(at, BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value);

    private static UInt128 Read128(byte* at) => BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(at, 16));
}
