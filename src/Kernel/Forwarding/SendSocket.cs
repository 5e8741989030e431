using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Sends messages by one socket, and deals with those that the kernel refuses.</summary>
internal sealed unsafe class SendSocket(UdpSocket? socket)
{
    /// <param name="packets">Inner packets in each message.</param>
    public void Send(ReadOnlySpan<ForwardingPeer> peers, ManyMessageHeader* messages, ReadOnlySpan<int> packets, ForwarderCounters counters)
    {
        int done = 0;
        while (done < peers.Length)
        {
            int sent = socket is null ? -1 : SystemCalls.sendmmsg(socket.Descriptor, messages + done, (uint)(peers.Length - done), 0);
            counters.Add(ForwarderCount.SendCalls, 1);
            if (sent > 0)
            {
                for (int i = done; i < done + sent; i++)
                {
                    counters.Add(ForwarderCount.SentPackets, packets[i]);
                    counters.Add(ForwarderCount.SentBytes, messages[i].msg_len);
                    peers[i].Counters.Sent(packets[i], messages[i].msg_len);
                }
                done += sent;
                continue;
            }
            int errno = socket is null ? Errno.EAFNOSUPPORT : SystemCalls.Errno;
            if (errno == Errno.EINTR)
                continue;
            if (errno == Errno.EBADF)
                throw new NetlinkException(Errno.Error(errno, "send to peers"));
            // It is the first of the rest that failed.
            counters.Drop(ForwarderDrop.SendFailed, packets[done]);
            done++;
        }
    }
}
