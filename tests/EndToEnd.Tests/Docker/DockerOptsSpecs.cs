using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The command: its options as flannel's script has them, and what it does with files that are not whole.</summary>
public sealed class DockerOptsSpecs : IDisposable
{
    private const string Whole = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("akka-overlay-docker-opts");

    private string SubnetEnv => Path.Combine(folder.FullName, "subnet.env");

    private string Written => Path.Combine(folder.FullName, "docker_opts.env");

    private string DaemonJson => Path.Combine(folder.FullName, "daemon.json");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData("", "DOCKER_OPT_BIP=\"--bip=10.244.3.1/24\"\nDOCKER_OPT_IPMASQ=\"--ip-masq=false\"\nDOCKER_OPT_MTU=\"--mtu=1450\"\nDOCKER_OPTS=\" --bip=10.244.3.1/24 --ip-masq=false --mtu=1450\"\n")]
    [InlineData("-ic", "DOCKER_OPT_BIP=\"--bip=10.244.3.1/24\"\nDOCKER_OPT_IPMASQ=\"--ip-masq=false\"\nDOCKER_OPT_MTU=\"--mtu=1450\"\nDOCKER_OPTS=\" --bip=10.244.3.1/24 --ip-masq=false --mtu=1450\"\n")]
    [InlineData("-i", "DOCKER_OPT_BIP=\"--bip=10.244.3.1/24\"\nDOCKER_OPT_IPMASQ=\"--ip-masq=false\"\nDOCKER_OPT_MTU=\"--mtu=1450\"\n")]
    [InlineData("-c -m", "DOCKER_OPTS=\" --bip=10.244.3.1/24 --mtu=1450\"\n")]
    [InlineData("-c -k DOCKER_NETWORK_OPTIONS", "DOCKER_NETWORK_OPTIONS=\" --bip=10.244.3.1/24 --ip-masq=false --mtu=1450\"\n")]
    public async Task It_writes_what_the_script_writes(string options, string expected)
    {
        await File.WriteAllTextAsync(SubnetEnv, Whole);
        var result = await Command.AkkaOverlay(["docker-opts", "-f", SubnetEnv, "-d", Written, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((0, "", ""), (result.ExitCode, result.Output, result.Error));
        Assert.Equal(expected, await File.ReadAllTextAsync(Written));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(Written));
        // A shell understands it.
        string name = expected.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split('=')[0];
        var shell = await Command.Run(null, "sh", "-c", $". {Written}; printf '%s' \"${name}\"");
        Assert.Equal(expected.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1].Split('=', 2)[1].Trim('"'), shell.Output);
    }

    [Theory]
    [InlineData(null, "subnet.env: not found")]
    [InlineData("", "subnet.env: it is empty")]
    [InlineData("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=14", "half written")]
    [InlineData("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1450\n", "FLANNEL_IPMASQ is missing")]
    [InlineData("FLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=1\n", "Invalid value of FLANNEL_IPMASQ: 1")]
    public async Task A_subnet_file_that_is_not_whole_changes_nothing(string? content, string expected)
    {
        if (content is not null)
            await File.WriteAllTextAsync(SubnetEnv, content);
        await File.WriteAllTextAsync(Written, "as it was");
        await File.WriteAllTextAsync(DaemonJson, "{}");
        await AssertRefused(1, expected, "docker-opts", "-f", SubnetEnv, "-d", Written);
        await AssertRefused(1, expected, "docker-opts", "-f", SubnetEnv, "--daemon-json", DaemonJson);
        Assert.Equal(("as it was", "{}"), (await File.ReadAllTextAsync(Written), await File.ReadAllTextAsync(DaemonJson)));
    }

    [Theory]
    [InlineData("{\"debug\": true,", "daemon.json: not JSON")]
    [InlineData("{\"mtu\": \"1450\"}", "daemon.json: mtu must be a number")]
    [InlineData("[]", "daemon.json: it is not a JSON object")]
    public async Task A_broken_daemon_json_stays_as_it_is(string content, string expected)
    {
        await File.WriteAllTextAsync(SubnetEnv, Whole);
        await File.WriteAllTextAsync(DaemonJson, content);
        await AssertRefused(1, expected, "docker-opts", "-f", SubnetEnv, "--daemon-json", DaemonJson);
        Assert.Equal(content, await File.ReadAllTextAsync(DaemonJson));
        Assert.Equal(2, folder.GetFileSystemInfos().Length);
    }

    [Fact]
    public async Task Daemon_json_keeps_its_mode_and_its_place_behind_a_link_and_a_second_run_touches_nothing()
    {
        await File.WriteAllTextAsync(SubnetEnv, Whole);
        string real = Path.Combine(folder.FullName, "real.json");
        await File.WriteAllTextAsync(real, "{\n\t\"debug\": true\n}\n");
        File.SetUnixFileMode(real, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.CreateSymbolicLink(DaemonJson, real);
        var result = await Command.AkkaOverlay("docker-opts", "-f", SubnetEnv, "--daemon-json", DaemonJson);
        Assert.Equal((0, $"{DaemonJson}: set --bip=10.244.3.1/24 --ip-masq=false --mtu=1450; restart Docker\n"), (result.ExitCode, result.Output));
        Assert.NotNull(new FileInfo(DaemonJson).LinkTarget);
        Assert.Equal("{\n\t\"debug\": true,\n\t\"bip\": \"10.244.3.1/24\",\n\t\"mtu\": 1450,\n\t\"ip-masq\": false\n}\n", await File.ReadAllTextAsync(real));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(real));
        File.SetLastWriteTimeUtc(real, DateTime.UnixEpoch);
        Assert.StartsWith($"{DaemonJson}: has --bip", (await Command.AkkaOverlay("docker-opts", "-f", SubnetEnv, "--daemon-json", DaemonJson)).Output, StringComparison.Ordinal);
        Assert.Equal(DateTime.UnixEpoch, File.GetLastWriteTimeUtc(real));
    }

    [Fact]
    public async Task A_route_to_the_own_subnet_by_somebody_else_is_refused()
    {
        await File.WriteAllTextAsync(SubnetEnv, Whole);
        string name = $"aod{Environment.ProcessId}";
        using var host = NetworkNamespace.Create(name);
        try
        {
            foreach (string command in new[] { "link add br0 type bridge", "link set br0 up", "address add 192.0.2.1/24 dev br0", "route add 10.244.3.0/24 via 192.0.2.7" })
            {
                var result = await Command.Run(host, "ip", command.Split(' '));
                Assert.True(result.ExitCode == 0, $"{command}: {result}");
            }
            var refused = await Command.Run(host, Command.Executable, "docker-opts", "-f", SubnetEnv, "-d", Written);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("Your routing table already contains the subnet: 10.244.3.0/24 via 192.0.2.7", refused.Error, StringComparison.Ordinal);
            Assert.False(File.Exists(Written));
        }
        finally
        {
            NetworkNamespace.Delete(name);
        }
    }

    [Theory]
    [InlineData("-x")]
    [InlineData("--key '1': not the name of a variable", "-k", "1")]
    [InlineData("--docker-env '': must not be empty", "-d", "")]
    [InlineData("--daemon-json '': must not be empty", "--daemon-json", "")]
    [InlineData("--individual: not with --daemon-json", "-i", "--daemon-json", "/dev/null")]
    public async Task Bad_usage_exits_2(string expected, params string[] options) => await AssertRefused(2, expected, ["docker-opts", .. options.Length == 0 ? ["-x"] : options]);

    private static async Task AssertRefused(int exitCode, string expected, params string[] arguments)
    {
        var result = await Command.AkkaOverlay(arguments);
        Assert.True(exitCode == result.ExitCode, result.ToString());
        Assert.Contains(expected, Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal("", result.Output);
    }
}
