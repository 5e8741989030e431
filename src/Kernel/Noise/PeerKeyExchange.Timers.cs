using static AkkaOverlay.Kernel.Noise.KeyExchangeOutput;

namespace AkkaOverlay.Kernel.Noise;

public sealed partial class PeerKeyExchange
{
    /// <summary>With 15 s of silence before a session is lost at 180 s, its initiator still has time to replace it when it only receives.</summary>
    private static readonly TimeSpan s_rekeyOnReceivingAfter = SessionLimits.RejectAfter - SessionLimits.SilenceAfter;

    /// <summary>Since when a session is wanted; null where nobody waits for one.</summary>
    private TimeSpan? _wantedAt;
    private TimeSpan _notBefore = TimeSpan.MinValue;

    /// <summary>Since when the peer waits for any sign of us.</summary>
    private TimeSpan? _owingSince;

    /// <summary>Since when we wait for any sign of the peer.</summary>
    private TimeSpan? _silentSince;

    private Traffic _seen;
    private Traffic _retired;

    /// <summary>Initiations since there was a session, or since nobody wanted one.</summary>
    private int _attempts;

    private void Want(TimeSpan now)
    {
        _wantedAt = now;
        if (now >= _notBefore)
            Initiate(now);
    }

    private void Postpone(TimeSpan now, TimeSpan delay) => _notBefore = now + delay + (SessionLimits.RetryJitter * _local.Jitter());

    private TimeSpan NextRetry()
    {
        var delay = SessionLimits.FirstRetryAfter * (1 << Math.Min(_attempts++, 8));
        return delay < SessionLimits.RetryAfter ? delay : SessionLimits.RetryAfter;
    }

    private void OnTick(TimeSpan now)
    {
        var traffic = Total();
        RetireExpired(ref _next, now);
        RetireExpired(ref _current, now);
        RetireExpired(ref _previous, now);
        Retry(now);
        Watch(traffic, now);
        // Not what is counted by now: packets of this moment belong to the next tick.
        _seen = traffic;
    }

    private void RetireExpired(ref SessionEntry? entry, TimeSpan now)
    {
        if (entry?.Session is { } session && session.HasExpired(now))
            Retire(ref entry);
    }

    private void Retry(TimeSpan now)
    {
        if (_wantedAt is not { } wanted || now < _notBefore)
            return;
        if (now - wanted < SessionLimits.GiveUpAfter)
        {
            Initiate(now);
            return;
        }
        CloseInitiation();
        (_wantedAt, _attempts) = (null, 0);
        _outputs.Add(new GaveUp());
    }

    /// <summary>Section 6.5 of the paper and its timers, by what was counted since the last tick instead of at every packet.</summary>
    private void Watch(Traffic traffic, TimeSpan now)
    {
        bool sentPackets = traffic.PacketsSent > _seen.PacketsSent;
        bool receivedPackets = traffic.PacketsReceived > _seen.PacketsReceived;

        // Within a tick nobody knows which came first. A keepalive too many does no harm, so what was sent settles only what was owed before.
        if (traffic.Sent > _seen.Sent)
            _owingSince = null;
        if (receivedPackets)
            _owingSince ??= now;
        // A session replaced too early does, so whatever was received settles all.
        if (traffic.Received > _seen.Received)
            _silentSince = null;
        else if (sentPackets)
            _silentSince ??= now;

        if (_current?.Session is not { } session)
            return;
        if (_owingSince is { } owing && now - owing >= SessionLimits.KeepaliveAfter)
        {
            _owingSince = null;
            SendKeepalive(session, now);
        }
        bool silent = _silentSince is { } since && now - since >= SessionLimits.SilenceAfter;
        if (silent)
            _silentSince = null;
        if (silent
            || (sentPackets && session.NeedsRekey(now))
            || (receivedPackets && session.Role == HandshakeRole.Initiator && now - session.CreatedAt >= s_rekeyOnReceivingAfter))
            Want(now);
    }

    private void SendKeepalive(TransportSession session, TimeSpan now)
    {
        if (session.TrySealKeepalive(now) is { } datagram)
            _outputs.Add(new Send(datagram));
    }

    private Traffic Total() => _retired + Traffic.Of(_current) + Traffic.Of(_previous) + Traffic.Of(_next);

    private void CountRetired(TransportSession session) => _retired += Traffic.Of(session);

    private void ResetTimers()
    {
        (_wantedAt, _owingSince, _silentSince, _acceptedAt) = (null, null, null, null);
        _notBefore = TimeSpan.MinValue;
        _attempts = 0;
    }

    /// <summary>Sums over all sessions that there were: they only grow.</summary>
    private readonly record struct Traffic(long Sent, long PacketsSent, long Received, long PacketsReceived)
    {
        public static Traffic Of(SessionEntry? entry) => entry?.Session is { } session ? Of(session) : default;

        public static Traffic Of(TransportSession session) => new(session.Sent, session.PacketsSent, session.Received, session.PacketsReceived);

        public static Traffic operator +(Traffic a, Traffic b) =>
            new(a.Sent + b.Sent, a.PacketsSent + b.PacketsSent, a.Received + b.Received, a.PacketsReceived + b.PacketsReceived);
    }
}
