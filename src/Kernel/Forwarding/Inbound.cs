using System.Diagnostics;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// The way in: what the peers sent is checked and handed to the kernel by the TUN device.
/// <code>
/// recvmsg (up to 64 datagrams) ─▶ inner source is the sender's, destination is ours ─▶ join neighbours ─▶ writev TUN
/// </code>
/// </summary>
internal sealed unsafe class Inbound : IIncomingSocket, IDisposable
{
    /// <summary>Octets of the longest train.</summary>
    private const int MaxTrain = 65_536;

    /// <summary>
    /// Trains that are taken before anything is handed on, if they are there: one packet of 64 KiB leaves in two messages, so that it arrives in two trains and more.
    /// </summary>
    private const int MaxTrains = 4;

    private const int ControlSize = 64;

    private readonly UdpSocket socket;
    private readonly ForwardingTables tables;
    private readonly Coalescer coalescer;
    private readonly ForwarderCounters counters;
    private readonly Opener? opener;
    private readonly NativeBuffer memory = new((MaxTrains * MaxTrain) + ControlSize + SocketAddresses.LengthIPv6 + sizeof(IoVector) + sizeof(MessageHeader) + 64);
    private readonly byte* trains, control, sender;
    private PeerCounters? counting;
    private int packets;
    private long octets;
    private bool isTrain;
    private readonly IoVector* vector;
    private readonly MessageHeader* message;

    /// <param name="opener">Null where the network's packets are not encrypted.</param>
    public Inbound(UdpSocket socket, Coalescer coalescer, ForwardingTables tables, ForwarderCounters counters, Opener? opener)
    {
        this.opener = opener;
        this.socket = socket;
        this.coalescer = coalescer;
        this.tables = tables;
        this.counters = counters;
        trains = memory.Start;
        control = trains + (MaxTrains * MaxTrain);
        vector = (IoVector*)(control + ControlSize);
        message = (MessageHeader*)(vector + 1);
        sender = (byte*)(message + 1);
        vector->iov_len = MaxTrain;
        message->msg_iov = vector;
        message->msg_iovlen = 1;
        message->msg_name = sender;
    }

    public int Descriptor => socket.Descriptor;

    /// <inheritdoc/>
    public Pumped Pump(bool alone) => Deliver(TryReceive(trains, SystemCalls.MSG_DONTWAIT), alone);

    /// <summary>Waits until something is there, or until <see cref="UdpSocket.Interrupt"/>.</summary>
    public Pumped WaitAndPump()
    {
        long asked = Stopwatch.GetTimestamp();
        bool received = TryReceive(trains, 0);
        return Deliver(received, alone: Pause.IsLong(asked));
    }

    public void Dispose() => memory.Dispose();

    private Pumped Deliver(bool received, bool alone)
    {
        if (!received)
            return Pumped.Nothing;
        bool wasTrain = isTrain;
        int most = alone ? 1 : MaxTrains, taken = 1;
        while (taken < most && TryReceive(trains + (taken * MaxTrain), SystemCalls.MSG_DONTWAIT))
            taken++;
        Count(null);
        coalescer.Flush();
        return taken == 1 ? (wasTrain ? Pumped.Train : Pumped.One) : taken < MaxTrains ? Pumped.Several : Pumped.Full;
    }

    /// <returns>False where nothing was there.</returns>
    private bool TryReceive(byte* data, int flags)
    {
        isTrain = false;
        vector->iov_base = data;
        message->msg_namelen = SocketAddresses.LengthIPv6;
        message->msg_control = control;
        message->msg_controllen = ControlSize;
        nint length = SystemCalls.recvmsg(socket.Descriptor, message, flags);
        if (length < 0)
        {
            int errno = SystemCalls.Errno;
            return errno switch
            {
                Errno.EAGAIN or Errno.EINTR => false,
                Errno.EBADF => throw new NetlinkException(Errno.Error(errno, "receive from peers")),
                // Of one datagram, not of the socket.
                _ => true,
            };
        }
        // Nobody sent it: the socket is shut.
        if (length == 0 && message->msg_namelen == 0)
            return false;
        counters.Add(ForwarderCount.ReceiveCalls, 1);
        if (length == 0)
            Drop(ForwarderDrop.Malformed);
        int size = SegmentSize((int)length);
        isTrain = size < length;
        Take(data, (int)length, size);
        return true;
    }

