namespace AkkaOverlay.Kernel.Noise;

/// <summary>Whether counters may be taken, and why not.</summary>
public enum ReserveResult
{
    Reserved,

    /// <summary>The peer has not shown yet that it has the keys.</summary>
    Unconfirmed,

    /// <summary>Older than <see cref="SessionLimits.RejectAfter"/>.</summary>
    Expired,

    /// <summary>It would seal more than <see cref="SessionLimits.RejectAfterMessages"/>.</summary>
    Exhausted,
}

public sealed partial class TransportSession
{
    private long _nextCounter;
    private long _messages;
    private long _keepalives;

    /// <summary>Counters taken for packets, keepalives not among them.</summary>
    internal long PacketsSent => Volatile.Read(ref _nextCounter) - Volatile.Read(ref _keepalives);

    /// <summary>Counters taken.</summary>
    internal long Sent => Volatile.Read(ref _nextCounter);

    /// <summary>
    /// Takes counters, each for one datagram and never given to anybody else: a super-packet takes those of all its segments at once. A counter that is
    /// not used is lost, which does no harm.
    /// </summary>
    /// <param name="count">1 or more.</param>
    /// <param name="datagramLength">
    /// Octets of the longest of the datagrams, header and tag among them: long ones count as several, see <see cref="SessionLimits.MessageLength"/>.
    /// </param>
    /// <param name="first">The first of <paramref name="count"/> counters that follow one another.</param>
    public ReserveResult TryReserve(int count, int datagramLength, TimeSpan now, out ulong first)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        first = 0;
        if (!_confirmed)
            return ReserveResult.Unconfirmed;
        if (HasExpired(now))
            return ReserveResult.Expired;
        if (!TrySpend(count * SessionLimits.MessagesIn(datagramLength)))
            return ReserveResult.Exhausted;
        first = (ulong)(Interlocked.Add(ref _nextCounter, count) - count);
        return ReserveResult.Reserved;
    }

    /// <summary>Writes header, ciphertext and tag. Allocates nothing but the slot's cipher, at its first use.</summary>
    /// <param name="counter">
    /// From <see cref="TryReserve"/>, and used once: a counter that seals two packets gives both away, and the key's authenticity with them.
    /// </param>
    /// <param name="plaintext">The packet, or nothing for a keepalive. It may lie in <paramref name="destination"/> at offset 16, and nowhere else in it.</param>
    /// <param name="destination">At least <see cref="WireFormat.DataOverhead"/> octets longer than the packet.</param>
    /// <param name="slot">0 to 63: the calling thread's own.</param>
    /// <returns>False where the session was zeroed meanwhile; nothing is to be sent then.</returns>
    /// <exception cref="ArgumentException">The destination is too short, the counter was never taken, or there is no such slot.</exception>
    public bool Seal(ulong counter, ReadOnlySpan<byte> plaintext, Span<byte> destination, int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        return SealIn(slot, counter, plaintext, destination);
    }

    /// <summary>True where it is time for another session: for either side by what it sealed, for the initiator by its age too.</summary>
    internal bool NeedsRekey(TimeSpan now) => Volatile.Read(ref _messages) >= SessionLimits.RekeyAfterMessages
        || (Role == HandshakeRole.Initiator && now - CreatedAt >= SessionLimits.RekeyAfter);

    /// <summary>True where it may be sent on.</summary>
    internal bool IsUsable(TimeSpan now) => _confirmed && !HasExpired(now) && Volatile.Read(ref _messages) < SessionLimits.RejectAfterMessages;

    /// <summary>An empty datagram, or null where the session refuses. For one thread at a time.</summary>
    internal byte[]? TrySealKeepalive(TimeSpan now)
    {
        if (TryReserve(1, WireFormat.DataOverhead, now, out ulong counter) != ReserveResult.Reserved)
            return null;
        Interlocked.Increment(ref _keepalives);
        var datagram = new byte[WireFormat.DataOverhead];
        return SealIn(SlotCiphers.OwnSlot, counter, [], datagram) ? datagram : null;
    }

    private bool SealIn(int slot, ulong counter, ReadOnlySpan<byte> plaintext, Span<byte> destination)
    {
        if (destination.Length < plaintext.Length + WireFormat.DataOverhead)
            throw new ArgumentException($"{plaintext.Length} octets need {plaintext.Length + WireFormat.DataOverhead}, not {destination.Length}.", nameof(destination));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(counter, (ulong)Volatile.Read(ref _nextCounter));
        if (_sending.Of(slot) is not { } cipher)
            return false;

        Span<byte> nonce = stackalloc byte[GcmNonce.Length];
        GcmNonce.Write(nonce, counter);
        WireFormat.WriteDataHeader(destination, RemoteIndex, counter);
        var body = destination.Slice(WireFormat.DataHeaderLength, plaintext.Length);
        try
        {
            cipher.Encrypt(nonce, plaintext, body, destination.Slice(WireFormat.DataHeaderLength + plaintext.Length, WireFormat.TagLength));
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private bool TrySpend(long messages)
    {
        long spent = Volatile.Read(ref _messages);
        while (spent + messages <= SessionLimits.RejectAfterMessages)
        {
            long seen = Interlocked.CompareExchange(ref _messages, spent + messages, spent);
            if (seen == spent)
                return true;
            spent = seen;
        }
        return false;
    }
}
