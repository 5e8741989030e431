using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>The udp back end with something switched off, or with little switched on.</summary>
internal sealed record Trick(string Name, ForwarderOptions Options)
{
    private static readonly ForwarderOptions Bare = new()
    {
        Offloads = TunOffloads.None,
        SegmentOnSend = false,
        GroOnReceive = false,
        CoalesceTcp = false,
        CoalesceUdp = false,
        ReadsPerBatch = 1,
        Converse = false,
    };

    private static readonly ForwarderOptions Full = ForwarderOptions.Default;

    public static readonly IReadOnlyList<Trick> All =
    [
        new("everything", Full),
        new("nothing: a packet a system call", Bare),
        new("only UDP_SEGMENT and UDP_GRO", Bare with { SegmentOnSend = true, GroOnReceive = true, ReadsPerBatch = Full.ReadsPerBatch }),
        new("only TSO and USO from the TUN", Bare with { Offloads = Full.Offloads, ReadsPerBatch = Full.ReadsPerBatch }),
        new("all but TSO", Full with { Offloads = Full.Offloads & ~(TunOffloads.Tso4 | TunOffloads.Tso6 | TunOffloads.TsoEcn) }),
        new("all but USO", Full with { Offloads = Full.Offloads & ~(TunOffloads.Uso4 | TunOffloads.Uso6) }),
        new("all but UDP_SEGMENT", Full with { SegmentOnSend = false }),
        new("all but UDP_GRO", Full with { GroOnReceive = false }),
        new("all but joining TCP", Full with { CoalesceTcp = false }),
        new("all but joining UDP", Full with { CoalesceUdp = false }),
        new("all but reading more than one packet", Full with { ReadsPerBatch = 1 }),
        new("all but giving way", Full with { GiveWay = false }),
        new("all but conversing", Full with { Converse = false }),
        new("all, with sockets' default buffers", Full with { SocketBuffer = 212_992 }),
        new("all, one thread for both directions", Full with { ThreadPerDirection = false }),
    ];
}
