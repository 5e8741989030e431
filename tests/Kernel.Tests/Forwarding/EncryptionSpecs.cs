using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>Encrypted packets through real devices and sockets.</summary>
public sealed class EncryptionSpecs
{
    [Theory]
    [InlineData(1440, false, false)]
    [InlineData(1280, true, true)]
    [InlineData(576, false, false)]
    [InlineData(8868, true, false)]
    public async Task What_arrives_is_what_was_sent_and_the_first_packets_wait_for_the_keys(int mtu, bool v6, bool outerIPv6)
    {
        using var tunnel = new Tunnel(mtu, outerIPv6);
        tunnel.Start(encrypted: true);
        // Nothing was said before: these are the packets for which the keys are agreed on.
        await Transfers.UdpTrainAsync(tunnel, v6, 20, 100, mtu);
        await Transfers.TcpAsync(tunnel, v6, 3_000_000, mtu);
        await Transfers.UdpAsync(tunnel, v6, 100, Math.Min(10 * (mtu - 60), 60_000), mtu - 60, mtu);
        await Transfers.UdpTrainAsync(tunnel, v6, 100, mtu - 60, mtu);
        Assert.Empty(tunnel.Failures);
        Assert.All(tunnel.Counters, counters => Assert.Equal(counters[ForwarderDrop.NotUnicast], counters.Dropped));
    }

    [Fact]
    public async Task Every_trick_can_be_switched_off_here_too()
    {
        // So small that a whole packet becomes more messages than one batch holds, where each takes one.
        using var tunnel = new Tunnel(576);
        foreach (int bits in Enumerable.Range(0, 16))
        {
            var options = new ForwarderOptions { SegmentOnSend = (bits & 1) != 0, GroOnReceive = (bits & 2) != 0, ThreadPerDirection = (bits & 4) != 0, ReadsPerBatch = (bits & 8) != 0 ? 64 : 1 };
            tunnel.Start(options, options, encrypted: true);
            await Transfers.TcpAsync(tunnel, v6: false, 500_000, bits);
            await Transfers.UdpTrainAsync(tunnel, v6: false, 50, 500, bits);
            Assert.Equal(0, tunnel.Counters[1][ForwarderDrop.Undecipherable] + tunnel.Counters[1][ForwarderDrop.Replayed]);
        }
        Assert.Empty(tunnel.Failures);
    }

