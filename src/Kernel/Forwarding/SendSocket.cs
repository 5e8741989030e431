using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Sends messages by one socket, and deals with those that the kernel refuses.</summary>
internal sealed unsafe class SendSocket(UdpSocket? socket, ForwardingTables tables, IcmpErrors errors, ForwarderCounters counters)
{
    /// <param name="packets">Inner packets in each message.</param>
    public void Send(ReadOnlySpan<ForwardingPeer> peers, ManyMessageHeader* messages, ReadOnlySpan<int> packets)
    {
        int done = 0;
        while (done < peers.Length)
        {
            int sent = socket is null ? -1 : SystemCalls.sendmmsg(socket.Descriptor, messages + done, (uint)(peers.Length - done), 0);
            counters.Add(ForwarderCount.SendCalls, 1);
            if (sent > 0)
            {
                for (int i = done; i < done + sent; i++)
                    Count(peers[i], packets[i], messages[i].msg_len);
                done += sent;
                continue;
            }
            int errno = socket is null ? Errno.EAFNOSUPPORT : SystemCalls.Errno;
            if (errno == Errno.EINTR)
                continue;
            if (errno == Errno.EBADF)
                throw new NetlinkException(Errno.Error(errno, "send to peers"));
            // It is the first of the rest that failed.
            Refused(errno, peers[done], ref messages[done].msg_hdr, packets[done]);
            done++;
        }
    }

    private void Count(ForwardingPeer peer, int packets, long octets)
    {
        counters.Add(ForwarderCount.SentPackets, packets);
        counters.Add(ForwarderCount.SentBytes, octets);
        peer.Counters.Sent(packets, octets);
    }

    /// <summary>What the path to a peer takes whole, as far as anybody knows, in octets of the inner packet.</summary>
    public int LimitOf(ForwardingPeer peer, int size) => socket is null ? int.MaxValue : peer.Path.For(socket.Local, size);

    private void Refused(int errno, ForwardingPeer peer, ref MessageHeader message, int packets)
    {
        int size = SegmentSize(message, packets);
        if (errno == Errno.EIO && packets > 1)
        {
            peer.Path.SegmentingRefused();
            SendSingly(peer, message, packets, size);
            return;
        }
        bool isSealed = peer.Keys is not null;
        int inner = isSealed ? size - WireFormat.DataOverhead : size;
        // Older kernels say EINVAL for segments that are too large (net/ipv4/udp.c, udp_send_skb).
        if (socket is null || errno is not (Errno.EMSGSIZE or Errno.EINVAL) || peer.Path.Refused(socket.Local, inner) is var limit && limit >= inner)
        {
            counters.Drop(ForwarderDrop.SendFailed, packets);
            return;
        }
        // Of a packet in parts the first has all headers, which is what decides, and what an error must quote. Of an encrypted one nothing can be seen any more:
        // those that follow are looked at before, now that the limit is known.
        byte* packet = (byte*)message.msg_iov->iov_base;
        bool isIPv4 = !isSealed && IpHeader.Version(packet) == 4;
        if (isSealed || (isIPv4 ? !IpHeader.HasDontFragment(packet) : inner <= IpHeader.LeastMtuIPv6))
        {
            socket.SetFragmenting(true);
            SendSingly(peer, message, packets, size);
            socket.SetFragmenting(false);
            return;
        }
        counters.Drop(ForwarderDrop.TooBig, packets);
        errors.Answer(ForwarderDrop.TooBig, tables.Current, packet, (int)message.msg_iov->iov_len, isIPv4 ? limit : Math.Max(limit, IpHeader.LeastMtuIPv6));
    }

    /// <summary>
    /// A message's packets, each as a datagram of its own. While the socket fragments, that is what becomes of those that are too large: of what its sender allows to be
    /// fragmented, and of IPv6 packets that no sender need make smaller (RFC 2473, 7.1).
    /// </summary>
    private void SendSingly(ForwardingPeer peer, MessageHeader message, int packets, int size)
    {
        const int mostParts = 4;
        var parts = stackalloc IoVector[mostParts];
        var from = message.msg_iov;
        var end = from + message.msg_iovlen;
        nint taken = 0;
        message.msg_control = null;
        message.msg_controllen = 0;
        message.msg_iov = parts;
        for (int i = 0; i < packets; i++)
        {
            nint octets = 0;
            int count = 0;
            for (; from < end && octets < size && count < mostParts; count++)
            {
                nint part = Math.Min(from->iov_len - taken, size - octets);
                parts[count].iov_base = (byte*)from->iov_base + taken;
                parts[count].iov_len = part;
                octets += part;
                taken += part;
                if (taken == from->iov_len)
                {
                    from++;
                    taken = 0;
                }
            }
            message.msg_iovlen = count;
            if (SystemCalls.sendmsg(socket!.Descriptor, &message, 0) < 0)
                counters.Drop(ForwarderDrop.SendFailed);
            else
                Count(peer, 1, octets);
        }
    }

    private static int SegmentSize(in MessageHeader message, int packets)
    {
        if (packets > 1)
            return *(ushort*)((byte*)message.msg_control + sizeof(nint) + 8);
        nint size = 0;
        for (nint i = 0; i < message.msg_iovlen; i++)
            size += message.msg_iov[i].iov_len;
        return (int)size;
    }
}
