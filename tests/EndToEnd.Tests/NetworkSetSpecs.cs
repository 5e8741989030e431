using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Another configuration for a network whose hosts run: what it costs, and when it is taken back.</summary>
public sealed partial class NetworkSetSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>A hundred pings a second from a container to two others.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task What_the_kernel_changes_in_place_costs_no_packet()
    {
        using var lab = await StartAsync(output, 3, Vxlan, 1, "--ip-masq");
        await lab.Run(async () =>
        {
            await AllProbed(lab);
            using var streams = new Streams(lab);
            var set = await Set(lab, "a smaller MTU and MasqExclude", """{"Network":"10.244.0.0/16","MasqExclude":["203.0.113.0/24"],"Backend":{"Type":"vxlan","MTU":1400}}""");
            Assert.Contains("Against version 1, on 3 hosts:", set.Output, StringComparison.Ordinal);
            Assert.Contains("Kept: version 2 is in use on 3 of 3 hosts.", set.Output, StringComparison.Ordinal);
            await Follows(lab, "MTU 1350", host => Mtu(host, "flannel.1", 1350));
            Assert.All(lab.Hosts, host => Assert.Contains("FLANNEL_MTU=1350\n", File.ReadAllText(host.SubnetFile), StringComparison.Ordinal));
            await Follows(lab, "the excluded network is in the rules", async host => (await Rules(host)).Contains("203.0.113.0/24", StringComparison.Ordinal));

            await Set(lab, "the interface's MTU again, and nftables in the place of iptables", """{"Network":"10.244.0.0/16","EnableNFTables":true,"MasqExclude":["203.0.113.0/24"]}""");
            await Follows(lab, "MTU 1450", host => Mtu(host, "flannel.1", 1450));
            Assert.All(lab.Hosts, host => Assert.Contains("FLANNEL_MTU=1450\n", File.ReadAllText(host.SubnetFile), StringComparison.Ordinal));
            await Follows(lab, "the rules are nftables'", async host => (await Command.Run(host.Host, "nft", "list", "ruleset")).Output.Contains("masquerade", StringComparison.Ordinal));

            await Set(lab, "Learning", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","Learning":true},"EnableNFTables":true}""");
            await Follows(lab, "the devices learn", Learns);
            await Set(lab, "no Learning, a smaller pool", """{"Network":"10.244.0.0/16","SubnetMax":"10.244.7.0","EnableNFTables":true}""");
            await Follows(lab, "the devices do not learn", async host => !await Learns(host));
            long lost = await streams.StopAsync();
            lab.Measured($"seven changes in place: {streams.Sent} pings, {lost} lost");
            Assert.Equal(0, lost);
            Assert.Equal(5, (await lab[1].Api.NetworkAsync()).Version);
        });
    }

    /// <summary>One change after the other, in one network of each back end.</summary>
    public static TheoryData<string, string, string[]> Anew => new()
    {
        {
            "vxlan", Vxlan,
            [
                "Port", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","Port":4789}}""",
                "VNI", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":77,"Port":4789}}""",
                "GBP", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":77,"Port":4789,"GBP":true}}""",
                "DirectRouting on", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":77,"Port":4789,"GBP":true,"DirectRouting":true}}""",
                "DirectRouting off", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":77,"Port":4789,"GBP":true}}""",
            ]
        },
        {
            "udp", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""",
            [
                "Port", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":9285}}""",
                "Encryption on", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":9285,"Encryption":"aes-256-gcm"}}""",
                "Encryption off", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":9285}}""",
            ]
        },
    };

    [Theory]
    [MemberData(nameof(Anew))]
    public async Task What_makes_a_device_anew_says_so_and_costs_a_moment(string backEnd, string before, string[] changes)
    {
        using var lab = await StartAsync(output, 3, before);
        await lab.Run(async () =>
        {
            await AllProbed(lab);
            foreach (string[] change in changes.Chunk(2))
            {
                using var streams = new Streams(lab);
                var set = await Set(lab, $"{backEnd}'s {change[0]}", change[1]);
                Assert.Contains("packets are lost until both ends of a pair have it", set.Output, StringComparison.Ordinal);
                long lost = await streams.StopAsync();
                lab.Measured($"{backEnd}'s {change[0]}: {streams.Sent} pings, {lost} lost, longest gap {streams.LongestGap.TotalMilliseconds:0} ms");
                Assert.InRange(streams.LongestGap, TimeSpan.Zero, TimeSpan.FromSeconds(5));
                await Matrix.AssertNoLoss(lab);
            }
        });
    }

    [Fact]
    public async Task What_breaks_the_data_plane_is_taken_back_by_itself()
    {
        using var lab = await StartAsync(output, 3, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":1400}}""");
        await lab.Run(async () =>
        {
            await TakenBack(lab, 1, "a port that a firewall drops", "udp dport 4789", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":1400,"Port":4789}}""");
            await TakenBack(lab, 3, "an MTU that the link does not take", "udp dport 8472 meta length > 1440", Vxlan);
        });
    }

    [Fact]
    public async Task What_a_kernel_refuses_is_taken_back_and_another_range_only_where_no_lease_is_outside()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            await AllProbed(lab);
            var refused = await RunSet(lab[1], """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":9000}}""");
            Assert.True(refused.ExitCode == 1, refused.ToString());
            Assert.Contains("was taken back (h", refused.Error, StringComparison.Ordinal);
            lab.Measured($"an MTU that the kernel refuses: {refused.Error.Trim()}");

            string subnet = await Subnet(lab[1]);
            var outside = await RunSet(lab[2], """{"Network":"10.245.0.0/16"}""");
            Assert.Equal(1, outside.ExitCode);
            Assert.Contains("Network 10.244.0.0/16 -> 10.245.0.0/16", outside.Error, StringComparison.Ordinal);
            Assert.Contains($"holds {subnet}, which would be no subnet of it", outside.Error, StringComparison.Ordinal);
            var type = await RunSet(lab[2], """{"Network":"10.244.0.0/16","Backend":{"Type":"alloc"}}""");
            Assert.Contains("vxlan -> alloc: this release cannot change between these two", type.Error, StringComparison.Ordinal);

            // What one host cannot do is refused for all, before anything is stored.
            await Command.Run(lab[3].Host, "ip", "link", "add", "foreign", "type", "vxlan", "dstport", "4789", "external");
            var objected = await RunSet(lab[2], """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","Port":4789}}""", "--dry-run");
            Assert.Equal(1, objected.ExitCode);
            Assert.Contains("h3: UDP port 4789 is foreign's alone", objected.Error, StringComparison.Ordinal);

            var dry = await RunSet(lab[2], """{"Network":"10.240.0.0/12"}""", "--dry-run");
            Assert.True(dry.ExitCode == 0, dry.ToString());
            Assert.Contains("Network: 10.244.0.0/16 -> 10.240.0.0/12", dry.Output, StringComparison.Ordinal);
            Assert.Equal(3, (await lab[2].Api.NetworkAsync()).Version);
            Assert.Equal("usage", await UsageOf(lab[2]));

            await Set(lab, "a wider range", """{"Network":"10.240.0.0/12"}""");
            await Follows(lab, "subnet.env has the new range", host => Task.FromResult(File.ReadAllText(host.SubnetFile).Contains("FLANNEL_NETWORK=10.240.0.0/12\n", StringComparison.Ordinal)));
            Assert.Equal(subnet, await Subnet(lab[1]));
            await Matrix.AssertNoLoss(lab);

            // A host that starts again has the ledger's version, whatever its own file says.
            lab[3].Terminate();
            await lab[3].WaitForExitAsync();
            lab[3].Start();
            await lab[3].WaitReadyAsync(TimeSpan.FromSeconds(60));
            Assert.Contains("FLANNEL_NETWORK=10.240.0.0/12\n", File.ReadAllText(lab[3].SubnetFile), StringComparison.Ordinal);
            await Eventually("it says that its file differs", () => Task.FromResult(File.ReadAllText(lab[3].LogFile).Contains("net-conf.json differs", StringComparison.Ordinal)), Patience);
            Assert.Contains(File.ReadLines(lab[1].LogFile).Concat(File.ReadLines(lab[2].LogFile)), line => line.Contains("PUT /network", StringComparison.Ordinal) && line.Contains("Network 10.244.0.0/16 -> 10.240.0.0/12", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Hostile_bodies_are_refused_and_change_nothing()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            using var http = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancel) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(lab[2].RunDirectory, "api.sock")), cancel);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            });
            async Task<(HttpStatusCode Status, string Text)> Put(byte[] body, string? match)
            {
                using var request = new HttpRequestMessage(HttpMethod.Put, "http://node/network") { Content = new ByteArrayContent(body) };
                if (match is not null)
                    request.Headers.TryAddWithoutValidation("If-Match", match);
                using var response = await http.SendAsync(request);
                return (response.StatusCode, await response.Content.ReadAsStringAsync());
            }
            byte[] good = Encoding.UTF8.GetBytes("""{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":1400}}""");
            Assert.Equal(HttpStatusCode.PreconditionRequired, (await Put(good, null)).Status);
            Assert.Equal(HttpStatusCode.PreconditionRequired, (await Put(good, "\"x\"")).Status);
            Assert.Equal(HttpStatusCode.PreconditionRequired, (await Put(good, "*")).Status);
            Assert.Equal(HttpStatusCode.Conflict, (await Put(good, "\"7\"")).Status);
            foreach (string body in new[] { "", "null", "[]", "{", "{}", "\u0000", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":"x"}}""", """{"Network":"\ud800"}""", new string('[', 60_000) })
            {
                var (status, text) = await Put(Encoding.UTF8.GetBytes(body), "\"1\"");
                Assert.True(status == HttpStatusCode.BadRequest, $"{body[..Math.Min(40, body.Length)]}: {status} {text}");
            }
            Assert.Equal(HttpStatusCode.BadRequest, (await Put([0xC3, 0x28], "\"1\"")).Status);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await Put(new byte[1 << 20], "\"1\"")).Status);
            Assert.Equal(1, (await lab[2].Api.NetworkAsync()).Version);
            Assert.DoesNotContain(File.ReadLines(lab[2].LogFile), line => line.Contains("[[[[", StringComparison.Ordinal));
        });
    }

    private static async Task TakenBack(OverlayLab lab, long version, string what, string dropped, string after)
    {
        await AllProbed(lab);
        Assert.Equal(0, (await Command.Run(lab[2].Host, "nft", $"add table inet fault; add chain inet fault out {{ type filter hook output priority 0; }}; add rule inet fault out {dropped} drop")).ExitCode);
        long began = Stopwatch.GetTimestamp();
        var set = await RunSet(lab[1], after);
        var took = Stopwatch.GetElapsedTime(began);
        Assert.True(set.ExitCode == 1, set.ToString());
        Assert.Contains($"version {version + 1} was taken back", set.Error, StringComparison.Ordinal);
        Assert.Contains($"version {version + 2} is in use", set.Error, StringComparison.Ordinal);
        lab.Measured($"{what}: taken back after {took.TotalSeconds:0.0} s: {set.Error.Trim()}");
        await Follows(lab, "all is as before", async host => await Mtu(host, "flannel.1", 1350) && await Port(host) == 8472);
        Assert.All(lab.Hosts, host => Assert.Contains("FLANNEL_MTU=1350\n", File.ReadAllText(host.SubnetFile), StringComparison.Ordinal));
        await Matrix.AssertNoLoss(lab);
        var network = await lab[3].Api.NetworkAsync();
        Assert.Equal((version + 2, "in use"), (network.Version, network.State));
        Assert.Contains("fails", network.TakenBack, StringComparison.Ordinal);
        Assert.Equal(0, (await Command.Run(lab[2].Host, "nft", "delete table inet fault")).ExitCode);
    }

    private static async Task<bool> Learns(LabHost host) =>
        (await Ip(host, "-d", "link", "show", "flannel.1"))[0].GetProperty("linkinfo").GetProperty("info_data").GetProperty("learning").GetBoolean();

    private static async Task<CommandResult> Set(OverlayLab lab, string what, string netConf)
    {
        long began = Stopwatch.GetTimestamp();
        var set = await RunSet(lab[2], netConf);
        Assert.True(set.ExitCode == 0, $"{what}: {set}");
        lab.Measured($"{what}: known to be good on all hosts after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        return set;
    }

    private static async Task<CommandResult> RunSet(LabHost host, string netConf, string how = "--yes")
    {
        string file = Path.Combine(host.RunDirectory, "new-net-conf.json");
        await File.WriteAllTextAsync(file, netConf);
        return await Command.AkkaOverlay("network", "set", file, how, "--timeout", "28s", "--run-dir", host.RunDirectory);
    }

    /// <summary>No terminal, and nobody who said yes.</summary>
    private static async Task<string> UsageOf(LabHost host)
    {
        var result = await RunSet(host, """{"Network":"10.240.0.0/12"}""", "--json");
        return result.ExitCode == 2 && result.Error.Contains("no terminal to ask at", StringComparison.Ordinal) ? "usage" : result.ToString();
    }

    private static async Task Follows(OverlayLab lab, string what, Func<LabHost, Task<bool>> isSo)
    {
        foreach (var host in lab.Hosts)
            await Eventually($"{host.Name}: {what}", () => isSo(host), Patience);
    }

    private static Task AllProbed(OverlayLab lab) => Follows(lab, "every path is fine", async host => (await host.Api.StatusAsync()).Probes is { NotProbed: 0 } probes && probes.Ok == lab.Hosts.Count - 1);

    /// <summary>False also while the device is made anew.</summary>
    private static async Task<bool> Mtu(LabHost host, string device, int mtu) =>
        (await Command.Run(host.Host, "ip", "link", "show", device)).Output.Contains($" mtu {mtu} ", StringComparison.Ordinal);

    private static async Task<int> Port(LabHost host) =>
        (await Command.Run(host.Host, "ip", "-d", "link", "show", "flannel.1")).Output.Split(" dstport ") is [_, var after] && int.TryParse(after.Split(' ')[0], out int port) ? port : 0;

    private static async Task<string> Rules(LabHost host) => (await Command.Run(host.Host, "iptables-save")).Output + (await Command.Run(host.Host, "nft", "list", "ruleset")).Output;

    /// <summary>Pings of every container to every other.</summary>
    private sealed class Streams : IDisposable
    {
        private readonly List<PingStream> streams = [];

        public Streams(OverlayLab lab)
        {
            foreach (var host in lab.Hosts)
                streams.AddRange(lab.Hosts.Where(other => other != host).Select(other => host.Pinger.PingStream(other.ContainerAddress!, Interval)));
        }

        public int Count => streams.Count;

        public long Sent { get; private set; }

        public TimeSpan LongestGap { get; private set; }

        public async Task<long> StopAsync()
        {
            await Task.Delay(TimeSpan.FromSeconds(1));
            var results = await Task.WhenAll(streams.Select(stream => stream.StopAsync()));
            Sent = results.Sum(result => result.Sent);
            LongestGap = results.Max(result => result.LongestGap);
            return results.Sum(result => (long)result.Lost.Count);
        }

        public void Dispose() => streams.ForEach(stream => stream.Dispose());
    }
}
