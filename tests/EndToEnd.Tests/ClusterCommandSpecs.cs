using System.Diagnostics;
using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Tmds.Linux;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The Akka CLI against three hosts.</summary>
public sealed class ClusterCommandSpecs : IClassFixture<SharedLab>
{
    private const string First = "akka.tcp://overlay@192.168.77.1:4053";
    private const string Third = "akka.tcp://overlay@192.168.77.3:4053";

    private readonly SharedLab shared;
    private readonly ITestOutputHelper output;

    public ClusterCommandSpecs(SharedLab shared, ITestOutputHelper output)
    {
        this.shared = shared;
        this.output = output;
        shared.Output = output;
    }

    private OverlayLab Lab => shared.Lab;

    [Fact]
    public Task Each_reading_command_has_words_and_JSON() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        (string[] Command, string InWords, Func<JsonElement, bool> InJson)[] commands =
        [
            (["show"], $"{First} | [core] | up |  | ", json => json.GetProperty("members").GetArrayLength() == 3),
            (["show", "--role", "core"], "Count: 1 nodes\n", json => json.GetProperty("members")[0].GetProperty("node").GetString() == First),
            (["show", "-r", "nobody"], "Count: 0 nodes\n", json => json.GetProperty("members").GetArrayLength() == 0),
            (["status"], "Members      3, 3 up", json => json.GetProperty("available").GetBoolean() && json.GetProperty("members").GetInt32() == 3),
            (["members"], $"{First}\nakka.tcp://overlay@192.168.77.2:4053\n{Third}\n", json => json[2].GetString() == Third),
            (["unreachable"], "", json => json.GetArrayLength() == 0),
            (["leader"], "akka.tcp://overlay@192.168.77.", json => json.GetProperty("leader").GetString()!.StartsWith("akka.tcp://overlay@", StringComparison.Ordinal)),
            (["is-available"], "true\n", json => json.GetProperty("available").GetBoolean()),
        ];
        foreach (var (command, inWords, inJson) in commands)
        {
            string words = (await Cluster(2, 0, command)).Output;
            output.WriteLine($"$ akka-overlay cluster {string.Join(' ', command)}\n{words}");
            Assert.Contains(inWords, words, StringComparison.Ordinal);
            Assert.True(inJson(JsonDocument.Parse((await Cluster(2, 0, [.. command, "--json"])).Output).RootElement));
        }
    });

    [Fact]
    public async Task Is_available_exits_1_without_a_node()
    {
        var said = await Command.AkkaOverlay("cluster", "is-available", "--run-dir", "/nonexistent-run-directory");
        Assert.True(said.ExitCode == 1, said.ToString());
    }

    [Theory]
    [InlineData(2, "ADDRESS 'nobody.example': not the address of a member", "down", "nobody.example")]
    [InlineData(2, "Required argument missing", "down")]
    [InlineData(2, "ADDRESS '1.2.3.4:99999': not the address", "join", "1.2.3.4:99999")]
    [InlineData(2, "--watch 'often': must be seconds", "show", "--watch", "often")]
    [InlineData(2, "'Gossip'", "tail", "--type", "Gossip")]
    [InlineData(1, "Member [192.168.77.9] not found", "down", "192.168.77.9")]
    [InlineData(1, "Member [192.168.77.9:4053] not found", "leave", "192.168.77.9:4053")]
    [InlineData(1, $"{Third} is reached: put out, it would only join again; --force does it", "down", "192.168.77.3")]
    [InlineData(1, $"{First} is this host", "join", "192.168.77.1")]
    [InlineData(1, "192.168.77.9:4053 is not in it", "join", "192.168.77.9")]
    public async Task What_makes_no_sense_is_one_line_and_changes_nothing(int exit, string line, params string[] command)
    {
        await shared.WholeAsync();
        var said = await Cluster(1, exit, command);
        Assert.Contains(line, said.Error, StringComparison.Ordinal);
        Assert.Single(said.Error.TrimEnd().Split('\n'));
        Assert.Equal(3, (await Lab[1].Api.MembersAsync()).Members.Count);
    }

    [Fact]
    public Task A_living_host_that_is_put_out_joins_again_and_no_packet_is_lost() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        var before = (await Lab[1].Api.MembersAsync()).Members.Single(member => member.Node == Third);
        string subnet = await Subnet(Lab[3]);
        using var pings = Lab[1].Pinger.PingStream(Lab[3].ContainerAddress!);
        Assert.Equal($"Downing {Third}: its lease and the routes to it stay\n", (await Cluster(1, 0, "down", "192.168.77.3:4053", "--force")).Output);
        var took = await Eventually(
            "it is a member again",
            async () => (await Lab[1].Api.MembersAsync()).Members.Any(member => member.Node == Third && member.NodeUid != before.NodeUid && member.Status == "Up"), TimeSpan.FromSeconds(60));
        await shared.WholeAsync();
        Assert.Equal(subnet, await Subnet(Lab[3]));
        var seen = await pings.StopAsync();
        Lab.Measured($"cluster down --force: a member again after {took.TotalSeconds:0.0} s; {seen.Sent} pings to its container, {seen.Lost.Count} lost");
        Assert.Empty(seen.Lost);
    });

    [Theory]
    [InlineData("down", "192.168.77.3")]
    [InlineData("down-unreachable")]
    public Task A_host_that_is_gone_is_put_out_and_keeps_its_lease(params string[] command) => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        string subnet = await Subnet(Lab[3]);
        Lab[3].Kill();
        await Lab[3].WaitForExitAsync();
        await Eventually("it is missed", async () => (await Cluster(2, 0, "unreachable")).Output == $"{Third}\n", TimeSpan.FromSeconds(30));
        Assert.Contains($"{Third} | [] | up | unreachable | ", (await Cluster(2, 0, "show")).Output, StringComparison.Ordinal);
        Assert.Equal($"Downing {Third}: its lease and the routes to it stay\n", (await Cluster(2, 0, command)).Output);
        await Eventually("it is out", async () => (await Lab[1].Api.MembersAsync()).Members.Count == 2, TimeSpan.FromSeconds(10));
        Assert.Equal("held", (await Lab[1].Api.LeaseAsync(AkkaOverlay.Kernel.Net.IpPrefix.Parse(subnet))).State);
        Assert.Contains(subnet, await OurRoutes(Lab[1]));
        Assert.Equal("No member is unreachable\n", (await Cluster(2, 0, "down-unreachable")).Output);
        await shared.WholeAsync();
        Assert.Equal(subnet, await Subnet(Lab[3]));
    });

    [Fact]
    public Task A_host_that_is_told_to_leave_goes_and_its_subnet_is_free() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        string subnet = await Subnet(Lab[3]);
        Assert.Equal($"Leaving {Third}: its lease is given back, and its process ends\n", (await Cluster(2, 0, "leave", Third)).Output);
        Assert.Equal(0, await Lab[3].WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token));
        await Eventually("no lease", async () => (await Lab[1].Api.LeasesAsync()).Leases.Count == 2, TimeSpan.FromSeconds(5));
        await shared.WholeAsync();
        Assert.Equal(subnet, await Subnet(Lab[3]));
    });

    [Fact]
    public Task A_host_that_finds_no_seed_joins_where_it_is_told_to() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        Assert.Equal($"Joining {First}: this host is in its cluster\n", (await Cluster(3, 0, "join", "192.168.77.1")).Output);
        Lab[3].Terminate();
        await Lab[3].WaitForExitAsync();
        // As the lab starts it, but with a seed that is not there.
        using var lost = Command.Start(
            Lab[3].Host, Command.Executable, "run", "--seed", "192.168.77.99", "--iface", "eth0", "--state-dir", Lab[3].StateDirectory, "--run-dir", Lab[3].RunDirectory, "--node-name", "h3");
        _ = lost.StandardOutput.ReadToEndAsync();
        _ = lost.StandardError.ReadToEndAsync();
        try
        {
            await Eventually("it says that it is in no cluster", async () => (await Command.AkkaOverlay("cluster", "is-available", "--run-dir", Lab[3].RunDirectory)).Output == "false\n", TimeSpan.FromSeconds(30));
            Assert.Equal("Joining akka.tcp://overlay@192.168.77.2:4053\n", (await Cluster(3, 0, "join", "192.168.77.2")).Output);
            await Eventually("it is a member", async () => (await Cluster(3, 0, "members")).Output.Split('\n').Length == 4, TimeSpan.FromSeconds(20));
            await Eventually("it is available", async () => (await Command.AkkaOverlay("cluster", "is-available", "--run-dir", Lab[3].RunDirectory)).ExitCode == 0, TimeSpan.FromSeconds(20));
        }
        finally
        {
            _ = LibC.kill(lost.Id, LibC.SIGTERM);
            await lost.WaitForExitAsync();
        }
        await shared.WholeAsync();
    });

    [Fact]
    public Task Tail_follows_events_until_Ctrl_C() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        using var words = new Follower(Lab[1], "tail");
        using var json = new Follower(Lab[1], "tail", "--json", "--type", "MemberEvent");
        await words.UntilAsync($"MemberUp          {Third} | [] | up");
        await json.UntilAsync("\"type\":\"MemberUp\"");
        Lab[3].Terminate();
        await Lab[3].WaitForExitAsync();
        await words.UntilAsync($"MemberRemoved     {Third} | [] | removed, was exiting");
        await shared.WholeAsync();
        await words.UntilAsync($"MemberJoined      {Third} | [] | joining");
        Assert.Equal((0, 0), (await words.InterruptAsync(), await json.InterruptAsync()));
        output.WriteLine(words.Text);
        var events = json.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.All(events, item => Assert.StartsWith("Member", item.GetProperty("type").GetString(), StringComparison.Ordinal));
        Assert.Contains(events, item => item.GetProperty("type").GetString() == "MemberRemoved" && item.GetProperty("previousStatus").GetString() == "Exiting"
            && item.GetProperty("member").GetProperty("uniqueAddress").GetProperty("address").GetString() == Third);
        Assert.Equal("", words.Errors);
    });

    [Fact]
    public Task Tail_ends_with_whoever_reads_it() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        string command = $"{Command.Executable} cluster tail --run-dir {Lab[1].RunDirectory} | head -n 1";
        var ended = Command.Run(null, "bash", "-c", command);
        // The next event finds the pipe closed.
        while (!ended.IsCompleted)
        {
            await Cluster(1, 0, "down", "192.168.77.3", "--force");
            await Task.Delay(1000);
            await shared.WholeAsync();
        }
        Assert.Equal(0, (await ended).ExitCode);
    });

    [Fact]
    public Task Watch_shows_the_answer_again_and_again_until_Ctrl_C() => Lab.Run(async () =>
    {
        await shared.WholeAsync();
        using var watch = new Follower(Lab[1], "show", "--watch", "0.3");
        await Eventually("three times", () => Task.FromResult(watch.Text.Split("Count: 3 nodes").Length > 3), TimeSpan.FromSeconds(20));
        Assert.Equal(0, await watch.InterruptAsync());
        // In a terminal it is always in the same place.
        var terminal = await Command.Run(null, "timeout", "-s", "INT", "4", "script", "-qec", $"stty cols 80; {Command.Executable} cluster members --watch 0.5 --run-dir {Lab[1].RunDirectory}", "/dev/null");
        Assert.True(terminal.Output.Split("\u001b[2J\u001b[H").Length > 3, terminal.ToString());
    });

    private async Task<CommandResult> Cluster(int host, int exit, params string[] arguments)
    {
        var said = await Command.AkkaOverlay(["cluster", .. arguments, "--run-dir", Lab[host].RunDirectory]);
        Assert.True(said.ExitCode == exit, said.ToString());
        return said;
    }

    /// <summary>A cluster command that goes on until it is interrupted.</summary>
    private sealed class Follower : IDisposable
    {
        private readonly Process process;
        private readonly System.Text.StringBuilder text = new();
        private readonly System.Text.StringBuilder errors = new();

        public Follower(LabHost host, params string[] arguments)
        {
            // Whoever started these specs may ignore Ctrl-C, as a shell does for what it runs in the background, and its children would too. (env runs the command in its own place.)
            process = Command.Start(null, "env", ["--default-signal=INT", Command.Executable, "cluster", .. arguments, "--run-dir", host.RunDirectory]);
            process.OutputDataReceived += (_, line) => Add(text, line.Data);
            process.ErrorDataReceived += (_, line) => Add(errors, line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        public string Text => Of(text);

        public string Errors => Of(errors);

        public Task UntilAsync(string part) => Eventually($"'{part}' is there", () => Task.FromResult(Text.Contains(part, StringComparison.Ordinal)), TimeSpan.FromSeconds(30));

        public async Task<int> InterruptAsync()
        {
            _ = LibC.kill(process.Id, LibC.SIGINT);
            await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
            return process.ExitCode;
        }

        public void Dispose()
        {
            if (!process.HasExited)
                process.Kill();
            process.Dispose();
        }

        private static void Add(System.Text.StringBuilder to, string? line)
        {
            lock (to)
                to.Append(line).Append(line is null ? "" : "\n");
        }

        private static string Of(System.Text.StringBuilder lines)
        {
            lock (lines)
                return lines.ToString();
        }
    }
}
