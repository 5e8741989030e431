using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>
/// A question of 64 octets in UDP, its answer, and the next question: blocking sockets, a thread on each side. Each host, its container and its node, has a processor of
/// its own, since two hosts share none. (On one processor the answering thread would run where the asking one just stopped, which no pair of real hosts can do.)
/// </summary>
internal static class RoundTrips
{
    private const int Port = 7007, Size = 64;

    /// <returns>Each round trip's time in microseconds, ascending.</returns>
    public static double[] Measure(LabNetwork network, TimeSpan duration)
    {
        using var server = Open(network.Hosts[1], Port);
        using var client = Open(network.Hosts[0], 0);
        client.ReceiveTimeout = 1000;
        client.Connect(network.Hosts[1].ContainerAddress!, Port);
        var answering = new Thread(() => Answer(server)) { IsBackground = true };
        answering.Start();
        using var here = Affinity.Here(0);
        using var node = Affinity.Of(network.Hosts[0].Process!, 0);
        using var otherNode = Affinity.Of(network.Hosts[1].Process!, Environment.ProcessorCount - 1);
        var times = new List<double>(100_000);
        byte[] buffer = new byte[Size];
        long began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < duration)
        {
            long asked = Stopwatch.GetTimestamp();
            client.Send(buffer);
            try
            {
                client.Receive(buffer);
                times.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut)
            {
                // Lost: the next one.
            }
        }
        server.Dispose();
        answering.Join();
        times.Sort();
        // The first ones found the code cold.
        return times.Count > 200 ? [.. times] : throw new InvalidOperationException("no answers");
    }

    private static Socket Open(LabHost host, int port) => host.Container.Run(() =>
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(host.ContainerAddress!, port));
        return socket;
    });

    private static void Answer(Socket server)
    {
        using var here = Affinity.Here(Environment.ProcessorCount - 1);
        var buffer = new byte[Size];
        var from = new SocketAddress(AddressFamily.InterNetwork);
        try
        {
            while (true)
                server.SendTo(buffer.AsSpan(0, server.ReceiveFrom(buffer, SocketFlags.None, from)), SocketFlags.None, from);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed: the end.
        }
    }
}
