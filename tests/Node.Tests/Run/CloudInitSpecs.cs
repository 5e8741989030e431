using System.Diagnostics;
using System.Text.Json;
using AkkaOverlay.Node.Options;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>The user data that is shipped for an autoscaling group is YAML, and what it writes is understood.</summary>
public sealed class CloudInitSpecs
{
    private static readonly string UserData = Path.Combine(ServiceUnitSpecs.Root(), "config", "cloud-init", "akka-overlay.yaml");

    /// <summary>cloud-init takes user data for its own by the first line.</summary>
    [Fact]
    public void It_begins_as_cloud_init_wants_it() => Assert.Equal("#cloud-config", File.ReadLines(UserData).First());

    [PythonYamlFact]
    public async Task It_writes_a_node_json_that_run_accepts()
    {
        var options = RunOptions.From(OptionSources.Read(RunOptions.Specs, "node.json", FileIn(await Load(), "/etc/akka-overlay/node.json").GetProperty("content").GetString()!)
            .ToDictionary());
        Assert.Equal(3, options.Seeds.Count);
        Assert.Equal(OnExit.Auto, options.OnExit);
        Assert.Equal(TimeSpan.FromMinutes(2), options.Drain);
    }

    [PythonYamlFact]
    public async Task It_installs_before_it_starts_the_service_where_the_unit_looks_for_it()
    {
        var data = await Load();
        string[] commands = [.. data.GetProperty("runcmd").EnumerateArray().Select(command => string.Join(' ', command.EnumerateArray().Select(word => word.GetString())))];
        Assert.StartsWith("/usr/local/sbin/install-akka-overlay https://", commands[0], StringComparison.Ordinal);
        Assert.Equal(["systemctl daemon-reload", "systemctl enable --now akka-overlay.service"], commands[1..]);
        var installer = FileIn(data, "/usr/local/sbin/install-akka-overlay");
        Assert.Equal("0755", installer.GetProperty("permissions").GetString());
        Assert.Contains("/usr/bin/akka-overlay", installer.GetProperty("content").GetString(), StringComparison.Ordinal);
        Assert.Contains("ExecStart=/usr/bin/akka-overlay run", await File.ReadAllLinesAsync(Path.Combine(ServiceUnitSpecs.Root(), "config", "systemd", "akka-overlay.service")));
    }

    [PythonYamlFact]
    public async Task The_installer_refuses_an_archive_with_another_checksum_before_it_unpacks_it()
    {
        var folder = Directory.CreateTempSubdirectory("akka-overlay-cloud-init");
        try
        {
            string script = Path.Combine(folder.FullName, "install"), archive = Path.Combine(folder.FullName, "some.tar.gz");
            await File.WriteAllTextAsync(script, FileIn(await Load(), "/usr/local/sbin/install-akka-overlay").GetProperty("content").GetString());
            await File.WriteAllTextAsync(archive, "not what was published");
            var (status, said) = await Run("/bin/sh", script, $"file://{archive}", new string('0', 64));
            Assert.Equal(1, status);
            Assert.Contains("checksum did NOT match", said, StringComparison.Ordinal);
            Assert.DoesNotContain("tar:", said, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonElement FileIn(JsonElement data, string path) =>
        data.GetProperty("write_files").EnumerateArray().Single(file => file.GetProperty("path").GetString() == path);

    private static async Task<JsonElement> Load()
    {
        var (status, json) = await Run(PythonYamlFactAttribute.Python, "-c", "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))", UserData);
        Assert.Equal(0, status);
        return JsonDocument.Parse(json).RootElement;
    }

    private static async Task<(int Status, string Output)> Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["LC_ALL"] = "C" } })!;
        var error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, process.ExitCode == 0 ? output : await error);
    }
}

/// <summary>Runs where Python reads YAML and curl is there, and counts as skipped where they are not.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PythonYamlFactAttribute : FactAttribute
{
    public const string Python = "/usr/bin/python3";

    public PythonYamlFactAttribute()
    {
        if (!File.Exists(Python) || !ReadsYaml() || !File.Exists("/usr/bin/curl"))
            Skip = $"{Python} with its YAML module, or curl, is not there (Debian's packages python3-yaml and curl)";
    }

    private static bool ReadsYaml()
    {
        using var process = Process.Start(new ProcessStartInfo(Python, ["-c", "import yaml"]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
