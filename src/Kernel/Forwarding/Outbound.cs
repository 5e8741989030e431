using System.Runtime.CompilerServices;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// The way out: what the kernel routed into the TUN device is sent to the peer that owns the destination, each inner packet as one datagram with nothing around it
/// (flannel's format).
/// <code>
/// read TUN ─▶ destination's owner ─▶ TTL - 1 ─▶ cut, finish checksums ─▶ SendBatch ─▶ one sendmmsg
///                └ nobody: ICMP unreachable  └ 0: ICMP time exceeded
/// </code>
/// </summary>
internal sealed unsafe class Outbound : IDisposable
{
    /// <summary>Octets before each read, so that the IP header begins at a multiple of 16.</summary>
    private const int Shift = 16 - VirtioNetHeader.Size;

    /// <summary>Octets of one read: the largest packet that there is (65,535; IPv6 counts 40 less) and its header. What is longer the kernel would cut without a word.</summary>
    private const int MaxRead = 65_536 + 64;

    /// <summary>Octets. Small packets are gathered until this is nearly full; it stays in the processor's second cache.</summary>
    private const int ArenaSize = 4 * MaxRead;

    private readonly TunQueue tun;
    private readonly ForwardingTables tables;
    private readonly ForwarderCounters counters;
    private readonly SendBatch batch;
    private readonly IcmpErrors errors;
    private readonly int readsPerBatch;
    private readonly Sealer? sealer;
    private readonly WaitingRoom? waiting;
    private readonly NativeBuffer arena = new(ArenaSize);
    private readonly NativeBuffer headers = new(Segmenter.MaxHeader * Segmenter.MaxSegments);

    /// <param name="sealer">And <paramref name="encryption"/>: null where the network's packets are not encrypted.</param>
    public Outbound(
        TunQueue tun, SendBatch batch, ForwardingTables tables, IcmpErrors errors, ForwarderCounters counters, ForwarderOptions options, Sealer? sealer, ForwarderEncryption? encryption)
    {
        this.sealer = sealer;
        waiting = encryption is null ? null : new WaitingRoom(encryption, counters);
        this.tun = tun;
        this.batch = batch;
        this.tables = tables;
        this.errors = errors;
        this.counters = counters;
        readsPerBatch = options.ReadsPerBatch;
    }

    public int Descriptor => tun.Descriptor;

    /// <summary>Forwards what is there, up to one batch.</summary>
    /// <param name="alone">What came last came alone: one packet goes on before anybody looks for another.</param>
    public Pumped Pump(bool alone)
    {
        var table = tables.Current;
        int used = 0, reads = 0, most = alone ? 1 : readsPerBatch;
        bool isWhole = false;
        if (sealer is not null)
            sealer.Now = BootClock.Now;
        while (reads < most && used + MaxRead <= ArenaSize)
        {
            byte* at = arena.Start + used + Shift;
            nint length = SystemCalls.read(tun.Descriptor, at, MaxRead - Shift);
            if (length < 0)
            {
                int errno = SystemCalls.Errno;
                if (errno == Errno.EINTR)
                    continue;
                if (errno == Errno.EAGAIN)
                    break;
                batch.Flush();
                throw new NetlinkException(Errno.Error(errno, $"read from {tun.Device}"));
            }
            reads++;
            isWhole = ((VirtioNetHeader*)at)->gso_type != TunConstants.VIRTIO_NET_HDR_GSO_NONE;
            // Its headers lie in a place of their own, of which there is one.
            if (isWhole && !batch.IsEmpty)
                batch.Flush();
            Forward(table, *(VirtioNetHeader*)at, at + VirtioNetHeader.Size, (int)length - VirtioNetHeader.Size);
            used += ((int)length + 31) & ~15;
            if (isWhole)
            {
                batch.Flush();
                used = 0;
            }
        }
        batch.Flush();
        // A session may have come between the look for it and the packet's waiting: whoever wakes this thread later has seen nothing of that.
        if (waiting is not null && waiting.IsToLookAt(sealer!.Now))
            SendWaiting();
        counters.Add(ForwarderCount.TunReads, reads);
        return reads == 0 ? Pumped.Nothing : reads == 1 ? (isWhole ? Pumped.Train : Pumped.One) : reads < readsPerBatch ? Pumped.Several : Pumped.Full;
    }

    public void Dispose()
    {
        arena.Dispose();
        headers.Dispose();
    }

    private void Forward(ForwardingTable table, VirtioNetHeader how, byte* packet, int length)
    {
        if (length < IpHeader.LeastIPv4)
        {
            counters.Drop(ForwarderDrop.Malformed);
            return;
        }
        switch (IpHeader.Version(packet))
        {
            case 4 when IpHeader.HeaderLengthIPv4(packet) is >= IpHeader.LeastIPv4 and var header && header <= length:
                ForwardIPv4(table, how, packet, length);
                break;
            case 6 when length >= IpHeader.LengthIPv6:
                ForwardIPv6(table, how, packet, length);
                break;
            default:
                counters.Drop(ForwarderDrop.Malformed);
                break;
        }
    }

