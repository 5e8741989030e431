using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace AkkaOverlay.Kernel.Noise;

/// <param name="Peer">
/// Whom the datagram was found to be from; null where it was refused before. Only an output other than <see cref="KeyExchangeOutput.Refused"/> proves it.
/// </param>
public readonly record struct HandshakeOutcome(PeerKeyExchange? Peer, ImmutableArray<KeyExchangeOutput> Outputs);

/// <summary>
/// A host's end of all its encrypted tunnels: its static key, its peers by theirs, and the sessions. Peers are those that were added, so a stranger with
/// our public key gets as far as one X25519, and no answer. Any thread may call anything.
/// </summary>
public sealed class NoiseEndpoint : IDisposable
{
    private readonly ConcurrentDictionary<PublicKey, PeerKeyExchange> _peers = new();

    // What a peer that was removed had reached: should it be added again, its old initiations are refused as before.
    private readonly Dictionary<PublicKey, InitiationTime> _newest = [];
    private readonly Lock _gate = new();
    private readonly Mac1 _mac;
    private readonly ulong _epoch;
    private readonly Random _random;
    private ulong _initiations;

    /// <param name="key">Ours; stays the caller's to dispose.</param>
    /// <param name="epoch">
    /// Greater than at every earlier start with this key, else peers refuse our initiations: max(the last + 1, unix seconds), on disk before this is called.
    /// </param>
    /// <param name="random">For the jitter of retries only; null for the shared one.</param>
    public NoiseEndpoint(StaticKey key, ulong epoch, Random? random = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        (Key, _epoch, _random) = (key, epoch, random ?? Random.Shared);
        _mac = new Mac1(key.PublicKey);
    }

    public StaticKey Key { get; }

    /// <summary>For data datagrams: find the session by <see cref="WireFormat.IndexOfData"/>, open it, and confirm it where it is not.</summary>
    public SessionIndex Sessions { get; } = new();

    public PeerKeyExchange? Find(PublicKey key) => _peers.GetValueOrDefault(key);

    /// <summary>Makes a peer known; nothing is sent until it wants to.</summary>
    /// <param name="tag">See <see cref="PeerKeyExchange.Tag"/>.</param>
    /// <exception cref="ArgumentException">The key is our own, another peer's, or a point of small order, of which anybody knows the shared secret.</exception>
    public PeerKeyExchange Add(PublicKey key, object? tag = null)
    {
        Check(key);
        lock (_gate)
        {
            var peer = new PeerKeyExchange(this, key, NewestOf(key), tag);
            return _peers.TryAdd(key, peer) ? peer : throw new ArgumentException($"Another peer has the key {key}.", nameof(key));
        }
    }

    /// <summary>The peer came back with another static key: its sessions end at once. With the key that it has nothing happens.</summary>
    /// <exception cref="ArgumentException">As of <see cref="Add"/>, or the peer was removed.</exception>
    public ImmutableArray<KeyExchangeOutput> ChangeKey(PeerKeyExchange peer, PublicKey key)
    {
        ArgumentNullException.ThrowIfNull(peer);
        Check(key);
        lock (_gate)
        {
            if (_peers.GetValueOrDefault(peer.Key) != peer)
                throw new ArgumentException($"{peer.Key} is no peer.", nameof(peer));
            var before = peer.Key;
            if (key == before)
                return [];
            if (!_peers.TryAdd(key, peer))
                throw new ArgumentException($"Another peer has the key {key}.", nameof(key));
            var outputs = peer.ChangeKey(key, NewestOf(key), out var newest);
            _peers.TryRemove(before, out _);
            Remember(before, newest);
            return outputs;
        }
    }

    /// <summary>Ends a peer's sessions and forgets it; removing it twice does nothing.</summary>
    public ImmutableArray<KeyExchangeOutput> Remove(PeerKeyExchange peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        lock (_gate)
        {
            if (!_peers.TryRemove(KeyValuePair.Create(peer.Key, peer)))
                return [];
            var outputs = peer.End(out var newest);
            Remember(peer.Key, newest);
            return outputs;
        }
    }

    /// <summary>
    /// Whether an initiation or a response, which it must be by its type, was made by somebody who knows our public key: one hash, no allocation. It proves no more.
    /// </summary>
    public bool HasMac(ReadOnlySpan<byte> datagram) => _mac.Verify(datagram);

    /// <summary>The entry point for initiations and responses, whoever sent them. Whatever is in the datagram, this does not throw.</summary>
    public HandshakeOutcome Handle(ReadOnlySpan<byte> datagram, TimeSpan now) => WireFormat.TypeOf(datagram) switch
    {
        DatagramType.Initiation or DatagramType.Response when !_mac.Verify(datagram) => Refuse(HandshakeRefusal.Mac),
        DatagramType.Initiation => OnInitiation(datagram, now),
        DatagramType.Response => OnResponse(datagram, now),
        _ => Refuse(HandshakeRefusal.Malformed),
    };

    /// <summary>Ends all peers and zeroes their keys, but not the static one.</summary>
    public void Dispose() => RemoveAll();

    /// <summary>As <see cref="Remove"/>, of all peers. Others may be added.</summary>
    public void RemoveAll()
    {
        foreach (var peer in _peers.Values)
            Remove(peer);
    }

    internal InitiationTime NextInitiationTime() => new(_epoch, Interlocked.Increment(ref _initiations));

    /// <summary>0 to 1.</summary>
    internal double Jitter()
    {
        lock (_random)
            return _random.NextDouble();
    }

    private HandshakeOutcome OnInitiation(ReadOnlySpan<byte> datagram, TimeSpan now)
    {
        using var handshake = HandshakeState.Responder(Key.PrivateKey, ephemeral: null, WireFormat.Prologue);
        if (!handshake.TryReadFirstStatic(WireFormat.NoiseOfInitiation(datagram)))
            return Refuse(HandshakeRefusal.Authentication);
        return _peers.TryGetValue(handshake.RemoteStatic, out var peer)
            ? new HandshakeOutcome(peer, peer.OnInitiation(handshake, datagram, now))
            : Refuse(HandshakeRefusal.UnknownPeer);
    }

    private HandshakeOutcome OnResponse(ReadOnlySpan<byte> datagram, TimeSpan now) =>
        Sessions.Find(WireFormat.ReceiverIndexOfResponse(datagram)) is { Session: null } entry
            ? new HandshakeOutcome(entry.Peer, entry.Peer.OnResponse(entry, datagram, now))
            : Refuse(HandshakeRefusal.UnknownIndex);

    private static HandshakeOutcome Refuse(HandshakeRefusal reason) => new(null, [new KeyExchangeOutput.Refused(reason)]);

    private InitiationTime? NewestOf(PublicKey key) => _newest.TryGetValue(key, out var newest) ? newest : null;

    private void Remember(PublicKey key, InitiationTime? newest)
    {
        if (newest is { } time)
            _newest[key] = time;
    }

    private void Check(PublicKey key)
    {
        if (key == Key.PublicKey)
            throw new ArgumentException("A peer has our own key: was this host copied?", nameof(key));
        Span<byte> secret = stackalloc byte[PrivateKey.Length];
        bool agreed = Key.PrivateKey.TryAgree(key, secret);
        Secrets.Zero(secret);
        if (!agreed)
            throw new ArgumentException($"{key} is a point of small order, no public key.", nameof(key));
    }
}
