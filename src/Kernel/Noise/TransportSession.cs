namespace AkkaOverlay.Kernel.Noise;

/// <summary>Which side of the handshake a session comes from.</summary>
public enum HandshakeRole
{
    Initiator,
    Responder,
}

/// <summary>
/// What a finished handshake yields: a key for each direction, for three minutes at most. Any thread may seal and open at any time, as long as it names a
/// slot that no other thread uses meanwhile. Times are of one monotonic clock, from whatever origin.
/// </summary>
public sealed partial class TransportSession : IDisposable
{
    /// <summary>Slots that threads may name: 0 to 63.</summary>
    public const int Slots = 64;

    private readonly SlotCiphers _sending;
    private readonly SlotCiphers _receiving;
    private volatile bool _confirmed;

    internal TransportSession(uint localIndex, uint remoteIndex, HandshakeRole role, ReadOnlySpan<byte> sendKey, ReadOnlySpan<byte> receiveKey, TimeSpan createdAt)
    {
        (LocalIndex, RemoteIndex, Role, CreatedAt) = (localIndex, remoteIndex, role, createdAt);
        _sending = new SlotCiphers(sendKey);
        _receiving = new SlotCiphers(receiveKey);
        // The responder's message proved to the initiator that it has the keys; the responder has yet to see such proof.
        _confirmed = role == HandshakeRole.Initiator;
    }

    /// <summary>What the peer writes into its data datagrams to us.</summary>
    public uint LocalIndex { get; }

    /// <summary>What we write into our data datagrams to the peer.</summary>
    public uint RemoteIndex { get; }

    public HandshakeRole Role { get; }

    public TimeSpan CreatedAt { get; }

    /// <summary>
    /// False for a responder's session before the initiator's first authentic datagram, which has to be told to
    /// <see cref="PeerKeyExchange.Confirm"/>; until then nothing may be sent on it.
    /// </summary>
    public bool IsConfirmed => _confirmed;

    /// <summary>Too old for either direction.</summary>
    public bool HasExpired(TimeSpan now) => now - CreatedAt >= SessionLimits.RejectAfter;

    /// <summary>Zeroes the keys. A thread that is in the middle of something gets a refusal.</summary>
    public void Dispose()
    {
        _sending.Dispose();
        _receiving.Dispose();
    }

    internal void SetConfirmed() => _confirmed = true;
}
