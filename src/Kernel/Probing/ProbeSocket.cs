using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Kernel.Probing;

/// <summary>
/// A UDP socket on an address inside the overlay. Asks and answers from the same port, so that to a stateful filter the peers' questions belong to this host's own
/// flow. A thread of its own receives: an answer waits for nobody.
/// </summary>
public sealed class ProbeSocket : IProbeSocket
{
    // linux/in.h, linux/in6.h. PROBE: Don't Fragment is set, and what routers said of the path earlier is not believed: it is what the probe is to find out.
    private const int IPPROTO_IP = 0, IP_MTU_DISCOVER = 10, IP_PMTUDISC_PROBE = 3;
    private const int IPPROTO_IPV6 = 41, IPV6_MTU_DISCOVER = 23, IPV6_PMTUDISC_PROBE = 3, IPV6_DONTFRAG = 62;

    private const int LargestPayload = 65_535;

    private readonly Socket socket;
    private readonly Action<ProbeAnswer> answered;
    private readonly Action<string> ended;
    private readonly Lock sending = new();
    private readonly byte[] outgoing = new byte[LargestPayload];
    private volatile ProbeGate gate = ProbeGate.Shut;
    private volatile bool closed;
    private long given;

    private ProbeSocket(Socket socket, Action<ProbeAnswer> answered, Action<string> ended)
    {
        this.socket = socket;
        this.answered = answered;
        this.ended = ended;
        Local = (IPEndPoint)socket.LocalEndPoint!;
        new Thread(Receive) { IsBackground = true, Name = $"probes {Local.Address}" }.Start();
    }

    public IPEndPoint Local { get; }

    public ProbeGate Gate
    {
        set => gate = value;
    }

    public long Given => Interlocked.Read(ref given);

    /// <inheritdoc cref="OpenProbeSocket"/>
    public static IProbeSocket Open(IPAddress local, Action<ProbeAnswer> answered, Action<string> ended)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (local.AddressFamily == AddressFamily.InterNetworkV6)
            {
                SetOption(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
                SetOption(socket, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
            }
            else
            {
                SetOption(socket, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
            }
            // A device's queue that is stuck must not hold the asker.
            socket.SendTimeout = 20;
            socket.Bind(new IPEndPoint(local, 0));
            return new ProbeSocket(socket, answered, ended);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public ProbeSending Ask(IPEndPoint to, ulong token, ulong nonce, int length, out string? problem)
    {
        problem = null;
        try
        {
            lock (sending)
            {
                var payload = outgoing.AsSpan(0, length);
                new ProbeDatagram(ProbeKind.Question, token, nonce).Write(payload);
                socket.SendTo(payload, to);
            }
            return ProbeSending.Sent;
        }
        catch (SocketException e)
        {
            problem = e.Message;
            return e.SocketErrorCode is SocketError.WouldBlock or SocketError.TimedOut or SocketError.NoBufferSpaceAvailable ? ProbeSending.Busy : ProbeSending.Refused;
        }
    }

    public void Dispose()
    {
        closed = true;
        socket.Dispose();
    }

    private void Receive()
    {
        byte[] buffer = new byte[LargestPayload];
        var any = new IPEndPoint(Local.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        try
        {
            while (!closed)
            {
                EndPoint from = any;
                int length = socket.ReceiveFrom(buffer, ref from);
                Handle((IPEndPoint)from, buffer.AsSpan(0, length));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            if (!closed)
                ended(e.Message);
        }
    }

    private void Handle(IPEndPoint from, ReadOnlySpan<byte> payload)
    {
        if (gate.Answer(from, payload) is { } answer)
            Send(from, answer);
        // What strangers send as answers costs nobody more than this look.
        else if (gate.Knows(from) && ProbeDatagram.TryRead(payload, out var datagram) && datagram.Kind == ProbeKind.Answer)
            answered(new ProbeAnswer(from, datagram.Nonce, TimeProvider.System.GetTimestamp()));
    }

    /// <summary>What cannot be sent is lost to the one that asked, and it will say so.</summary>
    private void Send(IPEndPoint to, byte[] answer)
    {
        try
        {
            socket.SendTo(answer, to);
            Interlocked.Increment(ref given);
        }
        catch (SocketException)
        {
            // Seen at the other end.
        }
    }

    private static void SetOption(Socket socket, int level, int option, int value) => socket.SetRawSocketOption(level, option, BitConverter.GetBytes(value));
}
