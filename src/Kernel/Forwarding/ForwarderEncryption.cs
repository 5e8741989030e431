using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>What the loops hand to whoever exchanges the keys. Called by the loops' own threads: it must do no more than pass it on.</summary>
public interface IKeyExchangeDesk
{
    /// <summary>An initiation or a response came, from anybody. <see cref="ForwarderEncryption.Handled"/> is to be called when it was dealt with.</summary>
    void Handshake(byte[] datagram);

    /// <summary>A packet waits for a session with this peer.</summary>
    void Wanted(PeerKeyExchange peer);

    /// <summary>The first authentic datagram was opened on a session.</summary>
    void Opened(SessionEntry entry);
}

/// <summary>What the loops of an encrypted network have in common: the sessions, and the way to and from the key exchange. Any thread may call anything.</summary>
public sealed class ForwarderEncryption(NoiseEndpoint endpoint, IKeyExchangeDesk desk)
{
    /// <summary>Handshakes that may wait to be dealt with, each of which can cost an X25519, and how many may be there for one of a stranger to join them.</summary>
    private const int MostWaiting = 1024, MostWaitingForStrangers = 256;

    private readonly Lock gate = new();
    private volatile ForwarderLoop[] loops = [];
    private int waiting;

    public NoiseEndpoint Endpoint { get; } = endpoint;

    /// <summary>Sends a datagram of the key exchange by one of the loops' sockets.</summary>
    /// <returns>False where no loop could: it will be repeated.</returns>
    public bool Send(ForwardingPeer peer, ReadOnlySpan<byte> datagram)
    {
        foreach (var loop in loops)
        {
            if (loop.Send(peer, datagram))
                return true;
        }
        return false;
    }

    /// <summary>There is a session that was not there: packets that wait may go.</summary>
    public void Wake()
    {
        foreach (var loop in loops)
            loop.Wake();
    }

    /// <summary>One handshake less waits.</summary>
    public void Handled() => Interlocked.Decrement(ref waiting);

    /// <summary>Gives the loop's queue number, which is a slot of every session's ciphers, to this loop alone until <see cref="Remove"/>.</summary>
    /// <exception cref="InvalidOperationException">Another loop has it: two threads at one cipher could use a nonce twice.</exception>
    internal void Add(ForwarderLoop loop)
    {
        lock (gate)
        {
            if (loops.Any(other => other.Queue == loop.Queue))
                throw new InvalidOperationException($"Queue {loop.Queue} is served still by a loop that has not ended.");
            loops = [.. loops, loop];
        }
    }

    internal void Remove(ForwarderLoop loop)
    {
        lock (gate)
            loops = [.. loops.Where(other => other != loop)];
    }

    /// <returns>False where too many wait already: it is dropped.</returns>
    internal bool TryPass(ReadOnlySpan<byte> handshake, bool ofStranger)
    {
        if (Interlocked.Increment(ref waiting) > (ofStranger ? MostWaitingForStrangers : MostWaiting))
        {
            Interlocked.Decrement(ref waiting);
            return false;
        }
        desk.Handshake(handshake.ToArray());
        return true;
    }

    internal void Want(PeerKeyExchange peer) => desk.Wanted(peer);

    internal void Opened(SessionEntry entry) => desk.Opened(entry);
}
