using System.Buffers.Binary;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>The nonce of AESGCM in Noise (revision 34, section 12.4): 32 zero bits and the counter, big-endian.</summary>
internal static class GcmNonce
{
    /// <summary>Octets.</summary>
    public const int Length = 12;

    public static void Write(Span<byte> nonce, ulong counter)
    {
        nonce[..4].Clear();
        BinaryPrimitives.WriteUInt64BigEndian(nonce[4..], counter);
    }
}
