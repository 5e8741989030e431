namespace AkkaOverlay.Kernel.Tun;

/// <summary>What the kernel may leave undone in packets that it hands to a TUN queue: TUN_F_* of linux/if_tun.h.</summary>
[Flags]
public enum TunOffloads
{
    None = 0,

    /// <summary>Checksums of TCP and UDP. All others need this one.</summary>
    Checksum = 1,

    /// <summary>Cutting TCP over IPv4 into segments.</summary>
    Tso4 = 2,

    /// <summary>Cutting TCP over IPv6.</summary>
    Tso6 = 4,

    /// <summary>Cutting TCP with a CWR flag, which only the first segment may keep.</summary>
    TsoEcn = 8,

    /// <summary>Cutting UDP over IPv4 into datagrams (UDP_SEGMENT). Since Linux 6.2.</summary>
    Uso4 = 0x20,

    /// <summary>The same over IPv6. The kernel grants it only together with <see cref="Uso4"/>.</summary>
    Uso6 = 0x40,
}
