namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// How long and for how much a session serves. The times are WireGuard's (paper, section 6.1). The counts are those of AES-GCM: RFC 9001, appendix B.1.1
/// bounds packets times blocks by 2^35 (an advantage of 2^-57), which is 2^28 packets of at most 2^11 octets.
/// Forgeries are not counted: appendix B.1.2 allows 2^52 of them, more than any link carries in the life of a session.
/// </summary>
public static class SessionLimits
{
    /// <summary>A session of this age is replaced, by its initiator, when it is used.</summary>
    public static readonly TimeSpan RekeyAfter = TimeSpan.FromSeconds(120);

    /// <summary>A session of this age neither sends nor receives, and its keys are zeroed.</summary>
    public static readonly TimeSpan RejectAfter = TimeSpan.FromSeconds(180);

    /// <summary>
    /// An initiation waits this long for its response before there is another one, and at most a third of a second more by chance; the first ones of an attempt for
    /// less, beginning with <see cref="FirstRetryAfter"/>: a peer that is just being started hears nothing yet.
    /// </summary>
    public static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    /// <summary>Doubled each time. Longer than any sensible round trip.</summary>
    public static readonly TimeSpan FirstRetryAfter = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan RetryJitter = TimeSpan.FromMilliseconds(333);

    /// <summary>Initiations without a session end after this time, until somebody wants to send again.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(90);

    /// <summary>Who received a packet and sent nothing for this time says that it is there.</summary>
    public static readonly TimeSpan KeepaliveAfter = TimeSpan.FromSeconds(10);

    /// <summary>Who sent a packet and heard nothing for this time takes the session for lost: a keepalive would have come, and time for its way.</summary>
    public static readonly TimeSpan SilenceAfter = KeepaliveAfter + RetryAfter;

    /// <summary>At most one initiation of a peer is answered in this time (WireGuard's 50 a second).</summary>
    public static readonly TimeSpan FloodInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>A session that sealed this much is replaced, whoever began it: half of what it may.</summary>
    public const long RekeyAfterMessages = 1L << 27;

    /// <summary>A session seals no more than this, and takes no counter that is not below it.</summary>
    public const long RejectAfterMessages = 1L << 28;

    /// <summary>Octets of a datagram that count as one message: the blocks are what wears a key down, so a datagram of 2^16 octets counts as 32.</summary>
    public const int MessageLength = 1 << 11;

    /// <summary>What a datagram costs of <see cref="RejectAfterMessages"/>.</summary>
    internal static long MessagesIn(int datagramLength) => Math.Max(1, (datagramLength + MessageLength - 1) / MessageLength);
}
