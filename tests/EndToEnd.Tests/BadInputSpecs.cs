using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Whatever is wrong gets one clear line, the right exit code, and changes nothing.</summary>
public sealed class BadInputSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData("Unrecognized", "run", "--sed", "192.168.77.1")]
    [InlineData("--port '0': not a port", "run", "--seed", "192.168.77.1", "--port", "0")]
    [InlineData("--port 'x': not a port", "run", "--seed", "192.168.77.1", "--port", "x")]
    [InlineData("--seed '192.168.77.1:99999': not HOST", "run", "--seed", "192.168.77.1:99999")]
    [InlineData("no seed", "run")]
    [InlineData("a majority of 2 is 2", "run", "--seed", "192.168.77.1", "--seed", "192.168.77.2")]
    [InlineData("--on-exit 'later': must be auto or keep or release", "run", "--seed", "192.168.77.1", "--on-exit", "later")]
    [InlineData("--journal 'etcd': must be sqlite or quorum or postgres", "run", "--seed", "192.168.77.1", "--journal", "etcd")]
    [InlineData("--public-ip 'fd00::1': not an IPv4 address", "run", "--seed", "192.168.77.1", "--public-ip", "fd00::1")]
    [InlineData("--iface-regex '(eth': not a regular expression", "run", "--seed", "192.168.77.1", "--iface-regex", "(eth")]
    [InlineData("--role 'core': the seed list alone", "run", "--seed", "192.168.77.1", "--role", "core")]
    public async Task Bad_usage_exits_2(string expected, params string[] arguments)
    {
        using var lab = OverlayLab.Prepare(output, 1);
        var result = await Command.Run(lab[1].Host, Command.Executable, [.. arguments, .. arguments[0] == "run" ? ["--state-dir", lab[1].StateDirectory, "--run-dir", lab[1].RunDirectory] : Array.Empty<string>()]);
        AssertOneLine(result, 2, expected);
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task Without_CAP_NET_ADMIN_it_does_not_start()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        var result = await Command.Run(lab[1].Host, "setpriv", ["--bounding-set=-net_admin", "--inh-caps=-net_admin", Command.Executable, .. Run(lab[1], lab.Network.NetConfFile)]);
        AssertOneLine(result, 1, "CAP_NET_ADMIN");
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task Three_seeds_with_a_file_on_each_are_refused()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        var result = await Start(lab, "--seed", "192.168.77.2", "--seed", "192.168.77.3", "--journal", "sqlite");
        AssertOneLine(result, 1, "3 seeds with --journal sqlite: a file on each of them would hand out subnets twice");
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task An_interface_that_does_not_exist_is_named_with_those_that_do()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        var result = await Start(lab, "--iface", "eth7");
        AssertOneLine(result, 1, "--iface eth7: there is no such device; this host has lo (");
        AssertUntouched(lab[1]);
    }

    [Theory]
    [InlineData("not json", "net-conf.json")]
    [InlineData("""{"Network":"10.244.0.0/16","SubnetMin":"10.244.200.0","SubnetMax":"10.244.100.0"}""", "SubnetMin")]
    [InlineData("""{"Network":"10.244.0.0/16","Backend":{"Type":"carrier-pigeon"}}""", "carrier-pigeon")]
    [InlineData("""{"Network":"10.244.0.0/16","Backend":{"Type":"extension","SubnetAddCommand":"ip route add \"$SUBNET\""}}""", "SubnetAddCommand")]
    public async Task A_net_conf_that_cannot_be_used_is_refused(string content, string expected)
    {
        using var lab = OverlayLab.Prepare(output, 1);
        await File.WriteAllTextAsync(lab.Network.NetConfFile, content);
        AssertOneLine(await Start(lab), 1, expected);
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task A_net_conf_that_is_not_there_is_named()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        File.Delete(lab.Network.NetConfFile);
        AssertOneLine(await Start(lab), 1, "net-conf.json: not found");
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task A_port_in_use_is_named()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        using var taken = lab[1].Host.Run(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        taken.Bind(new IPEndPoint(lab[1].UnderlayAddress, 4053));
        taken.Listen();
        AssertOneLine(await Start(lab), 1, "port 4053 on 192.168.77.1: in use");
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task A_state_directory_that_cannot_be_written_is_named()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        AssertOneLine(await Start(lab, "--state-dir", "/proc/akka-overlay"), 1, "/proc/akka-overlay cannot be made or written");
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task A_foreign_device_called_flannel_1_is_not_touched()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        await Command.Run(lab[1].Host, "ip", "link", "add", "flannel.1", "type", "bridge");
        AssertOneLine(await Start(lab), 1, "a bridge of somebody else is called flannel.1");
        Assert.Contains("bridge", (await Command.Run(lab[1].Host, "ip", "-d", "link", "show", "flannel.1")).Output, StringComparison.Ordinal);
        Assert.False(File.Exists(lab[1].SubnetFile));
    }

    [Fact]
    public async Task A_running_flannels_device_is_not_touched()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        foreach (string line in new[]
        {
            "ip link add flannel.1 address 02:11:22:33:44:55 type vxlan id 1 local 192.168.77.1 dev eth0 dstport 8472 nolearning", "ip addr add 10.244.9.0/32 dev flannel.1",
            "ip link set flannel.1 up", "bridge fdb add 02:00:00:00:00:09 dst 192.168.77.9 dev flannel.1 self permanent",
        })
            Assert.Equal(0, (await Command.Run(lab[1].Host, line.Split(' ')[0], line.Split(' ')[1..])).ExitCode);
        AssertOneLine(await Start(lab), 1, "a vxlan of somebody else is called flannel.1 (another network here with VNI 1, or flannel?)");
        string device = (await Command.Run(lab[1].Host, "ip", "addr", "show", "flannel.1")).Output;
        Assert.Contains("02:11:22:33:44:55", device, StringComparison.Ordinal);
        Assert.Contains("10.244.9.0/32", device, StringComparison.Ordinal);
        Assert.Contains("dst 192.168.77.9", (await Command.Run(lab[1].Host, "bridge", "fdb", "show", "dev", "flannel.1")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_directory_with_too_long_a_name_for_a_socket_is_refused()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        var result = await Command.Run(lab[1].Host, Command.Executable, "run", "--seed", "192.168.77.1", "--net-conf", lab.Network.NetConfFile, "--state-dir", lab[1].StateDirectory, "--run-dir", $"/tmp/{new string('x', 110)}");
        AssertOneLine(result, 1, "the kernel takes 107");
        AssertUntouched(lab[1]);
    }

    [Fact]
    public async Task A_broken_node_id_is_not_overwritten()
    {
        using var lab = OverlayLab.Prepare(output, 1);
        string file = Path.Combine(lab[1].StateDirectory, "node-id");
        await File.WriteAllTextAsync(file, "not an id\n");
        AssertOneLine(await Start(lab), 1, "'not an id' is not a node id");
        Assert.Equal("not an id\n", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_second_node_in_the_same_run_directory_is_refused_and_the_first_goes_on()
    {
        using var lab = await OverlayLab.StartAsync(output, 1);
        await lab.Run(async () =>
        {
            AssertOneLine(await Start(lab, "--port", "4054"), 1, "another akka-overlay runs with this --run-dir");
            Assert.True((await lab[1].Api.ReadyAsync()).Ready);
        });
    }

    private static Task<CommandResult> Start(OverlayLab lab, params string[] more) =>
        Command.Run(lab[1].Host, Command.Executable, [.. Run(lab[1], lab.Network.NetConfFile, more)]);

    private static IEnumerable<string> Run(LabHost host, string netConf, params string[] more)
    {
        var arguments = new List<string> { "run", "--seed", "192.168.77.1", "--net-conf", netConf, "--run-dir", host.RunDirectory };
        if (!more.Contains("--state-dir"))
            arguments.AddRange(["--state-dir", host.StateDirectory]);
        return [.. arguments, .. more];
    }

    private void AssertOneLine(CommandResult result, int exitCode, string expected)
    {
        output.WriteLine(result.Error);
        Assert.True(exitCode == result.ExitCode, result.ToString());
        Assert.Contains(expected, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static void AssertUntouched(LabHost host)
    {
        Assert.Empty(Directory.GetFileSystemEntries(host.RunDirectory));
        Assert.Empty(Directory.GetFileSystemEntries(host.StateDirectory));
        Assert.Equal("0", host.Host.Run(() => File.ReadAllText("/proc/thread-self/net/dev")).Contains("flannel", StringComparison.Ordinal) ? "1" : "0");
    }
}
