using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What a node leaves behind goes on demand: all of it, and nothing of anybody else's.</summary>
public sealed class CleanupSpecs(ITestOutputHelper output)
{
    /// <summary>Beside ours, and alike: another protocol, another MAC address, another device.</summary>
    private static readonly string[] Foreign =
    [
        "route add 10.99.0.0/16 via 192.168.77.1",
        "route add 10.98.0.0/16 via 192.168.77.1 proto 186",
        "route add 10.97.0.0/16 via 192.168.77.1 proto static table 1234",
        "-6 route add fd98::/64 via fd77::1 proto static",
        "neigh add 192.168.77.99 lladdr 02:00:00:00:00:99 dev eth0 nud permanent",
        "link add flannel.7 type vxlan id 7 dstport 8472 dev eth0 nolearning",
        "link set flannel.7 up",
        "route add 10.96.0.0/16 dev flannel.7",
        "link add flannel-br type bridge",
    ];

    /// <summary>Ours by protocol number, wherever they are.</summary>
    private static readonly string[] OursElsewhere =
    [
        "route add 10.95.0.0/16 via 192.168.77.1 proto 77 table 1234",
        "route add blackhole 10.94.0.0/16 proto 77",
        "-6 route add fd99::/64 via fd77::1 proto 77",
        "-6 route add unreachable fd97::/64 proto 77 metric 7",
        "neigh add 192.168.77.98 lladdr 02:00:00:00:00:98 dev eth0 nud permanent protocol 77",
    ];

    [Fact]
    public async Task Ours_goes_and_everything_foreign_stays()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            var host = lab[2];
            string subnet = await Subnet(host), theirs = await Subnet(lab[1]);
            host.Kill();
            await host.WaitForExitAsync();
            await Ip(host, Foreign);
            var before = await Everything(host);
            await Ip(host, OursElsewhere);

            var cleanup = await Cleanup(host);
            output.WriteLine(cleanup.ToString());
            Assert.Equal((0, ""), (cleanup.ExitCode, cleanup.Error));
            // A peer's route and neighbour, the device, those five, the guard's table and the two chains of forward rules, subnet.env and the socket.
            Assert.Contains("\n13 removed; kept", cleanup.Output, StringComparison.Ordinal);
            Assert.Contains($"removed route {theirs} via {theirs.Split('/')[0]} dev flannel.1\n", cleanup.Output, StringComparison.Ordinal);
            Assert.Contains("removed route 10.95.0.0/16 via 192.168.77.1 dev eth0 table 1234\n", cleanup.Output, StringComparison.Ordinal);
            Assert.Contains("removed route blackhole 10.94.0.0/16\n", cleanup.Output, StringComparison.Ordinal);
            Assert.Contains("removed neighbour 192.168.77.98 lladdr 02:00:00:00:00:98 dev eth0\n", cleanup.Output, StringComparison.Ordinal);
            Assert.Contains("removed device flannel.1\n", cleanup.Output, StringComparison.Ordinal);
            Assert.Equal(before.Where(line => !line.Contains("flannel.1 ", StringComparison.Ordinal) && !line.Contains("flannel.1:", StringComparison.Ordinal)), await Everything(host));
            Assert.Empty(Directory.GetFileSystemEntries(host.RunDirectory));
            Assert.True(File.Exists(Path.Combine(host.StateDirectory, "node-id")));

            var again = JsonDocument.Parse((await Cleanup(host, "--json")).Output).RootElement;
            Assert.Equal(0, again.GetProperty("count").GetInt32());
            Assert.Equal(host.StateDirectory, again.GetProperty("kept").GetString());

            host.Start();
            await lab.WaitReadyAsync();
            Assert.Equal(subnet, await Subnet(host));
        });
    }

    [Fact]
    public async Task While_a_node_runs_it_refuses_and_touches_nothing()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            var before = await Everything(lab[2]);
            var cleanup = await Cleanup(lab[2]);
            AssertOneLine(cleanup, 1, "api.sock: a node runs with this --run-dir");
            Assert.Equal(before, await Everything(lab[2]));
            Assert.True((await lab[2].Api.ReadyAsync()).Ready);
        });
    }

    [Fact]
    public async Task Without_the_node_id_a_device_stays_and_it_says_which()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            var host = lab[2];
            host.Kill();
            await host.WaitForExitAsync();
            string empty = Directory.CreateDirectory(Path.Combine(host.StateDirectory, "elsewhere")).FullName;
            var cleanup = await Command.Run(host.Host, Command.Executable, "cleanup", "--run-dir", host.RunDirectory, "--state-dir", empty);
            AssertOneLine(cleanup, 1, "device flannel.1 stays: nothing says that it is ours");
            Assert.Empty(await OurRoutes(host));
            Assert.Equal(0, (await Command.Run(host.Host, "ip", "link", "show", "flannel.1")).ExitCode);
            Assert.Equal(0, (await Cleanup(host)).ExitCode);
            Assert.NotEqual(0, (await Command.Run(host.Host, "ip", "link", "show", "flannel.1")).ExitCode);
        });
    }

    [Fact]
    public async Task Without_CAP_NET_ADMIN_it_says_so()
    {
        using var lab = Prepare(output, 1);
        var cleanup = await Command.Run(
            lab[1].Host, "setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", Command.Executable, "cleanup", "--run-dir", lab[1].RunDirectory, "--state-dir", lab[1].StateDirectory);
        AssertOneLine(cleanup, 1, "CAP_NET_ADMIN");
    }

    [Fact]
    public async Task A_broken_node_id_stops_it_before_anything_is_removed()
    {
        using var lab = Prepare(output, 1);
        await File.WriteAllTextAsync(Path.Combine(lab[1].StateDirectory, "node-id"), "not an id\n");
        await Ip(lab[1], OursElsewhere[0]);
        AssertOneLine(await Cleanup(lab[1]), 1, "'not an id' is not a node id");
        Assert.Single((await OverlayLab.Ip(lab[1], "route", "show", "table", "1234")).EnumerateArray());
    }

    private static Task<CommandResult> Cleanup(LabHost host, params string[] more) =>
        Command.Run(host.Host, Command.Executable, ["cleanup", "--run-dir", host.RunDirectory, "--state-dir", host.StateDirectory, .. more]);

    private static async Task Ip(LabHost host, params string[] commands)
    {
        foreach (string command in commands)
        {
            var result = await Command.Run(host.Host, "ip", command.Split(' '));
            Assert.True(result.ExitCode == 0, $"ip {command}: {result}");
        }
    }

    /// <summary>Links, routes of every table and permanent neighbours as iproute2 shows them.</summary>
    private static async Task<string[]> Everything(LabHost host)
    {
        var lines = new List<string>();
        foreach (string command in new[] { "-o link show", "-4 route show table all", "-6 route show table all", "neigh show nud permanent" })
            lines.AddRange((await Command.Run(host.Host, "ip", command.Split(' '))).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        // A link-local address appears when its duplicate address detection is over, a second or two after its device.
        return [.. lines.Where(line => !line.StartsWith("local fe80::", StringComparison.Ordinal))];
    }

    private static void AssertOneLine(CommandResult result, int exitCode, string expected)
    {
        Assert.True(exitCode == result.ExitCode, result.ToString());
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
