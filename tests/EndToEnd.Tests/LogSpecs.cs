using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What a node writes to its log, for programs to read, and who changed what.</summary>
public sealed class LogSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Each_line_is_a_JSON_object_and_every_change_by_an_operator_leaves_one_with_his_name()
    {
        using var lab = Prepare(output, 1, """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""");
        await lab.Run(async () =>
        {
            var host = lab[1];
            host.Start("--log-format", "json");
            await host.WaitReadyAsync(TimeSpan.FromSeconds(60));
            int reserving = await RunAsync(host, 0, "lease", "reserve", "10.244.9.0/24", "--host", "db9");
            int refused = await RunAsync(host, 1, "lease", "reserve", "10.244.9.0/24", "--host", "other");
            await RunAsync(host, 0, "lease", "list");
            await Eventually("both are in the log", () => Task.FromResult(Audits(host).Count == 2), Patience);
            var done = Audits(host)[0].GetProperty("properties");
            Assert.Equal((0, 0, reserving), (done.GetProperty("Uid").GetInt32(), done.GetProperty("Gid").GetInt32(), done.GetProperty("Pid").GetInt32()));
            Assert.Equal("PUT /reservations/10.244.9.0/24?host=db9", done.GetProperty("Change").GetString());
            Assert.Equal("this host's socket", done.GetProperty("From").GetString());
            Assert.Equal(("200", "10.244.9.0/24 is reserved for db9"), (done.GetProperty("Status").GetString(), done.GetProperty("Result").GetString()));
            var not = Audits(host)[1];
            Assert.Equal(("warning", refused, "409"), (not.GetProperty("level").GetString(), not.GetProperty("properties").GetProperty("Pid").GetInt32(), not.GetProperty("properties").GetProperty("Status").GetString()));
            // Named values of an actor's line too.
            var ready = Lines(host).Single(line => line.GetProperty("message").GetString()!.StartsWith("Ready: ", StringComparison.Ordinal));
            Assert.Equal(("info", "host"), (ready.GetProperty("level").GetString(), ready.GetProperty("category").GetString()));
            Assert.Equal(0, ready.GetProperty("properties").GetProperty("Peers").GetInt32());
            Assert.Equal("10.244.1.0/24", ready.GetProperty("properties").GetProperty("Subnets").GetString());
            host.Terminate();
            Assert.Equal(0, await host.WaitForExitAsync());
            Assert.All(Lines(host), line =>
            {
                Assert.Equal(["timestamp", "level", "category", "message"], line.EnumerateObject().Take(4).Select(property => property.Name));
                Assert.Equal(DateTimeKind.Utc, line.GetProperty("timestamp").GetDateTime().Kind);
            });
            // The key that this host proves itself with, in any spelling that it has on the disk.
            byte[] key = await File.ReadAllBytesAsync(Directory.EnumerateFiles(host.StateDirectory).Single(file => file.EndsWith("key", StringComparison.Ordinal)));
            string log = await File.ReadAllTextAsync(host.LogFile);
            Assert.All(
                new[] { System.Text.Encoding.ASCII.GetString(key).Trim(), Convert.ToBase64String(key), Convert.ToHexString(key) },
                secret => Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase));
        });
    }

    [Fact]
    public async Task The_audit_is_one_line_of_text_where_the_log_is_text()
    {
        using var lab = await StartAsync(output, 1);
        await lab.Run(async () =>
        {
            int pid = await RunAsync(lab[1], 1, "lease", "unreserve", "10.244.9.0/24");
            await Eventually("it is in the log", () => Task.FromResult(File.ReadAllText(lab[1].LogFile).Contains("Audit", StringComparison.Ordinal)), Patience);
            string line = Assert.Single(File.ReadLines(lab[1].LogFile), line => line.Contains("Audit", StringComparison.Ordinal));
            output.WriteLine(line);
            Assert.Matches($"^[0-9TZ:.-]+ warn: Audit\\[0\\] uid 0 gid 0 pid {pid} \\(.+\\) from this host's socket: DELETE /reservations/10.244.9.0/24: 409 ", line);
        });
    }

    private static async Task<int> RunAsync(LabHost host, int expected, params string[] arguments)
    {
        using var process = Command.Start(null, Command.Executable, [.. arguments, "--run-dir", host.RunDirectory]);
        var said = process.StandardOutput.ReadToEndAsync();
        string complained = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(process.ExitCode == expected, $"{string.Join(' ', arguments)}: {process.ExitCode}\n{await said}{complained}");
        return process.Id;
    }

    private static List<JsonElement> Audits(LabHost host) => [.. Lines(host).Where(line => line.GetProperty("category").GetString() == "Audit")];

    private static IEnumerable<JsonElement> Lines(LabHost host) => File.ReadLines(host.LogFile).Select(line => JsonDocument.Parse(line).RootElement);
}
