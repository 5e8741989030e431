using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The udp back end on real hosts, as an operator sees it with iproute2, ss and tcpdump.</summary>
[Collection(Alone.Name)]
public sealed class UdpSpecs(ITestOutputHelper output)
{
    private const string Udp = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""";
    private const string Encrypted = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task On_the_wire_is_the_inner_packet_and_nothing_else()
    {
        using var lab = await StartAsync(output, 2, Udp, arguments: ["--probes", "off"]);
        await lab.Run(async () =>
        {
            string captured = await CaptureAsync(lab[2], 2, () => lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromSeconds(2), payload: 32));
            output.WriteLine(captured);
            Assert.Matches("192\\.168\\.77\\.1\\.8285 > 192\\.168\\.77\\.2\\.8285: UDP, length 60", captured);
            // Outer IPv4 20 octets with DF, UDP 8, and then at once the inner header: version 4, 60 octets, TTL 62: one less by the host's routing, one by the tunnel.
            string octets = string.Concat(captured.Split('\n').Where(line => line.Contains("0x00", StringComparison.Ordinal)).Take(6).Select(line => line.Split(':')[1].Replace(" ", "", StringComparison.Ordinal).Trim()));
            Assert.Equal("4500003c", octets[56..64]);
            Assert.Equal("3e01", octets[72..76]);
            Assert.Equal(Convert.ToHexStringLower([.. lab[1].ContainerAddress!.GetAddressBytes(), .. lab[2].ContainerAddress!.GetAddressBytes()]), octets[80..96]);
        });
    }

    [Fact]
    public async Task A_foreign_host_that_speaks_flannels_udp_is_understood()
    {
        using var lab = await StartAsync(output, 2, Udp, arguments: ["--probes", "off"]);
        await lab.Run(async () =>
        {
            // The second host's node makes room for somebody else's proxy: bare inner packets at the same port, nothing more.
            lab[2].Kill();
            await lab[2].WaitForExitAsync();
            using var proxy = lab[2].Host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            proxy.Bind(new IPEndPoint(lab[2].UnderlayAddress, 8285));
            var answering = Task.Run(async () =>
            {
                byte[] packet = new byte[2000];
                var received = await proxy.ReceiveFromAsync(packet, new IPEndPoint(IPAddress.Any, 0)).WaitAsync(Patience);
                Assert.Equal(8285, ((IPEndPoint)received.RemoteEndPoint).Port);
                await proxy.SendToAsync(EchoReply(packet.AsSpan(0, received.ReceivedBytes)), received.RemoteEndPoint);
            });
            Assert.NotNull(await lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromSeconds(5)));
            await answering;
        });
    }

    [Fact]
    public async Task A_container_is_told_of_what_does_not_exist_and_of_hops_that_are_too_many()
    {
        using var lab = await StartAsync(output, 2, Udp);
        await lab.Run(async () =>
        {
            Assert.Contains("Destination Net Unreachable", (await Command.Run(lab[1].Container, "ping", "-c", "1", "-W", "2", "10.244.99.1")).Output);
            // Its own host's routing takes the first, the tunnel the second, the other host's routing the third.
            Assert.Contains($"From {(await Subnet(lab[1])).Split('/')[0]} icmp_seq=1 Time to live exceeded", (await Command.Run(lab[1].Container, "ping", "-c", "1", "-W", "2", "-t", "2", lab[2].ContainerAddress!.ToString())).Output);
            Assert.Contains("1 received", (await Command.Run(lab[1].Container, "ping", "-c", "1", "-W", "2", "-t", "4", lab[2].ContainerAddress!.ToString())).Output);
            var status = await lab[1].Api.StatusAsync();
            Assert.Equal((1, 1), (status.Forwarders!.Drops["noRoute"], status.Forwarders.Drops["timeExceeded"]));
        });
    }

    /// <summary>What SIGKILL costs is seen by the rows of docs/backends.md.</summary>
    [Fact]
    public async Task A_restart_in_order_costs_less_than_a_second()
    {
        using var lab = await StartAsync(output, 3, Udp);
        await lab.Run(async () =>
        {
            int device = (await Ip(lab[2], "link", "show", "flannel0"))[0].GetProperty("ifindex").GetInt32();
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);
            await Task.Delay(1000);
            lab[2].Terminate();
            await lab[2].WaitForExitAsync();
            long ended = Stopwatch.GetTimestamp();
            lab[2].Start();
            await Eventually("packets pass again", async () => await lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromMilliseconds(100)) is not null, Patience, TimeSpan.FromMilliseconds(5));
            var after = Stopwatch.GetElapsedTime(ended);
            await lab[2].WaitReadyAsync(Patience);
            await Task.Delay(500);
            var seen = await pings.StopAsync();
            lab.Measured($"udp: SIGTERM and restart: packets pass again {after.TotalSeconds:0.00} s after the process's end, {seen.Lost.Count} of {seen.Sent} pings lost");
            Assert.Equal(device, (await Ip(lab[2], "link", "show", "flannel0"))[0].GetProperty("ifindex").GetInt32());
            // Printed is what it took; the machine is shared.
            Assert.InRange(after, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        });
    }

    [Fact]
    public async Task Trouble_in_the_cluster_costs_no_packet()
    {
        using var lab = await StartAsync(output, 3, Udp);
        await lab.Run(async () =>
        {
            using var pings = lab[2].Pinger.PingStream(lab[3].ContainerAddress!);
            // The only core host goes: the others' overlay systems end, and begin anew when it is back.
            lab[1].Kill();
            await lab[1].WaitForExitAsync();
            await Task.Delay(3000);
            lab[1].Start();
            await Eventually("the others are its members again", async () => (await lab[1].Api.MembersAsync()).Members.Count(member => member.Status == "Up") == 3, TimeSpan.FromSeconds(60));
            var seen = await pings.StopAsync();
            lab.Measured($"udp: the core killed and back: {seen.Sent} pings between the others, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);
        });
    }

    [Fact]
    public async Task Encrypted_hosts_understand_each_other_and_nobody_else_does()
    {
        using var lab = await StartAsync(output, 3, Encrypted, arguments: ["--probes", "off"]);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            Assert.Equal(1440, (await Ip(lab[1], "link", "show", "flannel0"))[0].GetProperty("mtu").GetInt32());
            string captured = await CaptureAsync(lab[2], 2, () => lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromSeconds(2), payload: 32));
            Assert.Matches("192\\.168\\.77\\.1\\.8285 > 192\\.168\\.77\\.2\\.8285: UDP, length 92", captured);
            Assert.DoesNotContain("0af4 0", captured);
            // A plain packet, as every host that only knows the addresses could send it.
            using var stranger = lab[1].Host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp));
            byte[] plain = new byte[60];
            (plain[0], plain[3], plain[8], plain[9]) = (0x45, 60, 64, 1);
            lab[1].ContainerAddress!.GetAddressBytes().CopyTo(plain, 12);
            lab[2].ContainerAddress!.GetAddressBytes().CopyTo(plain, 16);
            await stranger.SendToAsync(plain, new IPEndPoint(lab[2].UnderlayAddress, 8285));
            await Eventually("it is refused", async () => (await lab[2].Api.StatusAsync()).Forwarders!.Drops.GetValueOrDefault("plaintext") == 1, Patience);
            // No secret is where others can read it, and none is in a log.
            string key = (await File.ReadAllTextAsync(Path.Combine(lab[1].StateDirectory, "tunnel-key"))).Trim();
            Assert.Equal("-rw-------", (await Command.Run(null, "stat", "-c", "%A", Path.Combine(lab[1].StateDirectory, "tunnel-key"))).Output.Trim());
            Assert.DoesNotContain(key, await File.ReadAllTextAsync(lab[1].LogFile));
        });
    }

    [Fact]
    public async Task What_somebody_takes_away_comes_back_and_the_counters_are_an_operators_to_read()
    {
        using var lab = await StartAsync(output, 2, Udp);
        await lab.Run(async () =>
        {
            await Command.Run(lab[1].Host, "ip", "link", "del", "flannel0");
            long began = Stopwatch.GetTimestamp();
            await Eventually("packets pass again", async () => await lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromMilliseconds(200)) is not null, Patience, TimeSpan.FromMilliseconds(5));
            lab.Measured($"udp: device deleted: packets pass again after {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
            await lab[1].WaitReadyAsync(Patience);
            var status = await lab[1].Api.StatusAsync();
            Assert.Equal((1, 1), (status.Forwarders!.Serving, status.Forwarders.Restarts));
            Assert.True((await lab[1].Api.PeersAsync()).Single().Traffic is { SentPackets: > 0, ReceivedPackets: > 0 });
            var peers = await Command.AkkaOverlay("peers", "--run-dir", lab[1].RunDirectory);
            Assert.Contains("RECEIVED", peers.Output);
            output.WriteLine((await Command.AkkaOverlay("status", "--run-dir", lab[1].RunDirectory)).Output);
            output.WriteLine(peers.Output);
            // And cleanup takes it for good.
            lab[1].Terminate();
            await lab[1].WaitForExitAsync();
            var cleaned = await Run(lab[1], "cleanup", "--state-dir", lab[1].StateDirectory, "--run-dir", lab[1].RunDirectory);
            Assert.Contains("removed device flannel0", cleaned.Output);
        });
    }

    private static Task<CommandResult> Run(LabHost host, params string[] arguments) => Command.Run(host.Host, Command.Executable, arguments);

    private static async Task<string> CaptureAsync(LabHost host, int packets, Func<Task<TimeSpan?>> ping)
    {
        using var capture = Command.Start(host.Host, "tcpdump", "-n", "-l", "-x", "-i", "eth0", "-c", $"{packets}", "udp", "port", "8285");
        await capture.StandardError.ReadLineAsync();
        await capture.StandardError.ReadLineAsync();
        Assert.NotNull(await ping());
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await capture.StandardOutput.ReadToEndAsync(patience.Token);
    }

    /// <summary>The answer to an ICMP echo request, addresses swapped.</summary>
    private static byte[] EchoReply(ReadOnlySpan<byte> request)
    {
        byte[] reply = request.ToArray();
        request[12..16].CopyTo(reply.AsSpan(16));
        request[16..20].CopyTo(reply.AsSpan(12));
        reply[20] = 0;
        // One field is 8 less in its upper octet (RFC 1624).
        uint sum = BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(22)) + 0x0800u;
        BinaryPrimitives.WriteUInt16BigEndian(reply.AsSpan(22), (ushort)(sum + (sum >> 16)));
        return reply;
    }
}
