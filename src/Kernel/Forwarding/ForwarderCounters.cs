namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>What a loop counts besides what it drops. Packets and octets are those of inner packets, IP headers included.</summary>
public enum ForwarderCount
{
    /// <summary>From the TUN device to peers.</summary>
    SentPackets,

    SentBytes,

    /// <summary>System calls.</summary>
    SendCalls,

    /// <summary>Reads that gave something.</summary>
    TunReads,

    /// <summary>ICMP errors given to senders on this host.</summary>
    IcmpErrors,

    /// <summary>From peers to the TUN device. From here on it is the thread that takes in who counts.</summary>
    ReceivedPackets = 8,

    ReceivedBytes,

    ReceiveCalls,

    TunWrites,

    /// <summary>Joined packets that the kernel did not take; their parts were written one by one.</summary>
    JoinsRefused,
}

/// <summary>What one loop has done since it was first started. Each direction is written by one thread at a time; read by anybody, each number for itself.</summary>
public sealed class ForwarderCounters
{
    private static readonly int Reasons = Enum.GetValues<ForwarderDrop>().Length;

    private readonly long[] drops = new long[Reasons];

    /// <summary>The two directions are a cache line apart.</summary>
    private readonly long[] counts = new long[16];

    public long this[ForwarderCount what] => Volatile.Read(ref counts[(int)what]);

    public long this[ForwarderDrop reason] => Interlocked.Read(ref drops[(int)reason]);

    public long Dropped => Enum.GetValues<ForwarderDrop>().Sum(reason => this[reason]);

    /// <summary>By whichever thread has that direction.</summary>
    internal void Add(ForwarderCount what, long more) => counts[(int)what] += more;

    /// <summary>By any thread: rare enough for an interlocked operation.</summary>
    internal void Drop(ForwarderDrop reason, int packets = 1) => Interlocked.Add(ref drops[(int)reason], packets);
}
