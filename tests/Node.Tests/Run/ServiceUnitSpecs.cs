using System.Diagnostics;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>What is shipped for systemd says what the node does.</summary>
public sealed class ServiceUnitSpecs
{
    private static readonly string Folder = Path.Combine(Root(), "config", "systemd");

    private static string Unit => Path.Combine(Folder, "akka-overlay.service");

    [Theory]
    [InlineData("Type", "notify")]
    [InlineData("NotifyAccess", "main")]
    [InlineData("ExecStart", "/usr/bin/akka-overlay run")]
    [InlineData("Restart", "on-failure")]
    [InlineData("StateDirectory", "akka-overlay")]
    [InlineData("RuntimeDirectory", "akka-overlay")]
    [InlineData("RuntimeDirectoryPreserve", "yes")]
    [InlineData("CapabilityBoundingSet", "CAP_NET_ADMIN CAP_NET_RAW")]
    [InlineData("NoNewPrivileges", "yes")]
    [InlineData("ProtectSystem", "strict")]
    // The node sets net.ipv4.ip_forward, and its code is compiled as it runs.
    [InlineData("ProtectKernelTunables", null)]
    [InlineData("MemoryDenyWriteExecute", null)]
    public void The_unit_says(string key, string? value) => Assert.Equal(value, Settings().GetValueOrDefault(key));

    [Fact]
    public void The_unit_of_a_named_network_is_the_same_but_for_the_name()
    {
        static IEnumerable<string> Body(string file) => File.ReadLines(Path.Combine(Folder, file)).Where(line => line.Length > 0 && line[0] != '#');
        string[] expected =
        [
            "Description=AkkaOverlay container network %i", "ExecStart=/usr/bin/akka-overlay run --network %i", "StateDirectory=akka-overlay/%i", "RuntimeDirectory=akka-overlay/%i",
        ];
        Assert.Equal(expected, Body("akka-overlay@.service").Except(Body("akka-overlay.service")));
        Assert.Equal(Body("akka-overlay.service").Count(), Body("akka-overlay@.service").Count());
        Assert.True(NetworkName.TryParse("blue", out var blue));
        Assert.Equal(("/var/lib/akka-overlay/blue", "/run/akka-overlay/blue"), (RunOptions.StateDirectoryOf(blue), RunOptions.RunDirectoryOf(blue)));
    }

    [Fact]
    public void Its_directories_are_the_defaults_of_run()
    {
        Assert.Equal(RunOptions.DefaultStateDirectory, $"/var/lib/{Settings()["StateDirectory"]}");
        Assert.Equal(RunOptions.DefaultRunDirectory, $"/run/{Settings()["RuntimeDirectory"]}");
    }

    [Fact]
    public void Every_line_is_a_section_a_comment_or_an_assignment() => Assert.All(
        File.ReadLines(Unit), line => Assert.True(line.Length == 0 || line[0] is '#' or '[' || line.IndexOf('=', StringComparison.Ordinal) > 0, line));

    [SystemdAnalyzeFact]
    public async Task Systemd_finds_nothing_wrong_with_it()
    {
        var folder = Directory.CreateTempSubdirectory("akka-overlay-unit");
        try
        {
            // It looks whether the program is there.
            string copy = Path.Combine(folder.FullName, "akka-overlay.service");
            await File.WriteAllTextAsync(copy, (await File.ReadAllTextAsync(Unit)).Replace("/usr/bin/akka-overlay", "/bin/true", StringComparison.Ordinal));
            var start = new ProcessStartInfo(SystemdAnalyzeFactAttribute.Program, ["verify", "--man=no", copy]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var verify = Process.Start(start)!;
            string said = await verify.StandardError.ReadToEndAsync() + await verify.StandardOutput.ReadToEndAsync();
            await verify.WaitForExitAsync();
            Assert.Equal((0, false), (verify.ExitCode, said.Contains("akka-overlay", StringComparison.Ordinal)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void The_example_of_node_json_is_understood()
    {
        var given = OptionSources.Gather(RunOptions.Specs, _ => null, _ => null, Path.Combine(Folder, "node.json.example"));
        var options = RunOptions.From(given);
        Assert.Equal(["192.168.7.1"], options.Seeds.Select(seed => seed.Text));
        Assert.Equal(["eth0"], options.Interfaces);
    }

    [Fact]
    public void The_example_with_the_API_on_TCP_is_understood()
    {
        var given = OptionSources.Gather(RunOptions.Specs, _ => null, _ => null, Path.Combine(Folder, "node-api.json.example"));
        Assert.Equal("/etc/akka-overlay/api-token", given["api-token-file"].Values.Single());
        given.Remove("api-token-file");
        Assert.Equal("127.0.0.1:9453", RunOptions.From(given).ApiListen?.ToString());
    }

    private static Dictionary<string, string> Settings() => File.ReadLines(Unit)
        .Where(line => line.Length > 0 && line[0] is not ('#' or '['))
        .Select(line => line.Split('=', 2))
        .ToDictionary(pair => pair[0], pair => pair[1]);

    internal static string Root()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "AkkaOverlay.sln")))
            directory = directory.Parent ?? throw new FileNotFoundException("These tests do not run inside the source tree.");
        return directory.FullName;
    }
}

/// <summary>Runs where systemd-analyze is there, and counts as skipped where it is not: a container image has no systemd.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SystemdAnalyzeFactAttribute : FactAttribute
{
    public const string Program = "/usr/bin/systemd-analyze";

    public SystemdAnalyzeFactAttribute()
    {
        if (!File.Exists(Program))
            Skip = $"{Program} is not there (Debian's package systemd)";
    }
}
