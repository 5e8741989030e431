using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>What comes in from strangers and from peers gone mad: counted, and never a crash, never a packet where it does not belong.</summary>
public sealed class HostileInputSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Datagrams_of_random_octets_and_of_every_length_are_counted_and_nothing_else()
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        using var peer = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        // The peer's own address, another port: whoever can send from there.
        peer.Bind(new IPEndPoint(Tunnel.Outer(0, false), 0));
        var to = new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port);
        var random = new Random(77);
        int sent = 0;
        foreach (int length in Enumerable.Range(0, 200).Concat(Enumerable.Range(0, 2000).Select(_ => random.Next(200, 3000))).Concat([8972, 30_000, 65_507]))
        {
            byte[] data = new byte[length];
            random.NextBytes(data);
            // Half of them look like packets at first sight.
            if (length > 0 && random.Next(2) == 0)
                data[0] = (byte)(random.Next(2) == 0 ? 0x40 + random.Next(16) : 0x60);
            await peer.SendToAsync(data, to);
            sent++;
            if (sent % 50 == 0)
                await Task.Delay(1);
        }
        await EventuallyAsync(() => Refused(tunnel) >= sent);
        Assert.Empty(tunnel.Failures);
        Assert.Equal(0, tunnel.Counters[1][ForwarderCount.ReceivedPackets]);
        Assert.NotEqual(0, tunnel.Counters[1][ForwarderDrop.Malformed]);
        Assert.NotEqual(0, tunnel.Counters[1][ForwarderDrop.UnknownSource]);
        await Transfers.TcpAsync(tunnel, v6: false, 300_000, 1);
        output.WriteLine($"measured: {sent} hostile datagrams, {tunnel.Counters[1][ForwarderDrop.Malformed]} malformed, {tunnel.Counters[1][ForwarderDrop.UnknownSource]} of unknown source");
    }

    [Theory]
    [InlineData("192.0.2.1", "10.9.1.5", "10.9.2.1", null)]
    [InlineData("192.0.2.9", "10.9.1.5", "10.9.2.1", ForwarderDrop.Spoofed)]
    [InlineData("192.0.2.1", "10.9.2.5", "10.9.2.1", ForwarderDrop.UnknownSource)]
    [InlineData("192.0.2.1", "10.9.3.5", "10.9.2.1", ForwarderDrop.UnknownSource)]
    [InlineData("192.0.2.1", "8.8.8.8", "10.9.2.1", ForwarderDrop.UnknownSource)]
    [InlineData("192.0.2.1", "10.9.1.5", "10.9.3.1", ForwarderDrop.NotForUs)]
    [InlineData("192.0.2.1", "10.9.1.5", "10.9.1.1", ForwarderDrop.NotForUs)]
    [InlineData("192.0.2.1", "10.9.1.5", "192.0.2.2", ForwarderDrop.NotForUs)]
    [InlineData("192.0.2.1", "fd09:0:0:1::5", "fd09:0:0:2::1", null)]
    [InlineData("192.0.2.9", "fd09:0:0:1::5", "fd09:0:0:2::1", ForwarderDrop.Spoofed)]
    [InlineData("192.0.2.1", "fd09:0:0:1::5", "ff02::1", ForwarderDrop.NotForUs)]
    public async Task A_sender_may_bring_only_packets_from_its_own_subnet_to_ours(string outer, string source, string destination, ForwarderDrop? reason)
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        if (outer != "192.0.2.1")
        {
            int eth = tunnel.Hosts[0].Kernel.FindLink("eth0")!.Index;
            tunnel.Hosts[0].Do(new RtnetlinkChange.PutAddress(new InterfaceAddress(eth, IpPrefix.Parse($"{outer}/24"))));
        }
        using var sender = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Parse(outer), 0));
        await sender.SendToAsync(Packets.Udp(source, destination, "hello"u8), new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port));
        await EventuallyAsync(() => Refused(tunnel) + tunnel.Counters[1][ForwarderCount.ReceivedPackets] > 0);
        Assert.Equal(reason is null ? 1 : 0, tunnel.Counters[1][ForwarderCount.ReceivedPackets]);
        if (reason is { } why)
            Assert.Equal(1, tunnel.Counters[1][why]);
    }

    [Theory]
    [InlineData("192.0.2.1", null)]
    [InlineData("192.0.2.8", null)]
    [InlineData("192.0.2.9", ForwarderDrop.Spoofed)]
    public async Task A_peer_may_send_from_its_public_address_and_from_its_local_one(string outer, ForwarderDrop? reason)
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        // To be reached at .8, which a router translates, and bound to .1.
        var peer = new ForwardingPeer("h1", new IPEndPoint(IPAddress.Parse("192.0.2.8"), Tunnel.Port), otherSource: Tunnel.Outer(0, false));
        tunnel.Tables[1].Current = new ForwardingTable(Tunnel.Subnets(0).Select(subnet => (subnet, peer)), Tunnel.Subnets(1), [Tunnel.Inner(1, false)], 9000);
        if (outer != "192.0.2.1")
        {
            int eth = tunnel.Hosts[0].Kernel.FindLink("eth0")!.Index;
            tunnel.Hosts[0].Do(new RtnetlinkChange.PutAddress(new InterfaceAddress(eth, IpPrefix.Parse($"{outer}/24"))));
        }
        using var sender = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(IPAddress.Parse(outer), 0));
        await sender.SendToAsync(Packets.Udp("10.9.1.5", "10.9.2.1", "hello"u8), new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port));
        await EventuallyAsync(() => Refused(tunnel) + tunnel.Counters[1][ForwarderCount.ReceivedPackets] > 0);
        Assert.Equal(reason is null ? 1 : 0, tunnel.Counters[1][ForwarderCount.ReceivedPackets]);
        if (reason is { } why)
            Assert.Equal(1, tunnel.Counters[1][why]);
    }

    [Fact]
    public async Task Every_truncation_of_a_packet_is_dropped_and_a_longer_datagram_is_cut_to_its_packet()
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        using var receiver = Transfers.Open(tunnel.Hosts[1].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(Tunnel.Inner(1, false), Packets.Port));
        using var sender = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(Tunnel.Outer(0, false), 0));
        var to = new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port);
        byte[] packet = Packets.Udp("10.9.1.5", "10.9.2.1", "hello"u8);
        for (int length = 0; length < packet.Length; length++)
            await sender.SendToAsync(packet[..length], to);
        await EventuallyAsync(() => tunnel.Counters[1][ForwarderDrop.Malformed] == packet.Length);
        await sender.SendToAsync((byte[])[.. packet, 1, 2, 3, 4], to);
        byte[] buffer = new byte[100];
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        int arrived = await receiver.ReceiveAsync(buffer, patience.Token);
        Assert.Equal("hello"u8.ToArray(), buffer[..arrived]);
    }

    [Fact]
    public async Task A_table_of_10_000_peers_that_changes_all_the_time_sends_nothing_astray()
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        using var stop = new CancellationTokenSource();
        int changes = 0;
        var others = Enumerable.Range(0, 10_000).Select(i => (Subnet: new IpPrefix(IPAddress.Parse($"10.{100 + (i / 256)}.{i % 256}.0"), 24), Peer: new ForwardingPeer($"{i}", new IPEndPoint(IPAddress.Parse($"198.51.100.{1 + (i % 250)}"), 9)))).ToArray();
        var changing = Task.Run(() =>
        {
            var random = new Random(5);
            while (!stop.IsCancellationRequested)
            {
                // Others come and go, and now and then the neighbour of the peer's own subnet.
                int skip = random.Next(200);
                var routes = Tunnel.Subnets(1).Select(subnet => (subnet, tunnel.Peers[1])).Concat(others.Skip(skip)).Append((IpPrefix.Parse("10.9.3.0/24"), others[skip].Peer));
                tunnel.Tables[0].Current = new ForwardingTable(routes, Tunnel.Subnets(0), [Tunnel.Inner(0, false), Tunnel.Inner(0, true)], 9000);
                changes++;
            }
        });
        for (int i = 0; i < 10; i++)
        {
            await Transfers.TcpAsync(tunnel, v6: (i & 1) != 0, 2_000_000, i);
            await Transfers.UdpAsync(tunnel, v6: (i & 1) != 0, 100, 1000, 0, i);
        }
        await stop.CancelAsync();
        await changing;
        Assert.Empty(tunnel.Failures);
        Assert.All(others, other => Assert.Equal(0, other.Peer.Counters.SentPackets));
        Assert.Equal(tunnel.Counters[0][ForwarderDrop.NotUnicast], tunnel.Counters[0].Dropped);
        output.WriteLine($"measured: {changes} tables of 10,000 peers while 20 MB passed");
    }

    [Fact]
    public async Task The_device_deleted_underneath_ends_the_loop_with_a_reason_and_nothing_else()
    {
        using var tunnel = new Tunnel();
        tunnel.Start();
        await Transfers.TcpAsync(tunnel, v6: false, 100_000, 1);
        tunnel.Hosts[0].Do(new RtnetlinkChange.DeleteLink(tunnel.Hosts[0].Kernel.FindLink(Tunnel.Device)!.Index));
        await EventuallyAsync(() => tunnel.Failures.Count == 1);
        Assert.Contains(Tunnel.Device, tunnel.Failures[0].Message);
        // A device that is down is none that is gone.
        tunnel.Hosts[1].Do(new RtnetlinkChange.SetLink(tunnel.Hosts[1].Kernel.FindLink(Tunnel.Device)!.Index) { Up = false });
        using var sender = Transfers.Open(tunnel.Hosts[0].Inside, v6: false, SocketType.Dgram, ProtocolType.Udp);
        sender.Bind(new IPEndPoint(Tunnel.Outer(0, false), 0));
        await sender.SendToAsync(Packets.Udp("10.9.1.5", "10.9.2.1", "hello"u8), new IPEndPoint(Tunnel.Outer(1, false), Tunnel.Port));
        await EventuallyAsync(() => tunnel.Counters[1][ForwarderDrop.WriteFailed] == 1);
        Assert.Single(tunnel.Failures);
    }

    /// <summary>On the way in. A device that comes up says good morning by multicast, on the way out.</summary>
    private static long Refused(Tunnel tunnel) => tunnel.Counters[1].Dropped - tunnel.Counters[1][ForwarderDrop.NotUnicast];

    private static async Task EventuallyAsync(Func<bool> isSo)
    {
        for (int i = 0; i < 250 && !isSo(); i++)
            await Task.Delay(20);
        Assert.True(isSo(), "it did not come true within 5 s");
    }
}
