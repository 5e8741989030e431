using AkkaOverlay.Kernel.Namespaces;
using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The command with the real iptables, and with Docker's chain but no Docker: whose rules it makes, and whose it leaves alone.</summary>
public sealed class DockerRulesCommandSpecs : IDisposable
{
    private readonly ITestOutputHelper output;
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("akka-overlay-docker-rules-");
    private readonly NetworkNamespace host;

    public DockerRulesCommandSpecs(ITestOutputHelper output)
    {
        this.output = output;
        host = NetworkNamespace.Create($"dr{Environment.ProcessId}");
    }

    public void Dispose()
    {
        host.Dispose();
        NetworkNamespace.Delete(host.Name!);
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_rules_of_two_networks_stand_side_by_side_and_each_goes_alone()
    {
        await MakeDockersChains();
        string plain = Write("plain", "10.244", "fd42:0"), blue = Write("blue", "10.9", "fd42:9");
        await Rules("-f", plain);
        string before = await Marked("akka-overlay-docker ");
        Assert.Equal(6, Lines(before).Length);

        await Rules("-f", blue, "--network", "blue");
        Assert.Equal(before, await Marked("akka-overlay-docker "));
        string blues = await Marked("akka-overlay-docker-blue ");
        Assert.Equal(6, Lines(blues).Length);
        foreach (string expected in new[] { "-A DOCKER-USER -s 10.9.0.0/16 -d 10.9.0.0/16 ", "-A POSTROUTING -s 10.9.0.0/16 -d 10.9.0.0/16 ", "-A PREROUTING -s fd42:9::/48 -d fd42:9:0:3::/64 " })
            Assert.Contains(expected, blues, StringComparison.Ordinal);
        // Both again: all stands.
        Assert.Equal("", await Rules("-f", plain));
        Assert.Equal("", await Rules("-f", blue, "--network", "blue"));

        // Another subnet for one of them.
        blue = Write("blue", "10.9", "fd42:9", "7");
        await Rules("-f", blue, "--network", "blue");
        Assert.Equal(before, await Marked("akka-overlay-docker "));
        string moved = await Marked("akka-overlay-docker-blue ");
        Assert.Equal(blues.Replace("10.9.3.0", "10.9.7.0", StringComparison.Ordinal).Replace("0:3::", "0:7::", StringComparison.Ordinal), moved);

        // Nothing of a third network is there.
        Assert.Equal("", await Rules("--remove", "--network", "green"));
        await Rules("--remove");
        Assert.Equal(("", moved), (await Marked("akka-overlay-docker "), await Marked("akka-overlay-docker-blue ")));
        await Rules("-f", plain);
        Assert.Equal(before, await Marked("akka-overlay-docker "));

        Assert.Equal(6, Lines(await Cleanup("--network", "blue")).Count(line => line.StartsWith("removed rule ", StringComparison.Ordinal)));
        Assert.Equal((before, ""), (await Marked("akka-overlay-docker "), await Marked("akka-overlay-docker-blue ")));
        await Rules("-f", blue, "--network", "blue");
        Assert.Equal(6, Lines(await Cleanup()).Count(line => line.StartsWith("removed rule ", StringComparison.Ordinal)));
        Assert.Equal(("", moved), (await Marked("akka-overlay-docker "), await Marked("akka-overlay-docker-blue ")));
    }

    [Theory]
    [InlineData("/run/akka-overlay/blue/subnet.env: this is the subnet of network 'blue', and these would be the rules of the default network", "-f", "/run/akka-overlay/blue/subnet.env")]
    [InlineData("/run/akka-overlay/blue/subnet.env: this is the subnet of network 'blue', and these would be the rules of network 'red'", "-f", "/run/akka-overlay/blue/subnet.env", "--network", "red")]
    [InlineData("--network 'a b': 1 to 15 letters", "--network", "a b")]
    [InlineData("--subnet-file '': must not be empty", "-f", "")]
    public async Task Under_a_name_that_cannot_be_right_nothing_is_done(string expected, params string[] arguments)
    {
        await MakeDockersChains();
        await Rules("-f", Write("plain", "10.244", "fd42:0"));
        string before = await Marked("");
        var result = await Command.Run(host, Command.Executable, ["docker-rules", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, Assert.Single(Lines(result.Error)), StringComparison.Ordinal);
        Assert.Equal(before, await Marked(""));
    }

    private async Task MakeDockersChains()
    {
        foreach (string program in new[] { "iptables", "ip6tables" })
            Assert.Equal(0, (await Command.Run(host, program, "-N", "DOCKER-USER")).ExitCode);
    }

    private string Write(string name, string range, string range6, string third = "3")
    {
        string file = Path.Combine(folder.FullName, $"{name}.env");
        File.WriteAllText(file, $"FLANNEL_NETWORK={range}.0.0/16\nFLANNEL_SUBNET={range}.{third}.1/24\nFLANNEL_IPV6_NETWORK={range6}::/48\nFLANNEL_IPV6_SUBNET={range6}:0:{third}::1/64\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n");
        return file;
    }

    private async Task<string> Rules(params string[] arguments)
    {
        var result = await Command.Run(host, Command.Executable, ["docker-rules", .. arguments]);
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    private async Task<string> Cleanup(params string[] arguments)
    {
        var result = await Command.Run(host, Command.Executable, ["cleanup", "--run-dir", folder.FullName, "--state-dir", folder.FullName, .. arguments]);
        output.WriteLine(result.ToString());
        Assert.True(result.ExitCode == 0, result.ToString());
        return result.Output;
    }

    /// <summary>Rules of all tables and both families whose comment begins so.</summary>
    private async Task<string> Marked(string comment)
    {
        var lines = new List<string>();
        foreach (string program in new[] { "iptables-save", "ip6tables-save" })
            lines.AddRange(Lines((await Command.Run(host, program)).Output).Where(line => line.Contains($"--comment {comment}", StringComparison.Ordinal)));
        return string.Join('\n', lines);
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
