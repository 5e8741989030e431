namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Why a packet was not forwarded.</summary>
public enum ForwarderDrop
{
    /// <summary>No IP packet, or one that is shorter or longer than it says.</summary>
    Malformed,

    /// <summary>Nobody owns its destination. The sender is told (ICMP destination unreachable).</summary>
    NoRoute,

    /// <summary>It has passed too many routers (TTL, hop limit). The sender is told (ICMP time exceeded).</summary>
    TimeExceeded,

    /// <summary>Larger than the path to the peer, and not to be fragmented. The sender is told (ICMP packet too big).</summary>
    TooBig,

    /// <summary>Multicast and broadcast: the overlay carries unicast.</summary>
    NotUnicast,

    /// <summary>The kernel did not send it.</summary>
    SendFailed,

    /// <summary>Its inner source belongs to nobody, or to this host.</summary>
    UnknownSource,

    /// <summary>Its inner source belongs to another peer than the one that sent it.</summary>
    Spoofed,

    /// <summary>Its inner destination is not one of this host's.</summary>
    NotForUs,

    /// <summary>The kernel did not take it from the TUN device.</summary>
    WriteFailed,

    /// <summary>Not encrypted, where the network's packets are.</summary>
    Plaintext,

    /// <summary>Encrypted, and not to be opened: another key, changed on the way, or no key at all.</summary>
    Undecipherable,

    /// <summary>Encrypted, and here before.</summary>
    Replayed,

    /// <summary>To be encrypted, and there is no session with the peer yet.</summary>
    NoSession,
}
