using System.Runtime.CompilerServices;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Encrypts inner packets for one thread. What it gives out lies in its own memory, neighbours without a gap between them, until <see cref="Reset"/>.
/// </summary>
internal sealed unsafe class Sealer(int slot) : IDisposable
{
    /// <summary>Octets: several whole packets, in the processor's second cache.</summary>
    private const int Size = 4 * 65_536;

    private readonly NativeBuffer memory = new(Size);
    private int used;

    /// <summary>When this batch was begun, by the clock of the key exchange.</summary>
    public TimeSpan Now { get; set; }

    /// <param name="length">Octets of the datagram.</param>
    public bool HasRoom(int length) => used + length <= Size;

    /// <param name="header">The packet, or its first part.</param>
    /// <param name="payload">Its second part.</param>
    /// <returns>The datagram, longer than the packet by <see cref="WireFormat.DataOverhead"/>; null where there is no session that takes it.</returns>
    public byte* Seal(PeerKeyExchange keys, byte* header, int headerLength, byte* payload, int payloadLength)
    {
        int packet = headerLength + payloadLength, length = packet + WireFormat.DataOverhead;
        if (keys.Sending is not { } session || session.TryReserve(1, length, Now, out ulong counter) != ReserveResult.Reserved)
            return null;
        byte* start = memory.Start + used, at = start + WireFormat.DataHeaderLength;
        Unsafe.CopyBlockUnaligned(at, header, (uint)headerLength);
        if (payloadLength > 0)
            Unsafe.CopyBlockUnaligned(at + headerLength, payload, (uint)payloadLength);
        if (!session.Seal(counter, new ReadOnlySpan<byte>(at, packet), new Span<byte>(start, length), slot))
            return null;
        used += length;
        return start;
    }

    /// <summary>Everything that was given out has been sent.</summary>
    public void Reset() => used = 0;

    public void Dispose() => memory.Dispose();
}
