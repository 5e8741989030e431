using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Networks that do not go together on a host, or do not belong to each other: one clear line, and nothing is changed.</summary>
public sealed class NetworkRefusalSpecs(ITestOutputHelper output)
{
    private const string Red = """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":1}}""";

    [Fact]
    public async Task A_second_network_must_differ_from_the_first()
    {
        using var lab = Prepare(output, 1);
        var red = Tenant.OnEach(lab, "red", 1, Red, apart: true)[0];
        var blue = Tenant.OnEach(lab, "blue", 2, Red, apart: true)[0];
        try
        {
            red.Start();
            await Tenant.WaitReadyAsync([red]);
            await Tenant.LeadsToContainers([red]);
            var before = await Everything(red);
            AssertOneLine(await blue.Refused(), "a vxlan of somebody else is called flannel.1 (another network here with VNI 1, or flannel?)");
            await Refuse(blue, """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":8472}}""", "UDP port 8472 on 192.168.77.1: in use (another network's?)");
            await Refuse(blue, """{"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}}""", "--bridge: keeps a network apart only where");
            await Refuse(blue, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":2,"DirectRouting":true}}""", "--bridge: keeps a network apart only where");
            const string other = """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":2}}""";
            await Refuse(blue, other, "--vxlan-layout compact needs UDP port 8472 for itself, and flannel.1 has it", "--vxlan-layout", "compact");
            await Refuse(blue, other, "port 4061 on 192.168.77.1: in use", "--port", "4061", "--seed", "192.168.77.1:4061");
            var inTheWay = Tenant.OnEach(lab, "green", 3, """{"Network":"10.244.128.0/17","Backend":{"Type":"vxlan","VNI":3}}""", apart: false)[0];
            AssertOneLine(await inTheWay.Refused(), "Network 10.244.128.0/17: another network here has 10.244.0.0/16");
            inTheWay.Dispose();
            var sameBridge = Tenant.OnEach(lab, "white", 4, other, apart: false, more: ["--bridge", red.Bridge])[0];
            AssertOneLine(await sameBridge.Refused(), $"--bridge {red.Bridge}: is another network's");
            sameBridge.Dispose();
            var sameState = Tenant.OnEach(lab, "black", 5, other, apart: true)[0];
            AssertOneLine(await Command.Run(red.Host, Command.Executable, "run", "--network", "black", "--bridge", "b5", "--port", "4065", "--seed", "192.168.77.1", "--iface", "eth0",
                "--state-dir", red.StateDirectory, "--run-dir", sameState.RunDirectory, "--net-conf", Path.Combine(sameState.StateDirectory, "..", "net-conf.json")), "another node works with this --state-dir");
            sameState.Dispose();
            // The same name, with files and ports of its own.
            var twice = Tenant.OnEach(lab, "red", 6, other, apart: true)[0];
            AssertOneLine(await twice.Refused(), "a node of network 'red' runs on this host already");
            twice.Dispose();
            Assert.Equal(before, await Everything(red));

            // Nobody's any more, but still red's.
            await red.StopAsync();
            AssertOneLine(await Command.Run(red.Host, Command.Executable, "run", "--port", "4065", "--seed", "192.168.77.1", "--iface", "eth0", "--state-dir", red.StateDirectory,
                "--run-dir", red.RunDirectory, "--net-conf", Path.Combine(red.StateDirectory, "..", "net-conf.json")), "holds the node of network 'red', not of the default network");
        }
        finally
        {
            red.Dispose();
            blue.Dispose();
        }
    }

