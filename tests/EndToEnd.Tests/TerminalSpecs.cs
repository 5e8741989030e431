using System.Diagnostics;
using System.Text.RegularExpressions;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What people see in a terminal of 80 columns.</summary>
public sealed partial class TerminalSpecs : IClassFixture<SharedLab>
{
    private const int Columns = 80;

    private readonly SharedLab shared;
    private readonly ITestOutputHelper output;

    public TerminalSpecs(SharedLab shared, ITestOutputHelper output)
    {
        this.shared = shared;
        this.output = output;
        shared.Output = output;
    }

    [Theory]
    [InlineData(10, "status")]
    [InlineData(3, "peers")]
    [InlineData(7, "routes")]
    [InlineData(5, "lease", "list")]
    [InlineData(7, "cluster", "status")]
    public async Task Its_tables_fit_and_nothing_is_cut(int leastLines, params string[] command)
    {
        await shared.WholeAsync();
        await AssertFits(shared.Lab[2], leastLines, command);
    }

    /// <summary>Both families, what the forwarders count, and names as clouds give them.</summary>
    [Fact]
    public async Task Long_names_and_both_families_fit_too()
    {
        using var lab = OverlayLab.Prepare(output, 2, """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42:4242:4242::/56","Backend":{"Type":"udp"}}""");
        // The lab gives its hosts short names.
        Process[] nodes = [.. lab.Hosts.Select(host => Command.Start(
            host.Host, Command.Executable, "run", "--seed", "192.168.77.1", "--net-conf", lab.Network.NetConfFile, "--iface", "eth0", "--state-dir", host.StateDirectory, "--run-dir", host.RunDirectory,
            "--node-name", $"ip-10-0-101-{host.Index}.eu-central-1.compute.internal"))];
        foreach (var node in nodes)
            _ = Task.WhenAll(node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        try
        {
            await lab.WaitReadyAsync();
            foreach (string[] command in (string[][])[["status"], ["peers"], ["routes"], ["lease", "list"]])
                await AssertFits(lab[2], 4, command);
        }
        finally
        {
            foreach (var node in nodes)
            {
                node.Kill();
                node.Dispose();
            }
        }
    }

    private async Task AssertFits(LabHost host, int leastLines, string[] command)
    {
        string line = $"{Command.Executable} {string.Join(' ', command)} --run-dir {host.RunDirectory}";
        var said = await Command.Run(null, "script", "-qec", $"stty cols {Columns}; {line}", "/dev/null");
        string[] lines = [.. Escapes().Replace(said.Output, "").Split('\n').Select(text => text.TrimEnd()).Where(text => text.Length > 0)];
        output.WriteLine(string.Join('\n', lines));
        Assert.True(said.ExitCode == 0, said.ToString());
        Assert.True(lines.Length >= leastLines, said.ToString());
        Assert.All(lines, text => Assert.True(text.Length <= Columns, $"{text.Length}: {text}"));
        Assert.DoesNotContain(lines, text => text.Contains('…'));
    }

    /// <summary>ECMA-48's control sequences: colours and the like.</summary>
    [GeneratedRegex(@"\e\[[0-9;?]*[a-zA-Z]|\e[=>]|\r")]
    private static partial Regex Escapes();
}
