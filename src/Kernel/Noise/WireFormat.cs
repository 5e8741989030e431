using System.Buffers.Binary;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>The first octet of a datagram. Below 16, so that a plain IP packet, which begins with version 4 or 6 in the upper half, is never taken for one.</summary>
public enum DatagramType : byte
{
    Initiation = 1,
    Response = 2,
    Data = 4,
}

/// <summary>
/// What is on the wire. Roles and sizes are those of the WireGuard paper (section 5.4), the content is ours: the two cannot talk to each other.
/// <code>
/// offset  initiation (136 octets)          response (76 octets)             data (32 octets and the packet)
///      0  1                                2                                4
///      1  zero, 3 octets                   zero, 3 octets                   zero, 3 octets
///      4  sender's index, u32              sender's index, u32              receiver's index, u32
///      8  Noise message 1, 112 octets:     receiver's index, u32            counter, u64 at 8
///     12    ephemeral key, 32              Noise message 2, 48 octets:
///     16    static key, 32 + tag             ephemeral key, 32              ciphertext, as long as the packet
///           time, 16 + tag                   tag of nothing                 tag, 16 octets, at the end
///    end  mac1, 16 octets                  mac1, 16 octets
/// </code>
/// The numbers of the headers are little-endian. Handshakes have exactly these lengths. A data datagram without a packet keeps a session alive and
/// confirms it. The header of a data datagram needs no place in the tag: the index chooses the key, the counter is the nonce, the rest is compared.
/// </summary>
public static class WireFormat
{
    /// <summary>Octets of the tag of AES-GCM.</summary>
    public const int TagLength = 16;

    public const int DataHeaderLength = 16;

    /// <summary>Octets that a packet grows by on its way.</summary>
    public const int DataOverhead = DataHeaderLength + TagLength;

    internal const int InitiationLength = InitiationHeaderLength + HandshakeState.FirstOverhead + InitiationTime.Length + Mac1.Length;
    internal const int ResponseLength = ResponseHeaderLength + HandshakeState.SecondOverhead + Mac1.Length;

    private const int InitiationHeaderLength = 8;
    private const int ResponseHeaderLength = 12;

    /// <summary>What both sides must mean alike, else no handshake succeeds (Noise, section 6).</summary>
    internal static ReadOnlySpan<byte> Prologue => "akka-overlay udp 1"u8;

    /// <summary>The kind of a datagram, or null for one that cannot be ours. Says nothing of who sent it.</summary>
    public static DatagramType? TypeOf(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length < sizeof(uint))
            return null;
        // The type and its three zeros at once.
        return BinaryPrimitives.ReadUInt32LittleEndian(datagram) switch
        {
            (uint)DatagramType.Initiation when datagram.Length == InitiationLength => DatagramType.Initiation,
            (uint)DatagramType.Response when datagram.Length == ResponseLength => DatagramType.Response,
            (uint)DatagramType.Data when datagram.Length >= DataOverhead => DatagramType.Data,
            _ => null,
        };
    }

    /// <summary>The index that the receiver of a data datagram finds its session by: see <see cref="SessionIndex.Find"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 8 octets.</exception>
    public static uint IndexOfData(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt32LittleEndian(datagram[4..]);

    internal static ulong CounterOfData(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt64LittleEndian(datagram[8..]);

    internal static uint SenderIndex(ReadOnlySpan<byte> handshake) => BinaryPrimitives.ReadUInt32LittleEndian(handshake[4..]);

    internal static uint ReceiverIndexOfResponse(ReadOnlySpan<byte> response) => BinaryPrimitives.ReadUInt32LittleEndian(response[8..]);

    internal static Span<byte> NoiseOfInitiation(Span<byte> initiation) => initiation[InitiationHeaderLength..^Mac1.Length];

    internal static ReadOnlySpan<byte> NoiseOfInitiation(ReadOnlySpan<byte> initiation) => initiation[InitiationHeaderLength..^Mac1.Length];

    internal static Span<byte> NoiseOfResponse(Span<byte> response) => response[ResponseHeaderLength..^Mac1.Length];

    internal static ReadOnlySpan<byte> NoiseOfResponse(ReadOnlySpan<byte> response) => response[ResponseHeaderLength..^Mac1.Length];

    internal static void WriteInitiationHeader(Span<byte> initiation, uint sender)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(initiation, (uint)DatagramType.Initiation);
        BinaryPrimitives.WriteUInt32LittleEndian(initiation[4..], sender);
    }

    internal static void WriteResponseHeader(Span<byte> response, uint sender, uint receiver)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(response, (uint)DatagramType.Response);
        BinaryPrimitives.WriteUInt32LittleEndian(response[4..], sender);
        BinaryPrimitives.WriteUInt32LittleEndian(response[8..], receiver);
    }

    internal static void WriteDataHeader(Span<byte> datagram, uint receiver, ulong counter)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(datagram, (uint)DatagramType.Data);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[4..], receiver);
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[8..], counter);
    }
}
