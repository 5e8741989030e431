using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>Random data from one host to the other, which must arrive bit for bit the same.</summary>
internal static class Transfers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task TcpAsync(Tunnel tunnel, bool v6, int octets, int seed)
    {
        byte[] data = new byte[octets];
        new Random(seed).NextBytes(data);
        using var listener = Open(tunnel.Hosts[1].Inside, v6, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(Tunnel.Inner(1, v6), 0));
        listener.Listen(1);
        using var client = Open(tunnel.Hosts[0].Inside, v6, SocketType.Stream, ProtocolType.Tcp);
        client.Bind(new IPEndPoint(Tunnel.Inner(0, v6), 0));
        using var cancel = new CancellationTokenSource(Patience);
        var accepted = listener.AcceptAsync(cancel.Token);
        await client.ConnectAsync(listener.LocalEndPoint!, cancel.Token);
        using var server = await accepted;
        var sending = Task.Run(
            async () =>
            {
                for (int at = 0; at < data.Length;)
                    at += await client.SendAsync(data.AsMemory(at, Math.Min(256 * 1024, data.Length - at)), cancel.Token);
                client.Shutdown(SocketShutdown.Send);
            },
            cancel.Token);
        byte[] arrived = new byte[octets + 1];
        int length = 0;
        for (int more; (more = await server.ReceiveAsync(arrived.AsMemory(length), cancel.Token)) > 0;)
            length += more;
        await sending;
        Assert.Equal(octets, length);
        Assert.True(data.AsSpan().SequenceEqual(arrived.AsSpan(0, octets)), "the data arrived changed");
    }

    /// <param name="segment">The sender's kernel cuts what it is given into datagrams of this size (UDP_SEGMENT); 0 sends each by itself.</param>
    public static async Task UdpAsync(Tunnel tunnel, bool v6, int datagrams, int size, int segment, int seed)
    {
        using var receiver = Open(tunnel.Hosts[1].Inside, v6, SocketType.Dgram, ProtocolType.Udp);
        receiver.ReceiveBufferSize = 4 * 1024 * 1024;
        receiver.Bind(new IPEndPoint(Tunnel.Inner(1, v6), 0));
        using var sender = Open(tunnel.Hosts[0].Inside, v6, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(Tunnel.Inner(0, v6), 0));
        await sender.ConnectAsync(receiver.LocalEndPoint!);
        if (segment > 0)
            sender.SetRawSocketOption(17, 103, BitConverter.GetBytes(segment));
        var random = new Random(seed);
        using var cancel = new CancellationTokenSource(Patience);
        byte[] buffer = new byte[65_536];
        for (int sent = 0; sent < datagrams;)
        {
            byte[] data = new byte[size];
            random.NextBytes(data);
            await sender.SendAsync(data, cancel.Token);
            int piece = segment > 0 ? segment : size;
            for (int at = 0; at < size; at += piece, sent++)
            {
                int length = await ReceiveAsync(tunnel, receiver, buffer, sent, cancel.Token);
                Assert.True(data.AsSpan(at, Math.Min(piece, size - at)).SequenceEqual(buffer.AsSpan(0, length)), $"datagram {sent} arrived changed");
            }
        }
    }

    /// <summary>Many at once, so that the loops see them together; any order of arrival is an error here.</summary>
    public static async Task UdpTrainAsync(Tunnel tunnel, bool v6, int datagrams, int size, int seed)
    {
        using var receiver = Open(tunnel.Hosts[1].Inside, v6, SocketType.Dgram, ProtocolType.Udp);
        receiver.ReceiveBufferSize = 4 * 1024 * 1024;
        receiver.Bind(new IPEndPoint(Tunnel.Inner(1, v6), 0));
        using var sender = Open(tunnel.Hosts[0].Inside, v6, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(Tunnel.Inner(0, v6), 0));
        await sender.ConnectAsync(receiver.LocalEndPoint!);
        var random = new Random(seed);
        byte[][] data = [.. Enumerable.Range(0, datagrams).Select(_ => new byte[size])];
        foreach (byte[] datagram in data)
        {
            random.NextBytes(datagram);
            sender.Send(datagram);
        }
        using var cancel = new CancellationTokenSource(Patience);
        byte[] buffer = new byte[65_536];
        for (int i = 0; i < datagrams; i++)
        {
            int length = await ReceiveAsync(tunnel, receiver, buffer, i, cancel.Token);
            Assert.True(data[i].AsSpan().SequenceEqual(buffer.AsSpan(0, length)), $"datagram {i} arrived changed, or in another place");
        }
    }

    private static async Task<int> ReceiveAsync(Tunnel tunnel, Socket receiver, byte[] buffer, int number, CancellationToken cancel)
    {
        try
        {
            return await receiver.ReceiveAsync(buffer, cancel);
        }
        catch (OperationCanceledException)
        {
            var counted = tunnel.Counters.Select((host, i) => $"h{i + 1}: {string.Join(", ", Enum.GetValues<ForwarderCount>().Select(what => $"{what} {host[what]}"))}, dropped: "
                + string.Join(", ", Enum.GetValues<ForwarderDrop>().Where(reason => host[reason] > 0).Select(reason => $"{reason} {host[reason]}")));
            throw new InvalidOperationException($"datagram {number} did not come within {Patience.TotalSeconds} s. {string.Join("; ", counted)}");
        }
    }

    public static Socket Open(NetworkNamespace inside, bool v6, SocketType type, ProtocolType protocol) =>
        inside.Run(() => new Socket(v6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork, type, protocol));

    /// <summary>A counter of /proc/net/snmp or snmp6, such as "Tcp" "InCsumErrors".</summary>
    public static long Snmp(NetworkNamespace inside, string protocol, string name) => inside.Run(() =>
    {
        string[] lines = [.. File.ReadLines("/proc/thread-self/net/snmp").Where(line => line.StartsWith($"{protocol}:", StringComparison.Ordinal))];
        int place = Array.IndexOf(lines[0].Split(' '), name);
        return long.Parse(lines[1].Split(' ')[place], System.Globalization.CultureInfo.InvariantCulture);
    });
}
