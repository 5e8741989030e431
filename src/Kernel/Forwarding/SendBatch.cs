using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Inner packets on their way out, in order: neighbours of one size for one peer are one message, which the kernel cuts (UDP_SEGMENT); messages are sent many in
/// one system call. Holds pointers into the caller's buffers until <see cref="Flush"/>.
/// </summary>
internal sealed unsafe class SendBatch : IDisposable
{
    /// <summary>UDP_MAX_SEGMENTS of linux/udp.h before Linux 6.9, which has 128.</summary>
    public const int MaxSegments = 64;

    /// <summary>Octets of the largest UDP payload over IPv4; over IPv6 it would be 20 more.</summary>
    public const int MaxPayload = 65_507;

    private const int MaxMessages = 64, MaxVectors = 2048, ControlSize = 24, ControlLength = 18;

    private readonly SendSocket ipv4, ipv6;
    private readonly Sealer? sealer;
    private readonly NativeBuffer memory;
    private readonly ManyMessageHeader* messages;
    private readonly IoVector* vectors;
    private readonly byte* controls;
    private readonly ForwardingPeer[] peers = new ForwardingPeer[MaxMessages];
    private readonly int[] packets = new int[MaxMessages];
    private readonly int[] octets = new int[MaxMessages];
    private readonly int maxSegments;

    private int count, vectorCount;
    private int segmentSize;
    private bool open;

    /// <param name="sealer">Encrypts for peers that have keys; null where none has.</param>
    public SendBatch(SendSocket ipv4, SendSocket ipv6, bool segment, Sealer? sealer = null)
    {
        this.sealer = sealer;
        this.ipv4 = ipv4;
        this.ipv6 = ipv6;
        maxSegments = segment ? MaxSegments : 1;
        int messagesSize = MaxMessages * sizeof(ManyMessageHeader), vectorsSize = MaxVectors * sizeof(IoVector);
        memory = new NativeBuffer(messagesSize + vectorsSize + (MaxMessages * ControlSize));
        messages = (ManyMessageHeader*)memory.Start;
        vectors = (IoVector*)(memory.Start + messagesSize);
        controls = memory.Start + messagesSize + vectorsSize;
        for (int i = 0; i < MaxMessages; i++)
        {
            byte* control = controls + (i * ControlSize);
            *(nint*)control = ControlLength;
            *(int*)(control + sizeof(nint)) = UdpSocket.SOL_UDP;
            *(int*)(control + sizeof(nint) + 4) = UdpSocket.UDP_SEGMENT;
        }
    }

    public bool IsEmpty => count == 0;

    /// <summary>Adds a whole inner packet.</summary>
    /// <returns>False where it cannot be encrypted: there is no session.</returns>
    public bool Add(ForwardingPeer peer, byte* packet, int length)
    {
        if (peer.Keys is not null)
            return AddSealed(peer, packet, length, null, 0);
        MakeRoom(peer, length, 1);
        Append(packet, length);
        Close(length);
        return true;
    }

    /// <summary>Adds an inner packet of two parts.</summary>
    /// <returns>As above.</returns>
    public bool Add(ForwardingPeer peer, byte* header, int headerLength, byte* payload, int payloadLength)
    {
        if (peer.Keys is not null)
            return AddSealed(peer, header, headerLength, payload, payloadLength);
        int length = headerLength + payloadLength;
        MakeRoom(peer, length, 2);
        Append(header, headerLength);
        Append(payload, payloadLength);
        Close(length);
        return true;
    }

    private bool AddSealed(ForwardingPeer peer, byte* header, int headerLength, byte* payload, int payloadLength)
    {
        int length = headerLength + payloadLength + WireFormat.DataOverhead;
        if (!sealer!.HasRoom(length))
            Flush();
        // First: it may flush, after which the sealer's memory begins anew.
        MakeRoom(peer, length, 1);
        byte* datagram = sealer.Seal(peer.Keys!, header, headerLength, payload, payloadLength);
        if (datagram == null)
        {
            open = false;
            if (packets[count - 1] == 0)
                count--;
            return false;
        }
        Append(datagram, length);
        Close(length);
        return true;
    }

    /// <summary>What the path to a peer takes whole, as far as anybody knows, in octets of the inner packet.</summary>
    public int LimitOf(ForwardingPeer peer, int size) => (peer.IsIPv6 ? ipv6 : ipv4).LimitOf(peer, size);

    /// <summary>Sends what is there. What the kernel refuses is counted, and the rest goes on.</summary>
    public void Flush()
    {
        int first = 0;
        while (first < count)
        {
            bool v6 = peers[first].IsIPv6;
            int end = first + 1;
            while (end < count && peers[end].IsIPv6 == v6)
                end++;
            (v6 ? ipv6 : ipv4).Send(new ReadOnlySpan<ForwardingPeer>(peers, first, end - first), messages + first, new ReadOnlySpan<int>(packets, first, end - first));
            first = end;
        }
        count = vectorCount = 0;
        open = false;
        sealer?.Reset();
    }

    public void Dispose() => memory.Dispose();

    /// <summary>A message that this packet may join, or a new one.</summary>
    private void MakeRoom(ForwardingPeer peer, int length, int parts)
    {
        if (open && ReferenceEquals(peers[count - 1], peer) && length <= segmentSize && packets[count - 1] < maxSegments
            && octets[count - 1] + length <= MaxPayload && vectorCount + parts <= MaxVectors)
        {
            // Only the last of a message may be shorter.
            open = length == segmentSize;
            return;
        }
        Begin(peer, length, parts);
    }

    private void Begin(ForwardingPeer peer, int segment, int parts)
    {
        if (count == MaxMessages || vectorCount + parts > MaxVectors)
            Flush();
        ref var header = ref messages[count].msg_hdr;
        header.msg_name = peer.Address;
        header.msg_namelen = peer.AddressLength;
        header.msg_iov = vectors + vectorCount;
        header.msg_iovlen = 0;
        header.msg_control = null;
        header.msg_controllen = 0;
        header.msg_flags = 0;
        peers[count] = peer;
        packets[count] = octets[count] = 0;
        segmentSize = segment;
        open = maxSegments > 1 && peer.Path.MaySegment;
        count++;
    }

    private void Append(byte* start, int length)
    {
        if (messages[count - 1].msg_hdr.msg_iovlen > 0)
        {
            // Encrypted neighbours lie without a gap.
            ref var last = ref vectors[vectorCount - 1];
            if ((byte*)last.iov_base + last.iov_len == start)
            {
                last.iov_len += length;
                return;
            }
        }
        vectors[vectorCount].iov_base = start;
        vectors[vectorCount++].iov_len = length;
        messages[count - 1].msg_hdr.msg_iovlen++;
    }

    private void Close(int length)
    {
        int last = count - 1;
        packets[last]++;
        octets[last] += length;
        if (packets[last] < 2 || messages[last].msg_hdr.msg_control != null)
            return;
        byte* control = controls + (last * ControlSize);
        *(ushort*)(control + sizeof(nint) + 8) = (ushort)segmentSize;
        messages[last].msg_hdr.msg_control = control;
        messages[last].msg_hdr.msg_controllen = ControlSize;
    }
}
