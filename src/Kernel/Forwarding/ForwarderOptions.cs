using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>How a loop works. Each trick can be switched off, so that a benchmark can show what it brings.</summary>
public sealed record ForwarderOptions
{
    public static readonly ForwarderOptions Default = new();

    /// <summary>What the kernel may leave undone in what leaves by the TUN device.</summary>
    public TunOffloads Offloads { get; init; } =
        TunOffloads.Checksum | TunOffloads.Tso4 | TunOffloads.Tso6 | TunOffloads.TsoEcn | TunOffloads.Uso4 | TunOffloads.Uso6;

    /// <summary>Sends up to 64 inner packets of one size in one call (UDP_SEGMENT, Linux 4.18).</summary>
    public bool SegmentOnSend { get; init; } = true;

    /// <summary>Takes up to 64 datagrams of one size in one call (UDP_GRO, Linux 5.0).</summary>
    public bool GroOnReceive { get; init; } = true;

    /// <summary>Joins neighbouring TCP segments of one flow into one packet for the TUN device.</summary>
    public bool CoalesceTcp { get; init; } = true;

    /// <summary>The same for UDP (Linux 6.2).</summary>
    public bool CoalesceUdp { get; init; } = true;

    /// <summary>Reads more packets while there are some, and sends them together; 1 sends each by itself.</summary>
    public int ReadsPerBatch { get; init; } = 64;

    /// <summary>After several packets a thread gives way once (sched_yield(2)), so that the next lot is larger.</summary>
    public bool GiveWay { get; init; } = true;

    /// <summary>Of the TUN device, 1 to 64: each is a loop, with sockets of its own. Only several of them need a port that can be shared.</summary>
    public int Queues { get; init; } = 1;

    /// <summary>Octets of each socket buffer, by SO_SNDBUFFORCE and SO_RCVBUFFORCE. With less, bursts are lost; with 4 MiB, what waits there leaves the processor's cache.</summary>
    public int SocketBuffer { get; init; } = 2 * 1024 * 1024;

    /// <summary>One thread for each direction instead of one for both.</summary>
    public bool ThreadPerDirection { get; init; } = true;

    /// <summary>
    /// With a thread for each direction: while packets go to and fro one by one, one thread does both, and asks for an answer for up to 100 µs before it sleeps, where that was seen
    /// to pay.
    /// </summary>
    public bool Converse { get; init; } = true;

    /// <summary>How long an idle loop asks again and again before it sleeps. Buys latency with a whole processor for each thread.</summary>
    public TimeSpan Spin { get; init; } = TimeSpan.Zero;
}
