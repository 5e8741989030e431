using System.Runtime.CompilerServices;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Writes inner packets to the TUN device, in order; neighbours of one flow are joined into one packet first, by the rules of the kernel's own receive offload
/// (net/ipv4/tcp_offload.c, net/ipv4/udp_offload.c). Payload is not copied: the kernel gathers it. Holds pointers into the caller's buffer until
/// <see cref="Flush"/>.
/// </summary>
internal sealed unsafe class Coalescer : IDisposable
{
    /// <summary>UDP: what a kernel before Linux 6.9 takes (UDP_MAX_SEGMENTS).</summary>
    private const int MaxSegments = 128, MaxSegmentsUdp = 64, MaxPacket = 65_535;

    /// <summary>After so many refusals one after another no more packets of that kind are joined.</summary>
    private const int MaxRefusals = 16;

    private readonly TunQueue tun;
    private readonly ForwarderCounters counters;
    private readonly NativeBuffer memory = new(((MaxSegments + 2) * sizeof(IoVector)) + VirtioNetHeader.Size + Segmenter.MaxHeader);
    private readonly IoVector* vectors;
    private readonly byte* head;
    private readonly JoinedKind tcp, udp;

    private CoalescingRun run;
    private int pieces;

    public Coalescer(TunQueue tun, ForwarderCounters counters, ForwarderOptions options)
    {
        this.tun = tun;
        this.counters = counters;
        // A kernel takes joined packets of the kinds that it gives out itself: UDP since Linux 6.2.
        tcp = new JoinedKind { Allowed = options.CoalesceTcp && tun.Granted.HasFlag(TunOffloads.Checksum) };
        udp = new JoinedKind { Allowed = options.CoalesceUdp && tun.TakesJoinedUdp };
        vectors = (IoVector*)memory.Start;
        head = memory.Start + ((MaxSegments + 2) * sizeof(IoVector));
        vectors[0].iov_base = head;
    }

    /// <param name="length">Octets of the packet as it says itself.</param>
    public void Add(byte* packet, int length)
    {
        if (run.Count > 0 && run.Count < (run.IsTcp ? MaxSegments : MaxSegmentsUdp) && run.TryJoin(packet, length, MaxPacket))
        {
            Append(packet + run.Header, length - run.Header);
            return;
        }
        Flush();
        run.Start(packet, length, tcp.Allowed, udp.Allowed);
        if (run.CanGrow)
            Append(packet + run.Header, length - run.Header);
        else
            Append(packet, length);
    }

    public void Flush()
    {
        if (run.Count == 1)
            WriteSingle(run.First, run.FirstLength);
        else if (run.Count > 1)
            WriteJoined(run.IsTcp ? tcp : udp);
        run.Count = 0;
        pieces = 0;
    }

    public void Dispose() => memory.Dispose();

    private void Append(byte* start, int length)
    {
        pieces++;
        vectors[pieces].iov_base = start;
        vectors[pieces].iov_len = length;
    }

    private void WriteJoined(JoinedKind kind)
    {
        vectors[0].iov_len = run.WriteHead(head);
        int errno = TryWrite(pieces + 1);
        if (errno == 0)
        {
            kind.Refusals = 0;
            return;
        }
        if (errno != Errno.EINVAL)
        {
            counters.Drop(ForwarderDrop.WriteFailed, run.Count);
            return;
        }
        // Some releases of the stable kernels of 2024 take no such packet, or not all of them. The parts are whole packets still: each payload has its header before it.
        counters.Add(ForwarderCount.JoinsRefused, 1);
        kind.Allowed &= ++kind.Refusals < MaxRefusals;
        int header = run.Header, count = pieces;
        for (int i = 1; i <= count; i++)
        {
            // The first place is written over, after it was read.
            WriteSingle((byte*)vectors[i].iov_base - header, (int)vectors[i].iov_len + header);
        }
    }

    /// <summary>Uses the first two places of the vectors.</summary>
    private void WriteSingle(byte* packet, int length)
    {
        *(VirtioNetHeader*)head = default;
        vectors[0].iov_len = VirtioNetHeader.Size;
        vectors[1].iov_base = packet;
        vectors[1].iov_len = length;
        if (TryWrite(2) != 0)
            counters.Drop(ForwarderDrop.WriteFailed);
    }

    /// <returns>0, or the errno.</returns>
    /// <exception cref="NetlinkException">The device is gone, or the descriptor.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int TryWrite(int vectorCount)
    {
        while (SystemCalls.writev(tun.Descriptor, vectors, vectorCount) < 0)
        {
            int errno = SystemCalls.Errno;
            if (errno == Errno.EINTR)
                continue;
            return errno is Errno.EBADF or Errno.EBADFD ? throw new NetlinkException(Errno.Error(errno, $"write to {tun.Device}")) : errno;
        }
        counters.Add(ForwarderCount.TunWrites, 1);
        return 0;
    }

    /// <summary>TCP or UDP.</summary>
    private sealed class JoinedKind
    {
        public bool Allowed { get; set; }

        public int Refusals { get; set; }
    }
}
