using System.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Sends messages by one socket, and deals with those that the kernel refuses.</summary>
internal sealed unsafe class SendSocket(UdpSocket? socket, ForwardingTables tables, IcmpErrors errors, ForwarderCounters counters)
{
    private static readonly IPEndPoint Nowhere = new(IPAddress.Any, 0);

    public IPEndPoint Local => socket?.Local ?? Nowhere;

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
        if (errno is Errno.EMSGSIZE or Errno.EINVAL)
        {
            int size = SegmentSize(message, packets);
            int limit = peer.Path.Refused(Local, size);
            if (limit < size)
            {
                counters.Drop(ForwarderDrop.TooBig, packets);
                // Of a packet in parts the first has all headers, which is what an error must quote.
                errors.Answer(ForwarderDrop.TooBig, tables.Current, (byte*)message.msg_iov->iov_base, (int)message.msg_iov->iov_len, limit);
                return;
            }
        }
        counters.Drop(ForwarderDrop.SendFailed, packets);
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
