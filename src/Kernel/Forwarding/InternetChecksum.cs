using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// The Internet checksum (RFC 1071). Sums are of 16-bit words in the machine's own order, which changes nothing but the order in which the result is stored
/// (section 2 B), in 64 bits that are folded at the end.
/// </summary>
internal static unsafe class InternetChecksum
{
    /// <summary>Adds octets to a sum. A last odd octet is padded with zero, so only the last part of a packet may have an odd length.</summary>
    public static ulong Add(ulong sum, byte* data, int length)
    {
        if (Vector256.IsHardwareAccelerated && length >= 128)
        {
            var low = Vector256<ulong>.Zero;
            var high = Vector256<ulong>.Zero;
            var mask = Vector256.Create(0xFFFF_FFFFUL);
            byte* end = data + (length & ~127);
            for (; data < end; data += 128)
            {
                var a = Vector256.Load((ulong*)data);
                var b = Vector256.Load((ulong*)(data + 32));
                var c = Vector256.Load((ulong*)(data + 64));
                var d = Vector256.Load((ulong*)(data + 96));
                low += (a & mask) + (b & mask) + (c & mask) + (d & mask);
                high += (a >>> 32) + (b >>> 32) + (c >>> 32) + (d >>> 32);
            }
            sum += Vector256.Sum(low) + Vector256.Sum(high);
            length &= 127;
        }
        for (; length >= 8; length -= 8, data += 8)
        {
            ulong word = *(ulong*)data;
            sum += (word & 0xFFFF_FFFF) + (word >> 32);
        }
        if (length >= 4)
        {
            sum += *(uint*)data;
            data += 4;
            length -= 4;
        }
        if (length >= 2)
        {
            sum += *(ushort*)data;
            data += 2;
            length -= 2;
        }
        return length == 0 ? sum : sum + (BitConverter.IsLittleEndian ? *data : (uint)*data << 8);
    }

    /// <summary>Folds the carries in: 16 bits, not inverted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    /// <summary>What goes into the packet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort Finish(ulong sum) => (ushort)~Fold(sum);
}
