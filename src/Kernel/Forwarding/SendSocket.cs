using AkkaOverlay.Kernel.Netlink;
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

    private void Refused(int errno, ForwardingPeer peer, ref MessageHeader message, int packets)
    {
        // Older kernels say EINVAL for segments that are too large (net/ipv4/udp.c, udp_send_skb).
        int size = SegmentSize(message, packets);
        if (socket is null || errno is not (Errno.EMSGSIZE or Errno.EINVAL) || peer.Path.Refused(socket.Local, size) is var limit && limit >= size)
        {
            counters.Drop(ForwarderDrop.SendFailed, packets);
            return;
        }
        // Of a packet in parts the first has all headers, which is what decides, and what an error must quote.
        byte* packet = (byte*)message.msg_iov->iov_base;
        bool isIPv4 = IpHeader.Version(packet) == 4;
        if (isIPv4 ? !IpHeader.HasDontFragment(packet) : size <= IpHeader.LeastMtuIPv6)
        {
            SendFragmented(peer, message, packets, size);
            return;
        }
        counters.Drop(ForwarderDrop.TooBig, packets);
        errors.Answer(ForwarderDrop.TooBig, tables.Current, packet, (int)message.msg_iov->iov_len, isIPv4 ? limit : Math.Max(limit, IpHeader.LeastMtuIPv6));
    }

    /// <summary>
    /// What its sender allows to be fragmented, and IPv6 packets that no sender need make smaller (RFC 2473, 7.1): the kernel fragments the datagrams, one by one.
    /// </summary>
    private void SendFragmented(ForwardingPeer peer, MessageHeader message, int packets, int size)
    {
        socket!.SetFragmenting(true);
        message.msg_control = null;
        message.msg_controllen = 0;
        var end = message.msg_iov + message.msg_iovlen;
        for (int i = 0; i < packets; i++)
        {
            nint octets = 0;
            for (message.msg_iovlen = 0; message.msg_iov + message.msg_iovlen < end && octets < size; message.msg_iovlen++)
                octets += message.msg_iov[message.msg_iovlen].iov_len;
            if (SystemCalls.sendmsg(socket.Descriptor, &message, 0) < 0)
                counters.Drop(ForwarderDrop.SendFailed);
            else
                Count(peer, 1, octets);
            message.msg_iov += message.msg_iovlen;
        }
        socket.SetFragmenting(false);
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
