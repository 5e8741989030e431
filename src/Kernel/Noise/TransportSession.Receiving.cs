using System.Security.Cryptography;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>Whether a data datagram was opened, and why not.</summary>
public enum OpenResult
{
    Opened,

    /// <summary>Shorter than header and tag.</summary>
    TooShort,

    /// <summary>Not a data datagram, or one of another session.</summary>
    WrongIndex,

    /// <summary>The session is too old or zeroed, or the counter is beyond what a session may seal.</summary>
    Expired,

    /// <summary>The tag is not that of this header and ciphertext under this key.</summary>
    Authentication,

    /// <summary>Authentic, but here before, or 8,192 or more behind the newest, where nobody can tell.</summary>
    Replay,
}

/// <param name="Length">Octets of the packet, 0 for a keepalive and for what was refused.</param>
public readonly record struct OpenedDatagram(OpenResult Result, int Length);

public sealed partial class TransportSession
{
    private readonly Lock _windowGate = new();
    private readonly ReplayWindow _window = new();
    private long _received;
    private long _packetsReceived;

    /// <summary>Authentic datagrams that came for the first time.</summary>
    internal long Received => Volatile.Read(ref _received);

    /// <summary>Those of them that were no keepalives.</summary>
    internal long PacketsReceived => Volatile.Read(ref _packetsReceived);

    /// <summary>Opens one datagram. Allocates nothing, unless the tag is wrong: then the runtime throws inside, which costs several packets' time.</summary>
    /// <param name="destination">
    /// Room for the datagram less 32 octets. It may be the datagram from offset 16 on, and nowhere else in it. Whatever is in it after a refusal is not to
    /// be used.
    /// </param>
    /// <param name="length">Octets of the packet, 0 for a keepalive.</param>
    /// <param name="slot">0 to 63: the calling thread's own.</param>
    /// <exception cref="ArgumentException">The destination is too short, or there is no such slot.</exception>
    public OpenResult TryOpen(ReadOnlySpan<byte> datagram, Span<byte> destination, out int length, TimeSpan now, int slot)
    {
        var result = Decrypt(datagram, destination, out length, now, slot);
        if (result != OpenResult.Opened)
            return result;
        lock (_windowGate)
            result = Accept(datagram, length);
        if (result != OpenResult.Opened)
            length = 0;
        return result;
    }

    /// <summary>
    /// Opens datagrams that lie one after another, as UDP_GRO (udp(7)) delivers them, all of one size but for a shorter last one; the replay window is
    /// locked once for all. One that is <see cref="OpenResult.WrongIndex"/> is untouched and may belong to another session.
    /// </summary>
    /// <param name="size">Octets of each datagram.</param>
    /// <param name="destination">
    /// Packet i is written at i times <paramref name="stride"/>. With the datagrams from offset 16 on and a stride of <paramref name="size"/> each is opened
    /// where it lies.
    /// </param>
    /// <param name="results">Gets one result for each datagram.</param>
    /// <returns>How many were opened.</returns>
    /// <exception cref="ArgumentException">The destination or the results are too short, the size is not positive, or there is no such slot.</exception>
    public int OpenBatch(ReadOnlySpan<byte> datagrams, int size, Span<byte> destination, int stride, Span<OpenedDatagram> results, TimeSpan now, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(stride);
        int count = (datagrams.Length + size - 1) / size;
        if (results.Length < count)
            throw new ArgumentException($"{count} datagrams need as many results, not {results.Length}.", nameof(results));
        for (int i = 0; i < count; i++)
        {
            var result = Decrypt(DatagramAt(datagrams, i, size), destination[Math.Min(i * stride, destination.Length)..], out int length, now, slot);
            results[i] = new OpenedDatagram(result, length);
        }

        int opened = 0;
        lock (_windowGate)
        {
            for (int i = 0; i < count; i++)
            {
                if (results[i].Result != OpenResult.Opened)
                    continue;
                var result = Accept(DatagramAt(datagrams, i, size), results[i].Length);
                if (result == OpenResult.Opened)
                    opened++;
                else
                    results[i] = new OpenedDatagram(result, 0);
            }
        }
        return opened;
    }

    private static ReadOnlySpan<byte> DatagramAt(ReadOnlySpan<byte> datagrams, int i, int size) =>
        datagrams.Slice(i * size, Math.Min(size, datagrams.Length - (i * size)));

    private OpenResult Decrypt(ReadOnlySpan<byte> datagram, Span<byte> destination, out int length, TimeSpan now, int slot)
    {
        length = 0;
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        if (datagram.Length < WireFormat.DataOverhead)
            return OpenResult.TooShort;
        if (WireFormat.TypeOf(datagram) != DatagramType.Data || WireFormat.IndexOfData(datagram) != LocalIndex)
            return OpenResult.WrongIndex;
        ulong counter = WireFormat.CounterOfData(datagram);
        if (HasExpired(now) || counter >= SessionLimits.RejectAfterMessages || _receiving.Of(slot) is not { } cipher)
            return OpenResult.Expired;
        int packet = datagram.Length - WireFormat.DataOverhead;
        if (destination.Length < packet)
            throw new ArgumentException($"The packet has {packet} octets, the destination {destination.Length}.", nameof(destination));

        Span<byte> nonce = stackalloc byte[GcmNonce.Length];
        GcmNonce.Write(nonce, counter);
        var body = datagram.Slice(WireFormat.DataHeaderLength, packet);
        try
        {
            cipher.Decrypt(nonce, body, datagram[^WireFormat.TagLength..], destination[..packet]);
        }
        catch (AuthenticationTagMismatchException)
        {
            return OpenResult.Authentication;
        }
        catch (ObjectDisposedException)
        {
            return OpenResult.Expired;
        }
        length = packet;
        return OpenResult.Opened;
    }

    /// <summary>After the tag only: a window that believed unauthenticated counters could be moved past everything by anybody.</summary>
    private OpenResult Accept(ReadOnlySpan<byte> datagram, int length)
    {
        if (!_window.TryAccept(WireFormat.CounterOfData(datagram)))
            return OpenResult.Replay;
        _received++;
        if (length > 0)
            _packetsReceived++;
        return OpenResult.Opened;
    }
}
