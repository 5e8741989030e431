using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>
/// UDP from the first host's container to the second one's: one blocking socket and one thread on each side, one system call a packet. (iperf3 asks select(2) before
/// each packet, and is itself what limits the fastest contenders.)
/// </summary>
internal static class Blast
{
    private const int Port = 7008;

    /// <summary>What comes later than that is lost.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(300);

    /// <param name="size">Octets of payload.</param>
    /// <param name="packetsPerSecond">0 for as fast as it can; else in a lot every millisecond, as iperf3 does it.</param>
    /// <returns>Packets that arrived in a second, and the part that was lost.</returns>
    public static (double PacketsPerSecond, double Lost) Run(LabNetwork network, int size, double packetsPerSecond, double seconds)
    {
        using var sink = Open(network.Hosts[1], Port);
        using var source = Open(network.Hosts[0], 0);
        source.Connect(network.Hosts[1].ContainerAddress!, Port);
        long arrived = 0;
        var receiving = new Thread(() => Receive(sink, ref arrived)) { IsBackground = true };
        receiving.Start();
        byte[] packet = new byte[size];
        // The first packet finds the way cold.
        source.Send(packet);
        Thread.Sleep(50);
        long before = Volatile.Read(ref arrived), began = Stopwatch.GetTimestamp(), sent = 0;
        var duration = TimeSpan.FromSeconds(seconds);
        for (TimeSpan elapsed; (elapsed = Stopwatch.GetElapsedTime(began)) < duration;)
        {
            long due = packetsPerSecond > 0 ? (long)(elapsed.TotalSeconds * packetsPerSecond) : sent + 64;
            for (; sent < due; sent++)
                source.Send(packet);
            if (packetsPerSecond > 0)
                Thread.Sleep(1);
        }
        var took = Stopwatch.GetElapsedTime(began);
        Thread.Sleep(Late);
        long received = Volatile.Read(ref arrived) - before;
        sink.Dispose();
        receiving.Join();
        return (received / took.TotalSeconds, sent == 0 ? 0 : 1 - ((double)received / sent));
    }

    private static Socket Open(LabHost host, int port) => host.Container.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(host.ContainerAddress!, port));
        return socket;
    });

    private static void Receive(Socket socket, ref long arrived)
    {
        byte[] buffer = new byte[2048];
        try
        {
            while (true)
            {
                socket.Receive(buffer);
                Volatile.Write(ref arrived, arrived + 1);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed: the end.
        }
    }
}
