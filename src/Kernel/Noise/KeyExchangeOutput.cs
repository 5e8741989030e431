namespace AkkaOverlay.Kernel.Noise;

/// <summary>What a key exchange wants done, or wants known.</summary>
public abstract record KeyExchangeOutput
{
    private KeyExchangeOutput()
    {
    }

    /// <summary>To be sent to the peer. If it is lost, the exchange sends another one by itself.</summary>
    public sealed record Send(ReadOnlyMemory<byte> Datagram) : KeyExchangeOutput;

    /// <summary>A new session: an initiator's is the one to send on from now, a responder's waits for <see cref="Confirmed"/>.</summary>
    public sealed record Installed(TransportSession Session) : KeyExchangeOutput;

    /// <summary>The peer has shown that it has the keys: a responder's session is the one to send on from now.</summary>
    public sealed record Confirmed(TransportSession Session) : KeyExchangeOutput;

    /// <summary>The session's index is free and its keys are zeroed.</summary>
    public sealed record Retired(TransportSession Session) : KeyExchangeOutput;

    /// <summary>No answer for <see cref="SessionLimits.GiveUpAfter"/>: packets that wait may go.</summary>
    public sealed record GaveUp : KeyExchangeOutput;

    /// <summary>A datagram was refused, and changed nothing: to be counted.</summary>
    public sealed record Refused(HandshakeRefusal Reason) : KeyExchangeOutput;
}

/// <summary>Why a handshake datagram was refused.</summary>
public enum HandshakeRefusal
{
    /// <summary>Neither an initiation nor a response.</summary>
    Malformed,

    /// <summary>From somebody who does not know our public key.</summary>
    Mac,

    /// <summary>Not encrypted to our key, or not by the one who it claims to be from.</summary>
    Authentication,

    /// <summary>An initiation of a key that no peer has.</summary>
    UnknownPeer,

    /// <summary>A response to no initiation that is open: late, or a copy.</summary>
    UnknownIndex,

    /// <summary>An initiation that is not newer than the newest of its peer.</summary>
    Replayed,

    /// <summary>A peer's second initiation within <see cref="SessionLimits.FloodInterval"/>.</summary>
    Flood,
}

/// <summary>How far a key exchange is.</summary>
public enum KeyExchangeState
{
    /// <summary>No session, and nobody asked for one.</summary>
    None,

    /// <summary>No session to send on; initiations are sent until there is an answer.</summary>
    Initiating,

    /// <summary>A session to send on.</summary>
    Established,
}
