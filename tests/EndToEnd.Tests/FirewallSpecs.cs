using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.FirewallLab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>
/// The packet filter, rule by rule, in both engines: two hosts of the overlay, and the underlay's own namespace as somebody outside, who knows one of them as
/// the way to the containers.
/// </summary>
[Collection(Alone.Name)]
public sealed class FirewallSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(Iptables)]
    [InlineData(Nftables)]
    public async Task Who_is_seen_as_whom(string netConf)
    {
        using var lab = Prepare(output, 2, netConf);
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab, "--ip-masq");
            // Whatever the containers' own rules would hide: they answer the outside by their host.
            await Do(lab[1], "ip route add default via 192.168.77.250");
            string host1 = lab[1].UnderlayAddress.ToString(), container1 = lab[1].ContainerAddress!.ToString(), container2 = lab[2].ContainerAddress!.ToString();

            Assert.Equal(host1, await SeenFrom(lab[1].Container, outside, Outside));
            Assert.Equal(container1, await SeenFrom(lab[1].Container, lab[2].Container, container2));
            await Do(outside, $"ip route add {await Subnet(lab[1])} via {host1}");
            Assert.Equal(Outside, await SeenFrom(outside, lab[1].Container, container1));
            // Flannel's nftables do not masquerade this one, and the container's host does not know the way back.
            string vtep = (await Subnet(lab[1])).Split('/')[0];
            await Do(outside, $"ip route add {await Subnet(lab[2])} via {host1}");
            Assert.Equal(vtep, await SeenFrom(outside, lab[2].Container, container2));
            Assert.Equal(vtep, await SeenFrom(lab[1].Host, lab[2].Container, container2, from: host1));
            Assert.Contains("FLANNEL_IPMASQ=true", await File.ReadAllTextAsync(lab[1].SubnetFile), StringComparison.Ordinal);

            var rows = await lab[1].Api.ObjectsAsync();
            Assert.All(rows.Where(row => row.Kind == "firewall"), row => Assert.Equal("ok", row.State));
            Assert.Equal(netConf == Iptables ? 8 : 7, rows.Count(row => row.Kind == "firewall"));
        });
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task What_is_excluded_keeps_its_address_and_IPv6_is_masqueraded_too(string nftables)
    {
        string netConf = """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd00:244::/48","EnableNFTables":NFT,"MasqExclude":["192.168.78.0/24"],"Backend":{"Type":"vxlan"}}"""
            .Replace("NFT", nftables, StringComparison.Ordinal);
        using var lab = Prepare(output, 2, netConf);
        await lab.Run(async () =>
        {
            using var outside = await StartAll(lab, "--ip-masq");
            await Do(outside, "ip addr add 192.168.78.1/24 dev br0");
            await Do(outside, $"ip route add {await Subnet(lab[1])} via {lab[1].UnderlayAddress}");
            await Do(lab[1], "ip route add 192.168.78.0/24 via 192.168.77.250");
            Assert.Equal(lab[1].ContainerAddress!.ToString(), await SeenFrom(lab[1].Container, outside, "192.168.78.1"));
            Assert.Equal(lab[1].UnderlayAddress.ToString(), await SeenFrom(lab[1].Container, outside, Outside));
            Assert.Equal(lab[1].UnderlayAddress6.ToString(), await SeenFrom(lab[1].Container, outside, "fd77::250"));
            Assert.Equal(lab[1].ContainerAddress6!.ToString(), await SeenFrom(lab[1].Container, lab[2].Container, lab[2].ContainerAddress6!.ToString()));
        });
    }

    [Theory]
    [InlineData(Nftables, "nft flush ruleset", "nft", false)]
    [InlineData(Nftables, "nft delete chain inet akka-overlay postrtg", "nft", false)]
    [InlineData(Iptables, "nft flush ruleset", "nft", false)]
    [InlineData(Iptables, "nft add table inet akka-overlay { flags dormant ; }", "nft", false)]
    [InlineData(Nftables, "nft add table inet akka-overlay { flags dormant ; }", "nft", false)]
    [InlineData(Iptables, "iptables -F", "iptables", false)]
    [InlineData(Iptables, "iptables -t nat -F", "iptables", false)]
    [InlineData(Iptables, "iptables -F FORWARD", "iptables", false)]
    [InlineData(Iptables, "iptables -I FORWARD -j DROP", "iptables", false)]
    [InlineData(Iptables, "iptables -F", "iptables", true)]
    [InlineData(Iptables, "iptables -t nat -F", "iptables", true)]
    public async Task What_others_take_away_comes_back(string netConf, string breaks, string program, bool legacy)
    {
        using var lab = Prepare(output, 1, netConf);
        using var kind = new LegacyPath(legacy);
        await lab.Run(async () =>
        {
            lab[1].Start(kind.Environment, "--ip-masq");
            await lab.WaitReadyAsync();
            string before = await Rules(lab[1].Host, kind);
            long began = Stopwatch.GetTimestamp();
            await Do(lab[1].Host, kind.Of(breaks));
            await Eventually(breaks, async () => Same(before, await Rules(lab[1].Host, kind)), Patience, TimeSpan.FromMilliseconds(1));
            double took = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            lab.Measured($"{kind.Of(breaks)}: rules back after {took:0} ms (two processes of the witness included)");
            Assert.True(took < (legacy ? 7000 : 2000), $"{breaks}: back after {took:0} ms");
            Assert.NotNull(program);
        });
    }

    [Fact]
    public async Task The_other_engine_leaves_nothing_behind_and_cleanup_takes_all()
    {
        using var lab = Prepare(output, 1, Iptables);
        await lab.Run(async () =>
        {
            var host = lab[1];
            foreach (string netConf in new[] { Iptables, Nftables, Iptables })
            {
                await File.WriteAllTextAsync(lab.Network.NetConfFile, netConf);
                // Another network for the same host: the ledger goes, the node id stays, and with it what the host made.
                foreach (string file in Directory.GetFiles(host.StateDirectory).Where(file => Path.GetFileName(file) != "node-id"))
                    File.Delete(file);
                host.Start("--ip-masq", "--spoof-guard", netConf == Nftables ? "on" : "off");
                await host.WaitReadyAsync(TimeSpan.FromSeconds(30));
                string iptables = await Rules(host.Host, new LegacyPath(false));
                string nft = (await Command.Run(host.Host, "nft", "list", "tables")).Output;
                Assert.Equal(netConf == Iptables, iptables.Contains("FLANNEL-POSTRTG", StringComparison.Ordinal) && iptables.Contains("FLANNEL-FWD", StringComparison.Ordinal));
                Assert.Equal(netConf == Nftables, nft.Contains("akka-overlay", StringComparison.Ordinal));
                Assert.Equal(netConf == Iptables, iptables.Contains("FLANNEL", StringComparison.Ordinal));
                // Rules outlive the process.
                host.Terminate();
                Assert.Equal(0, await host.WaitForExitAsync());
                Assert.Equal(iptables, await Rules(host.Host, new LegacyPath(false)));
            }
            await Do(host, "iptables -A FORWARD -s 192.0.2.7 -j DROP");
            var cleanup = await Command.Run(host.Host, Command.Executable, "cleanup", "--run-dir", host.RunDirectory, "--state-dir", host.StateDirectory);
            Assert.True(cleanup.ExitCode == 0, cleanup.ToString());
            Assert.Contains("removed firewall iptables nat FLANNEL-POSTRTG\n", cleanup.Output, StringComparison.Ordinal);
            string rest = await Rules(host.Host, new LegacyPath(false));
            Assert.DoesNotContain("FLANNEL", rest, StringComparison.Ordinal);
            Assert.Contains("-s 192.0.2.7/32 -j DROP", rest, StringComparison.Ordinal);
            Assert.DoesNotContain("akka-overlay", (await Command.Run(host.Host, "nft", "list", "tables")).Output, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(Nftables, "nft is not in PATH: install nftables")]
    [InlineData(Iptables, "iptables-restore is not in PATH: install iptables")]
    public async Task A_program_that_is_asked_for_and_missing_is_named_and_what_needs_none_starts(string netConf, string expected)
    {
        using var lab = Prepare(output, 1, netConf);
        await lab.Run(async () =>
        {
            var nothing = new Dictionary<string, string> { ["PATH"] = "/nonexistent" };
            lab[1].Start(nothing, "--ip-masq");
            await Eventually("it says why", async () => (await lab[1].Api.ReadyAsync()).Components.Any(component => component is { Name: "firewall", Ready: false } && component.Detail.Contains(expected, StringComparison.Ordinal)), Patience);
            Assert.False((await lab[1].Api.ReadyAsync()).Ready);
            Assert.False(File.Exists(lab[1].SubnetFile));
            Assert.Single(await File.ReadAllLinesAsync(lab[1].LogFile), line => line.Contains($"Firewall: {expected}", StringComparison.Ordinal));
            if (netConf == Nftables)
                return;
            lab[1].Terminate();
            await lab[1].WaitForExitAsync();
            lab[1].Start(nothing);
            await lab.WaitReadyAsync();
            string detail = (await lab[1].Api.ReadyAsync()).Components.Single(component => component.Name == "firewall").Detail;
            Assert.Contains("no guard against forged tunnel packets (nft is not in PATH", detail, StringComparison.Ordinal);
            Assert.Contains("no forward rules (iptables-restore is not in PATH", detail, StringComparison.Ordinal);
        });
    }

    /// <summary>Which address a server sees of a client.</summary>
    private static async Task<string> SeenFrom(NetworkNamespace client, NetworkNamespace server, string address, string? from = null)
    {
        var target = IPAddress.Parse(address);
        using var listener = server.Run(() => new TcpListener(target, 0));
        server.Run(() => listener.Start());
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        using var socket = client.Run(() => new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp));
        if (from is not null)
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        var accepted = listener.AcceptSocketAsync(patience.Token);
        await socket.ConnectAsync(new IPEndPoint(target, port), patience.Token);
        using var seen = await accepted;
        return ((IPEndPoint)seen.RemoteEndPoint!).Address.ToString();
    }

    /// <summary>Everything that both programs list, without counts.</summary>
    private static async Task<string> Rules(NetworkNamespace inside, LegacyPath kind)
    {
        string iptables = (await Command.Run(inside, kind.Of("iptables-save"))).Output;
        string nft = (await Command.Run(inside, "nft", "list", "ruleset")).Output;
        return string.Join('\n', $"{iptables}\n{nft}".Split('\n').Where(line => !line.StartsWith('#'))
            .Select(line => System.Text.RegularExpressions.Regex.Replace(line, @"packets \d+ bytes \d+|\[\d+:\d+\]", "")));
    }

    /// <summary>A blanket rule that a test put in stays: what counts is that ours stand as before, in front of it.</summary>
    private static bool Same(string before, string now)
    {
        const string blanket = "-A FORWARD -j DROP";
        int at = now.IndexOf(blanket, StringComparison.Ordinal);
        return (at < 0 || new[] { "-j OVERLAY-INSIDE", "-j FLANNEL-FWD" }.All(jump => now.IndexOf(jump, StringComparison.Ordinal) < at))
            && now.Split('\n').Where(line => line != blanket && line.Trim() != "counter  drop").SequenceEqual(before.Split('\n'));
    }

    /// <summary>A PATH on which "iptables" is the legacy one, in a directory that goes with the test.</summary>
    private sealed class LegacyPath : IDisposable
    {
        private readonly DirectoryInfo? directory;

        public LegacyPath(bool legacy)
        {
            if (!legacy)
                return;
            directory = Directory.CreateTempSubdirectory("akka-overlay-legacy-");
            foreach (string family in new[] { "iptables", "ip6tables" })
            {
                foreach (string suffix in new[] { "", "-save", "-restore" })
                    File.CreateSymbolicLink(Path.Combine(directory.FullName, family + suffix), $"/usr/sbin/{family}-legacy{suffix}");
            }
        }

        public IReadOnlyDictionary<string, string> Environment => directory is null
            ? new Dictionary<string, string>()
            : new Dictionary<string, string> { ["PATH"] = $"{directory.FullName}:{System.Environment.GetEnvironmentVariable("PATH")}" };

        public string Of(string line) => directory is null || !line.StartsWith("iptables", StringComparison.Ordinal) ? line : "iptables-legacy" + line["iptables".Length..];

        public void Dispose() => directory?.Delete(recursive: true);
    }
}
