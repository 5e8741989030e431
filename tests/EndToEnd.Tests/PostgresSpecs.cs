using AkkaOverlay.Node.Lab;
using AkkaOverlay.Tests;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>--journal postgres: real nodes, and a real PostgreSQL on the last host of the lab, reached over its network.</summary>
public sealed class PostgresSpecs(ITestOutputHelper output)
{
    private const string Variable = "AKKA_OVERLAY_JOURNAL_CONNECTION";
    private const int Port = 5432;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task While_the_database_is_away_leases_stay_traffic_goes_on_and_nothing_is_granted(bool killed)
    {
        using var lab = Prepare(output, 4);
        await using var database = await StartDatabase(lab[4]);
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts.Take(2))
                await StartNode(host, database);
            await Eventually("h1 has its peer", async () => (await OurRoutes(lab[1])).Count == 1, Patience);
            await Eventually("h2 has its peer", async () => (await OurRoutes(lab[2])).Count == 1, Patience);
            string[] before = [await Subnet(lab[1]), await Subnet(lab[2])];
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);

            await (killed ? database.KillAsync() : database.StopAsync());
            lab[3].Start(Environment(database), "--journal", "postgres");
            await Task.Delay(8000);
            await Eventually("the waiting host says that it has no lease", async () => (await lab[3].Api.StatusAsync()).Lease is null, Patience);
            Assert.Equal(before, await Task.WhenAll(Subnet(lab[1]), Subnet(lab[2])));
            await Eventually("the log names the cause", () => Task.FromResult(Logs(lab).Contains("--journal postgres: database overlay on 192.168.77.4:5432: ", StringComparison.Ordinal)), Patience);

            var watch = System.Diagnostics.Stopwatch.StartNew();
            await database.StartAsync();
            var started = watch.Elapsed;
            await lab[3].WaitReadyAsync(Patience);
            var granted = watch.Elapsed - started;
            Assert.Equal(before, await Task.WhenAll(Subnet(lab[1]), Subnet(lab[2])));
            Assert.DoesNotContain(await Subnet(lab[3]), before);
            var seen = await pings.StopAsync();
            lab.Measured($"database {(killed ? "killed" : "stopped")} and back: a waiting host is ready {granted.TotalSeconds:0.0} s after the database answers; {seen.Sent} pings, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);
            Assert.True(granted < TimeSpan.FromSeconds(30), $"took {granted}");
            AssertNoSecret(lab);
        });
    }

    [Fact]
    public async Task Nodes_may_start_before_their_database()
    {
        using var lab = Prepare(output, 2);
        await using var database = await StartDatabase(lab[2]);
        await lab.Run(async () =>
        {
            await database.StopAsync();
            lab[1].Start(Environment(database), "--journal", "postgres");
            await Eventually("the log names the cause", () => Task.FromResult(Logs(lab).Contains("--journal postgres: database overlay on 192.168.77.2:5432: ", StringComparison.Ordinal)), Patience);
            Assert.True(lab[1].IsRunning);
            await database.StartAsync();
            long began = TimeProvider.System.GetTimestamp();
            await lab[1].WaitReadyAsync(Patience);
            lab.Measured($"a node that was there before its database is ready {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s after it");
            AssertNoSecret(lab);
        });
    }

    [Theory]
    [InlineData("Password=wrong", 1, "password authentication failed for user \"overlay\"")]
    [InlineData("Database=nowhere", 1, "database \"nowhere\" does not exist")]
    [InlineData("Pasword=s3cret", 2, $"{Variable}: not of the form Host=")]
    public async Task A_connection_that_cannot_be_right_is_refused(string change, int exitCode, string expected)
    {
        using var lab = Prepare(output, 1);
        await using var database = await StartDatabase(lab[1]);
        await AssertRefused(lab, new() { [Variable] = $"{database.ConnectionString(overTcp: true)};{change}" }, exitCode, expected);
    }

    [Fact]
    public async Task A_core_host_without_a_connection_is_refused()
    {
        using var lab = Prepare(output, 1);
        await AssertRefused(lab, [], 2, "--journal postgres: a host of the core needs --journal-connection");
    }

    [Fact]
    public async Task The_connection_may_stand_in_a_file_that_is_nobody_elses()
    {
        using var lab = Prepare(output, 1);
        await using var database = await StartDatabase(lab[1]);
        string file = Path.Combine(lab[1].StateDirectory, "connection");
        await File.WriteAllTextAsync(file, database.ConnectionString(overTcp: true) + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await AssertRefused(lab, [], 2, $"every user of this machine can read or write it; chmod 600 {file}", "--journal-connection", $"@{file}");
        await AssertRefused(lab, [], 2, "Could not find file", "--journal-connection", $"@{file}.not");
        File.SetUnixFileMode(file, UnixFileMode.UserRead);
        await lab.Run(async () =>
        {
            lab[1].Start("--journal", "postgres", "--journal-connection", $"@{file}");
            await lab[1].WaitReadyAsync(Patience);
            AssertNoSecret(lab);
        });
    }

    private static Task<PostgresServer> StartDatabase(LabHost host) => PostgresServer.StartNewAsync(host.UnderlayAddress, Port, start => host.Host.StartProcess(start));

    private static Dictionary<string, string> Environment(PostgresServer database) => new() { [Variable] = database.ConnectionString(overTcp: true) };

    private static async Task StartNode(LabHost host, PostgresServer database)
    {
        host.Start(Environment(database), "--journal", "postgres");
        await host.WaitReadyAsync(Patience);
        host.ConnectContainer();
    }

    private async Task AssertRefused(OverlayLab lab, Dictionary<string, string> environment, int exitCode, string expected, params string[] more)
    {
        var start = new System.Diagnostics.ProcessStartInfo(
            Command.Executable,
            ["run", "--seed", "192.168.77.1", "--net-conf", lab.Network.NetConfFile, "--run-dir", lab[1].RunDirectory, "--state-dir", lab[1].StateDirectory, "--journal", "postgres", .. more])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = lab[1].Host.StartProcess(start);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var (said, error) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
        output.WriteLine(await error);
        Assert.True(exitCode == process.ExitCode, await error);
        Assert.Contains(expected, await error, StringComparison.Ordinal);
        Assert.Single((await error).Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.DoesNotContain("s3cret", await said + await error, StringComparison.Ordinal);
    }

    private static string Logs(OverlayLab lab) => string.Concat(lab.Hosts.Where(host => File.Exists(host.LogFile)).Select(host => File.ReadAllText(host.LogFile)));

    /// <summary>In no log, and not in the list of processes.</summary>
    private static void AssertNoSecret(OverlayLab lab)
    {
        Assert.DoesNotContain("s3cret", Logs(lab), StringComparison.Ordinal);
        Assert.All(lab.Hosts.Where(host => host.IsRunning), host => Assert.DoesNotContain("s3cret", File.ReadAllText($"/proc/{host.Process!.Id}/cmdline"), StringComparison.Ordinal));
    }
}
