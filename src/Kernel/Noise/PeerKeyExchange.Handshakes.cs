using System.Collections.Immutable;
using static AkkaOverlay.Kernel.Noise.KeyExchangeOutput;

namespace AkkaOverlay.Kernel.Noise;

public sealed partial class PeerKeyExchange
{
    private Initiation? _open;
    private TimeSpan? _acceptedAt;

    /// <summary>An initiation whose static key is this peer's, which proves nothing yet.</summary>
    internal ImmutableArray<KeyExchangeOutput> OnInitiation(HandshakeState handshake, ReadOnlySpan<byte> initiation, TimeSpan now)
    {
        lock (_gate)
        {
            // The key may have changed since the peer was found by it.
            if (_ended || handshake.RemoteStatic != Key)
                return Refuse(HandshakeRefusal.UnknownPeer);
            Span<byte> octets = stackalloc byte[InitiationTime.Length];
            if (!handshake.TryReadFirstPayload(WireFormat.NoiseOfInitiation(initiation), octets))
                return Refuse(HandshakeRefusal.Authentication);
            var time = InitiationTime.Read(octets);
            if (_newest is { } newest && time <= newest)
                return Refuse(HandshakeRefusal.Replayed);
            // Only what is authentic counts, or anybody could use up the peer's turn.
            if (_acceptedAt is { } last && now - last < SessionLimits.FloodInterval)
                return Refuse(HandshakeRefusal.Flood);
            Answer(handshake, WireFormat.SenderIndex(initiation), time, now);
            return Drain();
        }
    }

    /// <summary>A response to what had this entry's index.</summary>
    internal ImmutableArray<KeyExchangeOutput> OnResponse(SessionEntry entry, ReadOnlySpan<byte> response, TimeSpan now)
    {
        lock (_gate)
        {
            if (_ended || _open is not { } open || open.Entry != entry)
                return Refuse(HandshakeRefusal.UnknownIndex);
            if (!open.Handshake.TryReadSecond(WireFormat.NoiseOfResponse(response), []))
                return Refuse(HandshakeRefusal.Authentication);
            entry.Session = SessionOf(open.Handshake, entry, WireFormat.SenderIndex(response), HandshakeRole.Initiator, now);
            open.Handshake.Dispose();
            _open = null;
            MakeCurrent(entry, open.SentAt);
            (_wantedAt, _silentSince, _attempts) = (null, null, 0);
            _outputs.Add(new Installed(entry.Session));
            // Until the responder hears from us it must not send: also where a packet waits for this moment, it may yet be dropped.
            SendKeepalive(entry.Session, now);
            return Drain();
        }
    }

    private void Answer(HandshakeState handshake, uint remoteIndex, InitiationTime time, TimeSpan now)
    {
        var entry = _local.Sessions.Take(this);
        var response = new byte[WireFormat.ResponseLength];
        WireFormat.WriteResponseHeader(response, entry.Index, remoteIndex);
        if (!handshake.TryWriteSecond([], WireFormat.NoiseOfResponse(response.AsSpan())))
        {
            // An ephemeral key of small order, which the first message would have failed by.
            _local.Sessions.Release(entry);
            _outputs.Add(new Refused(HandshakeRefusal.Authentication));
            return;
        }
        _identity.Mac.Write(response);
        (_newest, _acceptedAt) = (time, now);

        Retire(ref _next);
        entry.Session = SessionOf(handshake, entry, remoteIndex, HandshakeRole.Responder, now);
        _next = entry;
        if (Key < _local.Key.PublicKey)
            CloseInitiation();
        // The peer's handshake comes first: ours would only cross it.
        Postpone(now, SessionLimits.RetryAfter);
        _outputs.Add(new Installed(entry.Session));
        _outputs.Add(new Send(response));
    }

    private void Initiate(TimeSpan now)
    {
        CloseInitiation();
        var handshake = HandshakeState.Initiator(_local.Key.PrivateKey, PrivateKey.Generate(), Key, WireFormat.Prologue);
        var entry = _local.Sessions.Take(this);
        _open = new Initiation(entry, handshake, now);

        var initiation = new byte[WireFormat.InitiationLength];
        WireFormat.WriteInitiationHeader(initiation, entry.Index);
        Span<byte> time = stackalloc byte[InitiationTime.Length];
        _local.NextInitiationTime().Write(time);
        if (!handshake.TryWriteFirst(time, WireFormat.NoiseOfInitiation(initiation.AsSpan())))
            throw new InvalidOperationException("A key of small order cannot be a peer's: it is refused when the peer is added.");
        _identity.Mac.Write(initiation);
        Postpone(now, NextRetry());
        _outputs.Add(new Send(initiation));
    }

    private static TransportSession SessionOf(HandshakeState handshake, SessionEntry entry, uint remoteIndex, HandshakeRole role, TimeSpan now)
    {
        Span<byte> keys = stackalloc byte[2 * SymmetricState.HashLength];
        var send = keys[..SymmetricState.HashLength];
        var receive = keys[SymmetricState.HashLength..];
        handshake.Split(send, receive);
        var session = new TransportSession(entry.Index, remoteIndex, role, send, receive, now);
        Secrets.Zero(keys);
        return session;
    }

    /// <summary>
    /// The initiator's place for its new session. Should the peer have initiated after we did, it may be sending on what is next here, so that one is
    /// kept to receive on; else what was current is.
    /// </summary>
    private void MakeCurrent(SessionEntry entry, TimeSpan initiatedAt)
    {
        Retire(ref _previous);
        if (_next?.Session is { } next && (_current is null || next.CreatedAt >= initiatedAt))
        {
            Retire(ref _current);
            _previous = _next;
            _next = null;
        }
        else
        {
            Retire(ref _next);
            _previous = _current;
        }
        Volatile.Write(ref _current, entry);
    }

    private void CloseInitiation()
    {
        if (_open is not { } open)
            return;
        _local.Sessions.Release(open.Entry);
        open.Handshake.Dispose();
        _open = null;
    }

    private ImmutableArray<KeyExchangeOutput> Refuse(HandshakeRefusal reason)
    {
        _outputs.Add(new Refused(reason));
        return Drain();
    }

    private sealed record Initiation(SessionEntry Entry, HandshakeState Handshake, TimeSpan SentAt);
}