    [Theory]
    [InlineData("--network 'a.b': 1 to 15 letters, digits and '-'", "run", "--network", "a.b", "--seed", "192.0.2.1")]
    [InlineData("--network '-x': 1 to 15", "status", "--network", "-x")]
    [InlineData("--network 'sixteen--letters': 1 to 15", "cleanup", "--network", "sixteen--letters")]
    [InlineData("--bridge 'br0': needs a table of its own", "run", "--bridge", "br0", "--seed", "192.0.2.1")]
    [InlineData("--bridge 'a/b': not a device's name", "run", "--network", "x", "--bridge", "a/b", "--seed", "192.0.2.1")]
    [InlineData("--route-table '5': the table of network 'x' follows from its name", "run", "--network", "x", "--route-table", "5", "--seed", "192.0.2.1")]
    [InlineData("--route-table '1291845633': 1291845632 to 1308622847 are the tables of networks with a name", "run", "--route-table", "1291845633", "--seed", "192.0.2.1")]
    public async Task A_bad_option_is_bad_usage(string expected, params string[] arguments) => AssertOneLine(await Command.AkkaOverlay(arguments), expected, 2);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_node_that_is_given_another_networks_seed_is_refused_by_name_on_both_sides(int core)
    {
        using var lab = Prepare(output, core + 1);
        // Red's hosts are the core; the last host's node is blue's, with red's seeds and port: first as a plain host, and on the last seat as one of the core.
        var reds = Tenant.OnEach(lab, "red", 1, Red, apart: true, core: core);
        var stranger = Tenant.OnEach(lab, "blue", 2, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":2}}""", apart: true)[^1];
        var strangers = new List<Tenant> { stranger };
        try
        {
            foreach (var red in reds.Take(core))
                red.Start();
            await Tenant.WaitReadyAsync([.. reds.Take(core)]);
            stranger.Start(["--port", "4061", .. Enumerable.Range(1, core).SelectMany(seed => new[] { "--seed", $"192.168.77.{seed}:4061" })], withoutDefaults: true);
            await Says(stranger, "is of network 'red', this host of network 'blue': they never join each other");
            await Eventually("a seed says it too", () => Task.FromResult(reds.Take(core).Any(red => File.ReadAllText(red.LogFile).Contains("is of network 'blue', this host of network 'red'", StringComparison.Ordinal))), TimeSpan.FromSeconds(20));
            if (core > 1)
            {
                // One of the three seats is taken by another network's node: the two others go on, and neither lets the other in.
                await reds[2].StopAsync();
                var seat = Tenant.OnEach(lab, "blue", 3, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":3}}""", apart: true)[2];
                strangers.Add(seat);
                seat.Start(["--port", "4061", .. Enumerable.Range(1, core).SelectMany(number => new[] { "--seed", $"192.168.77.{number}:4061" })], withoutDefaults: true);
                await Says(seat, "No cluster is formed: ");
                await Says(seat, "is of network 'red', this host of network 'blue'");
                await Says(reds[0], "192.168.77.3:4061 is of network 'blue', this host of network 'red'");
                Assert.False((await seat.Api.ReadyAsync()).Ready);
                Assert.True((await reds[0].Api.ReadyAsync()).Ready);
            }
            Assert.DoesNotContain((await reds[0].Api.MembersAsync()).Members, member => member.Node.Contains($"192.168.77.{core + 1}", StringComparison.Ordinal));
            Assert.False((await stranger.Api.ReadyAsync()).Ready);
            Assert.Equal(core, (await reds[0].Api.LeasesAsync()).Leases.Count);
        }
        finally
        {
            foreach (var tenant in reds.Concat(strangers))
            {
                if (File.Exists(tenant.LogFile))
                    output.WriteLine($"---- {tenant.LogFile}\n{string.Join('\n', File.ReadLines(tenant.LogFile).TakeLast(25))}");
                tenant.Dispose();
            }
        }
    }

    private static async Task Refuse(Tenant tenant, string netConf, string expected, params string[] more)
    {
        await File.WriteAllTextAsync(Path.Combine(tenant.StateDirectory, "..", "net-conf.json"), netConf);
        AssertOneLine(await tenant.Refused(more), expected);
    }

    private static Task<TimeSpan> Says(Tenant tenant, string line) =>
        Eventually(line, () => Task.FromResult(File.Exists(tenant.LogFile) && File.ReadAllText(tenant.LogFile).Contains(line, StringComparison.Ordinal)), TimeSpan.FromSeconds(30));

    private static async Task<string> Everything(Tenant tenant)
    {
        string text = "";
        foreach (string command in new[] { "-o link", "-4 route show table all proto 77", "-6 route show table all proto 77", "rule", "-6 rule" })
            text += (await Command.Run(tenant.Host, "ip", command.Split(' '))).Output;
        return text;
    }

    private static void AssertOneLine(CommandResult result, string expected, int code = 1)
    {
        Assert.True(code == result.ExitCode, result.ToString());
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
