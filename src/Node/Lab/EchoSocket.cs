using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// A raw ICMP socket of one family inside a namespace. Replies arrive on a thread of its own, which takes the time before anything
/// else: the thread pool of a busy machine would show as round-trip time, or as loss.
/// </summary>
internal sealed class EchoSocket : IDisposable
{
    /// <summary>Microseconds between two looks at whether to stop.</summary>
    private const int StopInterval = 100_000;

    private readonly bool ipv6;
    private readonly Socket socket;
    private readonly Action<EchoPacket, IPAddress, long> onReply;
    private volatile bool stopping;

    /// <param name="onReply">The reply, who sent it, and when it came (<see cref="Stopwatch.GetTimestamp"/>).</param>
    public EchoSocket(NetworkNamespace inside, bool ipv6, Action<EchoPacket, IPAddress, long> onReply)
    {
        this.ipv6 = ipv6;
        this.onReply = onReply;
        // Raw and not SOCK_DGRAM: a new namespace's net.ipv4.ping_group_range lets nobody use those, not even root.
        socket = inside.Run(() => ipv6
            ? new Socket(AddressFamily.InterNetworkV6, SocketType.Raw, ProtocolType.IcmpV6)
            : new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Icmp));
        // Of no effect on a raw socket, but .NET insists before it receives.
        socket.Bind(new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, 0));
        socket.ReceiveBufferSize = 1024 * 1024;
        new Thread(Receive) { IsBackground = true, Name = $"ping {inside.Name}" }.Start();
    }

    /// <returns>False where the system refuses: no route, for example; or where the socket is closed. Such a ping is lost.</returns>
    public bool TrySend(byte[] packet, IPAddress destination)
    {
        try
        {
            return socket.SendTo(packet, new IPEndPoint(destination, 0)) == packet.Length;
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>The thread closes the socket a moment later.</summary>
    public void Dispose() => stopping = true;

    private void Receive()
    {
        byte[] buffer = new byte[ushort.MaxValue + 1];
        while (!stopping)
        {
            if (socket.Poll(StopInterval, SelectMode.SelectRead))
                ReceiveOne(buffer);
        }
        socket.Dispose();
    }

    private void ReceiveOne(byte[] buffer)
    {
        EndPoint from = new IPEndPoint(ipv6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        try
        {
            int length = socket.ReceiveFrom(buffer, ref from);
            long now = Stopwatch.GetTimestamp();
            if (EchoPacket.ReadReply(buffer.AsSpan(0, length), ipv6) is { } reply)
                onReply(reply, ((IPEndPoint)from).Address, now);
        }
        catch (SocketException)
        {
            // An error that was queued for the socket, "destination unreachable" for example: that no reply comes is what counts.
        }
    }
}