    private void ForwardIPv4(ForwardingTable table, VirtioNetHeader how, byte* packet, int length)
    {
        uint destination = IpHeader.DestinationIPv4(packet);
        if (destination >= 0xE000_0000)
            counters.Drop(ForwarderDrop.NotUnicast);
        else if (table.Find(destination) is not { Peer: { } peer })
            Refuse(ForwarderDrop.NoRoute, table, packet, length);
        else if (packet[8] <= 1)
            Refuse(ForwarderDrop.TimeExceeded, table, packet, length);
        else
        {
            packet[8]--;
            // RFC 1624: the word with the TTL became 0x0100 less, so the checksum becomes that much more.
            uint sum = *(ushort*)(packet + IpHeader.IPv4ChecksumAt) + (uint)IpHeader.NetworkOrder(0x0100);
            *(ushort*)(packet + IpHeader.IPv4ChecksumAt) = (ushort)(sum + (sum >> 16));
            Send(peer, how, packet, length);
        }
    }

    private void ForwardIPv6(ForwardingTable table, VirtioNetHeader how, byte* packet, int length)
    {
        if (packet[24] == 0xFF)
            counters.Drop(ForwarderDrop.NotUnicast);
        else if (table.Find(IpHeader.DestinationIPv6(packet)) is not { Peer: { } peer })
            Refuse(ForwarderDrop.NoRoute, table, packet, length);
        else if (packet[7] <= 1)
            Refuse(ForwarderDrop.TimeExceeded, table, packet, length);
        else
        {
            packet[7]--;
            Send(peer, how, packet, length);
        }
    }

    private void Send(ForwardingPeer peer, in VirtioNetHeader how, byte* packet, int length)
    {
        // Once it is encrypted nobody can see whom to tell.
        if (peer.Keys is not null && IsTooBig(peer, how, packet, length))
            return;
        if (peer.Keys is { } keys)
        {
            if (!WaitingRoom.HasSession(keys, sealer!.Now))
            {
                // The header of the read lies before the packet still; what was done to the packet is done.
                if (!waiting!.TryAdd(keys, packet - VirtioNetHeader.Size, VirtioNetHeader.Size + length, sealer.Now))
                    counters.Drop(ForwarderDrop.NoSession);
                return;
            }
            if (waiting!.Holds(keys))
                SendWaiting(keys);
        }
        if (how.gso_type != TunConstants.VIRTIO_NET_HDR_GSO_NONE)
        {
            if (Segmenter.Cut(packet, length, how, peer, headers.Start, batch, out int refused) == 0)
                counters.Drop(ForwarderDrop.Malformed);
            else if (refused > 0)
                counters.Drop(ForwarderDrop.NoSession, refused);
            return;
        }
        if ((how.flags & TunConstants.VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0 && !FinishChecksum(packet, length, how.csum_start, how.csum_offset))
        {
            counters.Drop(ForwarderDrop.Malformed);
            return;
        }
        if (!batch.Add(peer, packet, length))
            counters.Drop(ForwarderDrop.NoSession);
    }

    /// <summary>For the path to the peer, as far as it is known; the sender is told then, unless its packets may be fragmented.</summary>
    private bool IsTooBig(ForwardingPeer peer, in VirtioNetHeader how, byte* packet, int length)
    {
        int size = how.gso_type == TunConstants.VIRTIO_NET_HDR_GSO_NONE ? length : Segmenter.HeaderLength(packet, length, how) + how.gso_size;
        if (batch.LimitOf(peer, size) is var limit && limit >= size)
            return false;
        bool isIPv4 = IpHeader.Version(packet) == 4;
        if (isIPv4 ? !IpHeader.HasDontFragment(packet) : size <= IpHeader.LeastMtuIPv6)
            return false;
        counters.Drop(ForwarderDrop.TooBig);
        errors.Answer(ForwarderDrop.TooBig, tables.Current, packet, length, isIPv4 ? limit : Math.Max(limit, IpHeader.LeastMtuIPv6));
        return true;
    }

    /// <summary>Sends what waited for a session that is there now.</summary>
    public void SendWaiting()
    {
        if (waiting is null || waiting.IsEmpty)
            return;
        sealer!.Now = BootClock.Now;
        foreach (var keys in waiting.Ready(sealer.Now))
            SendWaiting(keys);
    }

    /// <summary>To whoever owns the destination now: since a packet came its peer may have another address, or the destination another owner.</summary>
    private void SendWaiting(PeerKeyExchange keys)
    {
        if (waiting!.Take(keys, sealer!.Now) is not { } packets)
            return;
        var table = tables.Current;
        foreach (var (_, packet) in packets)
        {
            fixed (byte* header = packet)
            {
                byte* at = header + VirtioNetHeader.Size;
                if ((IpHeader.Version(at) == 4 ? table.Find(IpHeader.DestinationIPv4(at)) : table.Find(IpHeader.DestinationIPv6(at))) is { Peer: { } peer })
                    Send(peer, *(VirtioNetHeader*)header, at, packet.Length - VirtioNetHeader.Size);
                else
                    counters.Drop(ForwarderDrop.NoRoute);
                batch.Flush();
            }
        }
    }

    /// <summary>The field holds the sum of the pseudo header; the rest is left to whoever sends.</summary>
    private static bool FinishChecksum(byte* packet, int length, int start, int offset)
    {
        if (start + offset + 2 > length)
            return false;
        ushort check = InternetChecksum.Finish(InternetChecksum.Add(0, packet + start, length - start));
        *(ushort*)(packet + start + offset) = check == 0 && offset == IpHeader.UdpChecksumAt ? (ushort)0xFFFF : check;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Refuse(ForwarderDrop reason, ForwardingTable table, byte* packet, int length)
    {
        counters.Drop(reason);
        errors.Answer(reason, table, packet, length);
    }
}
