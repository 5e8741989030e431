using System.Collections.Immutable;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// Keeps one peer and us in fresh keys: a pure state machine after section 6 of the WireGuard paper, with time passed in.
/// <code>
///             our initiation answered                 the peer's initiation
///                      │                                       │ next: receives only
///                      ▼                                       ▼
///   previous ◀──── current ◀──────── first authentic data ─── next
///   receives only   sends and receives                  (Confirm)
/// </code>
/// Where both sides initiate at once, the one with the smaller public key goes through with it: the other takes its own initiation back. Deviations from
/// WireGuard are in docs/decisions/16-encryption.md. Any thread may call anything; what a call returns is to be carried out by the caller.
/// </summary>
public sealed partial class PeerKeyExchange
{
    private readonly NoiseEndpoint _local;
    private readonly Lock _gate = new();
    private readonly List<KeyExchangeOutput> _outputs = [];
    private Identity _identity;
    private SessionEntry? _current;
    private SessionEntry? _previous;
    private SessionEntry? _next;
    private InitiationTime? _newest;
    private bool _ended;

    internal PeerKeyExchange(NoiseEndpoint local, PublicKey key, InitiationTime? newest, object? tag)
    {
        (_local, _newest, Tag) = (local, newest, tag);
        _identity = new Identity(key, new Mac1(key));
    }

    /// <summary>The peer's static public key.</summary>
    public PublicKey Key => Volatile.Read(ref _identity).Key;

    /// <summary>Whatever the owner wants to find again by a datagram: not used here.</summary>
    public object? Tag { get; }

    /// <summary>
    /// The session to send on, read without a lock; null where there is none, and then <see cref="WantToSend"/> is to be called. Its
    /// <see cref="TransportSession.TryReserve"/> may refuse all the same, with the same consequence.
    /// </summary>
    public TransportSession? Sending => Volatile.Read(ref _current)?.Session;

    public KeyExchangeState StateAt(TimeSpan now)
    {
        lock (_gate)
        {
            return HasUsable(now) ? KeyExchangeState.Established
                : _wantedAt is not null ? KeyExchangeState.Initiating
                : KeyExchangeState.None;
        }
    }

    /// <summary>
    /// There is a packet and no session that takes it, or one that is nearly used up. Initiates, unless the last handshake datagram is younger than 5 s.
    /// </summary>
    public ImmutableArray<KeyExchangeOutput> WantToSend(TimeSpan now)
    {
        lock (_gate)
        {
            if (!_ended && !(HasUsable(now) && !_current!.Session!.NeedsRekey(now)))
                Want(now);
            return Drain();
        }
    }

    /// <summary>An authentic datagram was opened on a session that <see cref="TransportSession.IsConfirmed"/> denied. Telling it twice does no harm.</summary>
    public ImmutableArray<KeyExchangeOutput> Confirm(TransportSession session)
    {
        ArgumentNullException.ThrowIfNull(session);
        lock (_gate)
        {
            if (!_ended && !session.IsConfirmed)
                OnConfirmed(session);
            return Drain();
        }
    }

    /// <summary>To be called about once a second: retries, gives up, replaces sessions that are nearly used up, keeps alive, zeroes what is too old.</summary>
    public ImmutableArray<KeyExchangeOutput> Tick(TimeSpan now)
    {
        lock (_gate)
        {
            if (!_ended)
                OnTick(now);
            return Drain();
        }
    }

    /// <summary>The peer has another key: nothing of the old one remains.</summary>
    /// <param name="newest">The newest initiation that was accepted of the new key.</param>
    /// <param name="before">That of the old one.</param>
    internal ImmutableArray<KeyExchangeOutput> ChangeKey(PublicKey key, InitiationTime? newest, out InitiationTime? before)
    {
        lock (_gate)
        {
            Forget();
            before = _newest;
            _newest = newest;
            Volatile.Write(ref _identity, new Identity(key, new Mac1(key)));
            return Drain();
        }
    }

    /// <param name="newest">The newest initiation that was accepted.</param>
    internal ImmutableArray<KeyExchangeOutput> End(out InitiationTime? newest)
    {
        lock (_gate)
        {
            Forget();
            _ended = true;
            newest = _newest;
            return Drain();
        }
    }

    private bool HasUsable(TimeSpan now) => _current?.Session is { } session && session.IsUsable(now);

    private void OnConfirmed(TransportSession session)
    {
        session.SetConfirmed();
        if (_next?.Session != session)
            return;
        Retire(ref _previous);
        _previous = _current;
        Volatile.Write(ref _current, _next);
        _next = null;
        // A session that is fresh and works makes our own attempt pointless.
        CloseInitiation();
        (_wantedAt, _attempts) = (null, 0);
        _outputs.Add(new KeyExchangeOutput.Confirmed(session));
    }

    private void Retire(ref SessionEntry? entry)
    {
        if (entry is not { Session: { } session })
            return;
        _local.Sessions.Release(entry);
        Volatile.Write(ref entry, null);
        session.Dispose();
        CountRetired(session);
        _outputs.Add(new KeyExchangeOutput.Retired(session));
    }

    private void Forget()
    {
        Retire(ref _next);
        Retire(ref _current);
        Retire(ref _previous);
        CloseInitiation();
        ResetTimers();
    }

    private ImmutableArray<KeyExchangeOutput> Drain()
    {
        if (_outputs.Count == 0)
            return [];
        ImmutableArray<KeyExchangeOutput> outputs = [.. _outputs];
        _outputs.Clear();
        return outputs;
    }

    /// <summary>One object, so that a thread that reads the key while it changes does not see half of each.</summary>
    private sealed record Identity(PublicKey Key, Mac1 Mac);
}
