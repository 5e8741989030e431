using System.Text.Json;
using Xunit.Abstractions;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The reading commands against a running node.</summary>
public sealed class CommandSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_reading_command_has_a_table_and_JSON()
    {
        using var lab = await OverlayLab.StartAsync(output, 2);
        await lab.Run(async () =>
        {
            string[] where = ["--run-dir", lab[1].RunDirectory];
            (string[] Command, string InTable, Func<JsonElement, bool> InJson)[] commands =
            [
                (["status"], "ready", json => json.GetProperty("ready").GetBoolean() && json.GetProperty("lease").GetProperty("subnet").GetString()!.StartsWith("10.244.", StringComparison.Ordinal)),
                (["peers"], "192.168.77.2", json => json.GetArrayLength() == 1 && json[0].GetProperty("state").GetString() == "ok"),
                (["routes"], "flannel.1", json => json.EnumerateArray().All(item => item.GetProperty("state").GetString() == "ok")
                    && json.EnumerateArray().Count(item => item.GetProperty("kind").GetString() != "firewall") == 5),
                (["lease", "list"], "2 leases", json => json.GetProperty("leases").GetArrayLength() == 2),
                (["cluster", "show"], "akka.tcp://overlay@192.168.77.1:4053 | [core] | up |  | ", json => json.GetProperty("members").GetArrayLength() == 2),
            ];
            foreach (var (command, inTable, inJson) in commands)
            {
                var table = await Command.AkkaOverlay([.. command, .. where]);
                output.WriteLine($"$ akka-overlay {string.Join(' ', command)}\n{table.Output}");
                Assert.True(table.ExitCode == 0, table.ToString());
                Assert.Contains(inTable, table.Output, StringComparison.Ordinal);
                // A pipe has no width: what is read by programs is never cut.
                Assert.DoesNotContain("…", table.Output, StringComparison.Ordinal);
                var json = await Command.AkkaOverlay([.. command, .. where, "--json"]);
                Assert.True(inJson(JsonDocument.Parse(json.Output).RootElement), json.Output);
            }
        });
    }

    /// <summary>What libraries do of themselves: one of them watched every file of the machine, and each node woke up for every write.</summary>
    [Fact]
    public async Task A_node_watches_no_files()
    {
        using var lab = await OverlayLab.StartAsync(output, 1);
        await lab.Run(() =>
        {
            var watched = Directory.EnumerateFiles($"/proc/{lab[1].Process!.Id}/fdinfo").SelectMany(File.ReadLines).Where(line => line.StartsWith("inotify", StringComparison.Ordinal));
            Assert.Empty(watched);
            return Task.CompletedTask;
        });
    }

    [Fact]
    public async Task Without_a_node_they_say_so()
    {
        var result = await Command.AkkaOverlay("status", "--run-dir", "/tmp/there-is-no-node-here");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no akka-overlay answers at /tmp/there-is-no-node-here/api.sock", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task Network_check_prints_the_effective_configuration_of_the_seeds_example()
    {
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, """{"Network":"10.0.0.0/8","SubnetLen":20,"SubnetMin":"10.10.0.0","SubnetMax":"10.99.0.0","Backend":{"Type":"udp","Port":7890}}""");
            var result = await Command.AkkaOverlay("network", "check", file);
            Assert.Equal(0, result.ExitCode);
            var json = JsonDocument.Parse(result.Output).RootElement;
            Assert.Equal(1425, json.GetProperty("subnetCount").GetInt32());
            Assert.Equal("10.10.0.0", json.GetProperty("subnetMin").GetString());
            Assert.Equal("10.99.0.0", json.GetProperty("subnetMax").GetString());
            Assert.Equal(4096, json.GetProperty("addressesPerSubnet").GetInt32());
            Assert.Equal("udp", json.GetProperty("backend").GetProperty("type").GetString());
            Assert.Equal(7890, json.GetProperty("backend").GetProperty("port").GetInt32());

            await File.WriteAllTextAsync(file, """{"Network":"10.0.0.0/8","SubnetLen":31}""");
            var refused = await Command.AkkaOverlay("network", "check", file);
            Assert.Equal(1, refused.ExitCode);
            Assert.Contains("SubnetLen", refused.Error, StringComparison.Ordinal);
            Assert.Single(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        }
        finally
        {
            File.Delete(file);
        }
    }
}