    private int SegmentSize(int length)
    {
        byte* at = control;
        byte* end = control + message->msg_controllen;
        while (at + sizeof(nint) + 8 + sizeof(int) <= end)
        {
            if (*(int*)(at + sizeof(nint)) == UdpSocket.SOL_UDP && *(int*)(at + sizeof(nint) + 4) == UdpSocket.UDP_GRO)
                return Math.Max(1, *(int*)(at + sizeof(nint) + 8));
            at += (*(nint*)at + sizeof(nint) - 1) & ~(sizeof(nint) - 1);
        }
        return length;
    }

    private void Take(byte* data, int length, int size)
    {
        var table = tables.Current;
        var from = new ReadOnlySpan<byte>(sender, message->msg_namelen);
        if (opener is not null)
        {
            foreach (var opened in opener.Open(table, from, data, length, size))
                Deliver(table, from, opened.Keys, data + opened.At, opened.Length);
        }
        else
        {
            for (int at = 0; at < length; at += size)
                Deliver(table, from, null, data + at, Math.Min(size, length - at));
        }
    }

    /// <param name="keys">By which it was opened; null where it came as it is.</param>
    private void Deliver(ForwardingTable table, ReadOnlySpan<byte> from, PeerKeyExchange? keys, byte* packet, int length)
    {
        int actual = Inspect(table, from, keys, packet, length, out var peer);
        if (actual == 0)
            return;
        if (!ReferenceEquals(peer!.Counters, counting))
            Count(peer.Counters);
        packets++;
        octets += actual;
        coalescer.Add(packet, actual);
    }

    /// <summary>What came from one peer, one packet after another, is counted at once.</summary>
    private void Count(PeerCounters? next)
    {
        if (packets > 0)
        {
            counting!.Received(packets, octets);
            counters.Add(ForwarderCount.ReceivedPackets, packets);
            counters.Add(ForwarderCount.ReceivedBytes, octets);
        }
        (counting, packets, octets) = (next, 0, 0);
    }

    /// <returns>Octets of the packet, which may be fewer than those of the datagram; 0 where it is dropped.</returns>
    private int Inspect(ForwardingTable table, ReadOnlySpan<byte> from, PeerKeyExchange? keys, byte* packet, int length, out ForwardingPeer? peer)
    {
        peer = null;
        int actual;
        ForwardingTable.Owner? source, destination;
        if (length >= IpHeader.LeastIPv4 && IpHeader.Version(packet) == 4)
        {
            actual = IpHeader.TotalLengthIPv4(packet);
            int header = IpHeader.HeaderLengthIPv4(packet);
            if (actual > length || header < IpHeader.LeastIPv4 || actual < header)
                return Drop(ForwarderDrop.Malformed);
            source = table.Find(IpHeader.SourceIPv4(packet));
            destination = table.Find(IpHeader.DestinationIPv4(packet));
        }
        else if (length >= IpHeader.LengthIPv6 && IpHeader.Version(packet) == 6)
        {
            actual = IpHeader.TotalLengthIPv6(packet);
            if (actual > length)
                return Drop(ForwarderDrop.Malformed);
            source = table.Find(IpHeader.SourceIPv6(packet));
            destination = table.Find(IpHeader.DestinationIPv6(packet));
        }
        else
        {
            return Drop(ForwarderDrop.Malformed);
        }
        if (source?.Peer is not { } owner)
            return Drop(ForwarderDrop.UnknownSource);
        // Whoever has the keys is the peer, from wherever he sends; where there are none the address must do.
        if (keys is null ? !owner.SendsFrom(from) : !ReferenceEquals(owner.Keys, keys))
            return Drop(ForwarderDrop.Spoofed);
        if (!ReferenceEquals(destination, ForwardingTable.Owner.Mine))
            return Drop(ForwarderDrop.NotForUs);
        peer = owner;
        return actual;
    }

    private int Drop(ForwarderDrop reason)
    {
        counters.Drop(reason);
        return 0;
    }
}
