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
    private const int MaxSegments = 128, MaxPacket = 65_535;

    private readonly TunQueue tun;
    private readonly ForwarderCounters counters;
    private readonly bool coalesceTcp, coalesceUdp;
    private readonly NativeBuffer memory = new(((MaxSegments + 2) * sizeof(IoVector)) + VirtioNetHeader.Size + Segmenter.MaxHeader);
    private readonly IoVector* vectors;
    private readonly byte* head;

    private CoalescingRun run;

    public Coalescer(TunQueue tun, ForwarderCounters counters, ForwarderOptions options)
    {
        this.tun = tun;
        this.counters = counters;
        coalesceTcp = options.CoalesceTcp && tun.Granted.HasFlag(TunOffloads.Checksum);
        // The kernel takes such packets where it grants the offload in the other direction.
        coalesceUdp = options.CoalesceUdp && tun.Granted.HasFlag(TunOffloads.Checksum);
        vectors = (IoVector*)memory.Start;
        head = memory.Start + ((MaxSegments + 2) * sizeof(IoVector));
    }

    /// <param name="length">Octets of the packet as it says itself.</param>
    public void Add(byte* packet, int length)
    {
        if (run.Count > 0 && run.Count < MaxSegments && run.TryJoin(packet, length, MaxPacket))
        {
            Append(packet + run.Header, length - run.Header);
            return;
        }
        Flush();
        run.Start(packet, length, coalesceTcp, coalesceUdp);
        vectors[0].iov_base = head;
        if (run.CanGrow)
        {
            Append(packet + run.Header, length - run.Header);
            return;
        }
        Append(packet, length);
    }

    public void Flush()
    {
        if (run.Count == 0)
            return;
        int count = run.Count;
        if (count == 1)
        {
            *(VirtioNetHeader*)head = default;
            vectors[0].iov_len = VirtioNetHeader.Size;
            vectors[1].iov_base = run.First;
            vectors[1].iov_len = run.FirstLength;
        }
        else
        {
            vectors[0].iov_len = run.WriteHead(head);
        }
        Write(count + 1, count);
        run.Count = 0;
        pieces = 0;
    }

    public void Dispose() => memory.Dispose();

    private int pieces;

    private void Append(byte* start, int length)
    {
        pieces++;
        vectors[pieces].iov_base = start;
        vectors[pieces].iov_len = length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Write(int vectorCount, int packets)
    {
        while (SystemCalls.writev(tun.Descriptor, vectors, vectorCount) < 0)
        {
            int errno = SystemCalls.Errno;
            if (errno == Errno.EINTR)
                continue;
            // The device is gone, or the descriptor.
            if (errno is Errno.EBADF or Errno.EBADFD)
                throw new NetlinkException(Errno.Error(errno, $"write to {tun.Device}"));
            counters.Drop(ForwarderDrop.WriteFailed, packets);
            return;
        }
        counters.Add(ForwarderCount.TunWrites, 1);
    }
}
