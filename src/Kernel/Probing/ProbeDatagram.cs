using System.Buffers.Binary;
using System.Net.Sockets;

namespace AkkaOverlay.Kernel.Probing;

public enum ProbeKind : byte
{
    Question = 1,
    Answer = 2,
}

/// <summary>
/// What a probe's UDP payload holds, in network byte order; zeros follow up to its size:
/// <code>
///  0  "AOP1"
///  4  kind: 1 question, 2 answer
///  5  zeros
///  8  token of whoever is asked; zeros in an answer
/// 16  nonce of the question
/// </code>
/// </summary>
public readonly struct ProbeDatagram(ProbeKind kind, ulong token, ulong nonce)
{
    /// <summary>Octets.</summary>
    public const int HeaderLength = 24;

    /// <summary>Octets of payload with which an IPv4 packet has 64, the least that Ethernet carries.</summary>
    public const int SmallPayload = 36;

    private const int KindAt = 4, TokenAt = 8, NonceAt = 16;

    public ProbeKind Kind => kind;

    public ulong Token => token;

    public ulong Nonce => nonce;

    private static ReadOnlySpan<byte> Magic => "AOP1"u8;

    /// <summary>Octets of the IP and UDP headers.</summary>
    public static int Headers(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? 48 : 28;

    /// <param name="payload">All of it is written; at least <see cref="HeaderLength"/>.</param>
    public void Write(Span<byte> payload)
    {
        payload.Clear();
        Magic.CopyTo(payload);
        payload[KindAt] = (byte)kind;
        BinaryPrimitives.WriteUInt64BigEndian(payload[TokenAt..], token);
        BinaryPrimitives.WriteUInt64BigEndian(payload[NonceAt..], nonce);
    }

    /// <returns>False for what is no probe.</returns>
    public static bool TryRead(ReadOnlySpan<byte> payload, out ProbeDatagram datagram)
    {
        datagram = default;
        if (payload.Length < HeaderLength || !payload.StartsWith(Magic) || payload[KindAt] is not ((byte)ProbeKind.Question or (byte)ProbeKind.Answer))
            return false;
        datagram = new ProbeDatagram((ProbeKind)payload[KindAt], BinaryPrimitives.ReadUInt64BigEndian(payload[TokenAt..]), BinaryPrimitives.ReadUInt64BigEndian(payload[NonceAt..]));
        return true;
    }
}