    [Fact]
    public async Task A_plain_packet_is_refused_from_whomever()
    {
        using var tunnel = new Tunnel(1440);
        tunnel.Start(encrypted: true);
        await Transfers.TcpAsync(tunnel, v6: false, 10_000, 1);
        using var sender = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(Tunnel.Outer(0, false), 0));
        long before = tunnel.Counters[1][ForwarderCount.ReceivedPackets];
        await sender.SendToAsync(Packets.Udp("10.9.1.5", "10.9.2.1", "hello"u8), new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port));
        await EventuallyAsync(() => tunnel.Counters[1][ForwarderDrop.Plaintext] == 1);
        Assert.Equal(before, tunnel.Counters[1][ForwarderCount.ReceivedPackets]);
    }

    [Fact]
    public async Task What_is_on_the_wire_says_nothing_and_copies_and_changes_are_refused()
    {
        using var tunnel = new Tunnel(1440);
        using var relay = new Relay(tunnel, 9999);
        tunnel.Start(encrypted: true, secondPort: 9999);
        await Transfers.UdpTrainAsync(tunnel, v6: false, 10, 300, 1);
        long before = tunnel.Counters[1][ForwarderCount.ReceivedPackets], sent = tunnel.Counters[0][ForwarderCount.SentPackets];
        relay.Each = datagram =>
        {
            byte[] changed = (byte[])datagram.Clone();
            changed[^1] ^= 1;
            return [datagram, datagram, changed];
        };
        await Transfers.UdpTrainAsync(tunnel, v6: false, 200, 300, 7);
        await EventuallyAsync(() => tunnel.Counters[1][ForwarderDrop.Replayed] >= 200 && tunnel.Counters[1][ForwarderDrop.Undecipherable] >= 200);
        Assert.Equal(200, tunnel.Counters[1][ForwarderCount.ReceivedPackets] - before);
        Assert.Equal(200, tunnel.Counters[0][ForwarderCount.SentPackets] - sent);
        // Random data of 300 octets from the transfer would be found in one of them, were it there.
        byte[] first = new byte[300];
        new Random(7).NextBytes(first);
        Assert.DoesNotContain(relay.Seen, datagram => datagram.AsSpan().IndexOf(first.AsSpan(0, 16)) >= 0);
        Assert.DoesNotContain(relay.Seen, datagram => datagram[0] >> 4 is 4 or 6);
    }

    [Fact]
    public async Task A_host_that_was_started_again_is_heard_at_once()
    {
        using var tunnel = new Tunnel(1440);
        tunnel.Start(encrypted: true);
        await Transfers.TcpAsync(tunnel, v6: false, 100_000, 1);
        // New keys for both, as the strictest of restarts.
        tunnel.Start(encrypted: true);
        await Transfers.UdpTrainAsync(tunnel, v6: true, 20, 100, 2);
        await Transfers.TcpAsync(tunnel, v6: true, 100_000, 2);
    }

    [Fact]
    public async Task Handshakes_of_strangers_by_the_thousand_cost_no_packet()
    {
        using var tunnel = new Tunnel(1440);
        tunnel.Start(encrypted: true);
        using var stop = new CancellationTokenSource();
        using var stranger = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(Tunnel.Outer(0, false), 0));
        await stranger.ConnectAsync(new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port));
        var flood = Task.Run(() =>
        {
            byte[] initiation = new byte[136];
            new Random(1).NextBytes(initiation);
            (initiation[0], initiation[1], initiation[2], initiation[3]) = (1, 0, 0, 0);
            while (!stop.IsCancellationRequested)
                stranger.Send(initiation);
        });
        for (int i = 0; i < 5; i++)
            await Transfers.TcpAsync(tunnel, v6: false, 1_000_000, i);
        await stop.CancelAsync();
        await flood;
        Assert.NotEqual(0, tunnel.Exchanges[1].Handshakes);
        Assert.Empty(tunnel.Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_nobody_has_spoken_to_yet_is_heard_in_a_flood_of_handshakes(bool knowsTheKey)
    {
        using var tunnel = new Tunnel(1440);
        int eth = tunnel.Hosts[0].Kernel.FindLink("eth0")!.Index;
        tunnel.Hosts[0].Do(new RtnetlinkChange.PutAddress(new InterfaceAddress(eth, IpPrefix.Parse("192.0.2.77/24"))));
        tunnel.Start(encrypted: true);
        tunnel.Exchanges[1].CostOfHandshake = TimeSpan.FromMilliseconds(5);
        using var stop = new CancellationTokenSource();
        using var stranger = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Parse("192.0.2.77"), 0));
        await stranger.ConnectAsync(new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port));
        byte[] initiation = new byte[WireFormat.InitiationLength];
        new Random(1).NextBytes(initiation);
        (initiation[0], initiation[1], initiation[2], initiation[3]) = ((byte)DatagramType.Initiation, 0, 0, 0);
        if (knowsTheKey)
            new Mac1(tunnel.Exchanges[1].Encryption.Endpoint.Key.PublicKey).Write(initiation);
        var flood = Task.Run(() =>
        {
            // Hundreds of times what the host can deal with, and not so much that its socket overflows.
            for (int i = 1; !stop.IsCancellationRequested; i++)
            {
                stranger.Send(initiation);
                if (i % 50 == 0)
                    Thread.Sleep(1);
            }
        });
        await Task.Delay(500);
        using var sender = Sender(tunnel);
        for (int i = 0; i < 40 && tunnel.Counters[1][ForwarderCount.ReceivedPackets] == 0; i++)
        {
            // Each is a reason to try again.
            await sender.SendAsync("hello"u8.ToArray());
            await Task.Delay(100);
        }
        await stop.CancelAsync();
        await flood;
        Assert.NotEqual(0, tunnel.Counters[1][ForwarderCount.ReceivedPackets]);
        Assert.Empty(tunnel.Failures);
    }

    [Fact]
    public async Task What_waited_goes_before_what_came_later()
    {
        using var tunnel = new Tunnel(1440);
        tunnel.Start(encrypted: true);
        tunnel.Exchanges[0].Wakes = false;
        tunnel.Exchanges[0].MayBegin.Reset();
        using var receiver = Receiver(tunnel);
        using var sender = Sender(tunnel);
        for (byte n = 0; n < 10; n++)
            await sender.SendAsync((byte[])[n]);
        await Task.Delay(100);
        tunnel.Exchanges[0].MayBegin.Set();
        await EventuallyAsync(() => tunnel.Exchanges[0].Peer.Sending is { IsConfirmed: true });
        await sender.SendAsync((byte[])[10]);
        Assert.Equal(Enumerable.Range(0, 11), await ReceiveAsync(receiver, 11));
    }

    [Fact]
    public async Task What_waited_goes_to_where_its_peer_is_now()
    {
        using var tunnel = new Tunnel(1440);
        tunnel.Start(encrypted: true);
        tunnel.Exchanges[0].MayBegin.Reset();
        var now = tunnel.Tables[0].Current;
        var before = new ForwardingPeer("h2", new IPEndPoint(IPAddress.Parse("192.0.2.66"), Tunnel.Port), tunnel.Peers[1].Keys);
        tunnel.Tables[0].Current = new ForwardingTable(Tunnel.Subnets(1).Select(subnet => (subnet, before)), Tunnel.Subnets(0), [Tunnel.Inner(0, false)], 9000);
        using var receiver = Receiver(tunnel);
        using var sender = Sender(tunnel);
        for (byte n = 0; n < 5; n++)
            await sender.SendAsync((byte[])[n]);
        await Task.Delay(100);
        tunnel.Tables[0].Current = now;
        tunnel.Exchanges[0].MayBegin.Set();
        Assert.Equal(Enumerable.Range(0, 5), await ReceiveAsync(receiver, 5));
    }

    private static Socket Receiver(Tunnel tunnel)
    {
        var receiver = Transfers.Open(tunnel.Hosts[1].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(Tunnel.Inner(1, false), 5003));
        return receiver;
    }

    private static Socket Sender(Tunnel tunnel)
    {
        var sender = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(new IPEndPoint(Tunnel.Inner(1, false), 5003));
        return sender;
    }

    /// <summary>The first octet of each datagram.</summary>
    private static async Task<List<int>> ReceiveAsync(Socket receiver, int datagrams)
    {
        using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        byte[] buffer = new byte[100];
        var arrived = new List<int>();
        while (arrived.Count < datagrams)
        {
            await receiver.ReceiveAsync(buffer, cancel.Token);
            arrived.Add(buffer[0]);
        }
        return arrived;
    }

    private static async Task EventuallyAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 250 && !isSo(); i++)
            await Task.Delay(20);
        Assert.True(isSo(), "it did not come true within 5 s");
    }

    /// <summary>Somebody on the way from the first host to the second, who copies and changes what he likes.</summary>
    private sealed class Relay : IDisposable
    {
        private readonly Socket socket;
        private readonly Thread thread;

        public Relay(Tunnel tunnel, int port)
        {
            socket = Transfers.Open(tunnel.Hosts[1].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
            socket.ReceiveBufferSize = 4 * 1024 * 1024;
            socket.Bind(new IPEndPoint(Tunnel.Outer(1, false), port));
            var to = new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port);
            thread = new Thread(() =>
            {
                byte[] buffer = new byte[65_536];
                try
                {
                    while (true)
                    {
                        int length = socket.Receive(buffer);
                        byte[] datagram = buffer[..length];
                        Seen.Add(datagram);
                        // Handshakes as they are: they are tried elsewhere.
                        foreach (byte[] one in datagram[0] == (byte)DatagramType.Data ? Each(datagram) : [datagram])
                            socket.SendTo(one, to);
                    }
                }
                catch (SocketException)
                {
                    // Closed.
                }
            })
            { IsBackground = true };
            thread.Start();
        }

        public ConcurrentBag<byte[]> Seen { get; } = [];

        public Func<byte[], IEnumerable<byte[]>> Each { get; set; } = datagram => [datagram];

        public void Dispose()
        {
            socket.Dispose();
            thread.Join();
        }
    }
}
