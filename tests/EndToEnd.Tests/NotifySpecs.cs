using System.Diagnostics;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What systemd hears from a node that it started with Type=notify.</summary>
[Collection(Alone.Name)]
public sealed class NotifySpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task READY_comes_with_the_routes_and_not_before_the_seed_is_up()
    {
        using var lab = Prepare(output, 3);
        using var mailbox = new NotifyMailbox(Path.Combine(lab[3].RunDirectory, "notify"), lab[3].Host);
        await lab.Run(async () =>
        {
            // Two hosts with leases, and then no seed: what the third must wait for is known beforehand.
            foreach (var host in lab.Hosts.Take(2))
            {
                host.Start();
                await host.WaitReadyAsync(Patience);
            }
            string[] peers = [.. (await Task.WhenAll(lab.Hosts.Take(2).Select(Subnet))).Order(StringComparer.Ordinal)];
            lab[1].Terminate();
            await lab[1].WaitForExitAsync();

            lab[3].Start(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = mailbox.Address });
            await Eventually("it says what it waits for", () => Task.FromResult(mailbox.Notices.Any(notice => notice.Assignment.StartsWith("STATUS=waiting: lease: ", StringComparison.Ordinal))), Patience);
            await Task.Delay(3000);
            Assert.False(mailbox.Has("READY=1"));

            lab[1].Start();
            await Eventually("READY=1", () => Task.FromResult(mailbox.Has("READY=1")), Patience, TimeSpan.FromMilliseconds(5));
            // Asked at once: the routes were there before the word.
            Assert.Equal(peers, await OurRoutes(lab[3]));
            string subnet = await Subnet(lab[3]);
            await Eventually("the status says how it is", () => Task.FromResult(mailbox.Has($"STATUS={subnet}, 2 peers, cluster Up")), Patience);
            // Nobody asked for a watchdog.
            Assert.False(mailbox.Has("WATCHDOG=1"));

            lab[3].Terminate();
            Assert.Equal(0, await lab[3].WaitForExitAsync());
            await Eventually("STOPPING=1", () => Task.FromResult(mailbox.Has("STOPPING=1")), Patience);
            Assert.Single(mailbox.Notices, notice => notice.Assignment == "READY=1");
        });
        Print(mailbox);
    }

    [Fact]
    public async Task The_watchdog_is_fed_twice_in_its_time_through_an_abstract_socket_and_not_while_the_node_stands_still()
    {
        using var lab = Prepare(output, 1);
        using var mailbox = new NotifyMailbox($"@akka-overlay-test-{Environment.ProcessId}", lab[1].Host);
        await lab.Run(async () =>
        {
            lab[1].Start(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = mailbox.Address, ["WATCHDOG_USEC"] = "2000000" });
            await Eventually("READY=1", () => Task.FromResult(mailbox.Has("READY=1")), Patience);
            int before = Fed(mailbox).Length;
            await Task.Delay(8000);
            var fed = Fed(mailbox)[before..];
            Assert.InRange(fed.Length, 5, 9);
            var longest = fed.Zip(fed.Skip(1), (one, next) => Stopwatch.GetElapsedTime(one.At, next.At)).Max();
            lab.Measured($"watchdog of 2 s: fed {fed.Length} times in 8 s, longest gap {longest.TotalSeconds:0.00} s");
            Assert.True(longest < TimeSpan.FromSeconds(2), $"{longest}");

            _ = Tmds.Linux.LibC.kill(lab[1].Process!.Id, Tmds.Linux.LibC.SIGSTOP);
            await Task.Delay(500);
            int stopped = Fed(mailbox).Length;
            await Task.Delay(2500);
            Assert.Equal(stopped, Fed(mailbox).Length);
            _ = Tmds.Linux.LibC.kill(lab[1].Process!.Id, Tmds.Linux.LibC.SIGCONT);
            await Eventually("it is fed again", () => Task.FromResult(Fed(mailbox).Length > stopped), Patience);
        });
        Print(mailbox);
    }

    [Theory]
    [InlineData("/there/is/no/such/socket", "NOTIFY_SOCKET")]
    [InlineData("vsock:2:1234", "neither a path nor an abstract name")]
    public async Task A_wrong_socket_is_one_warning_and_the_node_goes_on(string address, string expected)
    {
        using var lab = Prepare(output, 1);
        await lab.Run(async () =>
        {
            lab[1].Start(new Dictionary<string, string> { ["NOTIFY_SOCKET"] = address, ["WATCHDOG_USEC"] = "400000" });
            await lab[1].WaitReadyAsync(Patience);
            await Task.Delay(1000);
            Assert.Contains(expected, Assert.Single(File.ReadLines(lab[1].LogFile), line => line.Contains("systemd", StringComparison.Ordinal)), StringComparison.Ordinal);
            Assert.True(lab[1].IsRunning);
        });
    }

    /// <summary>The unit leaves the node two capabilities of root's: they are enough.</summary>
    [Fact]
    public async Task The_capabilities_that_the_unit_leaves_are_enough()
    {
        using var lab = Prepare(output, 1);
        await lab.Run(async () =>
        {
            string unit = await File.ReadAllTextAsync(Repository.File("config/systemd/akka-overlay.service"));
            string[] kept = [.. unit.Split('\n').Single(line => line.StartsWith("CapabilityBoundingSet=", StringComparison.Ordinal)).Split('=')[1].Split(' ').Select(name => $"+{name["CAP_".Length..].ToLowerInvariant()}")];
            using var node = Command.Start(
                lab[1].Host, "setpriv", ["--no-new-privs", $"--bounding-set=-all,{string.Join(',', kept)}", Command.Executable, "run", "--seed", "192.168.77.1",
                "--state-dir", lab[1].StateDirectory, "--run-dir", lab[1].RunDirectory, "--net-conf", lab.Network.NetConfFile]);
            try
            {
                await Eventually("ready", async () => (await lab[1].Api.ReadyAsync()).Ready, Patience);
                Assert.Equal(0, (await Command.Run(lab[1].Host, "ip", "link", "show", "flannel.1")).ExitCode);
            }
            finally
            {
                node.Kill();
                await node.WaitForExitAsync();
            }
        });
    }

    private static Notice[] Fed(NotifyMailbox mailbox) => [.. mailbox.Notices.Where(notice => notice.Assignment == "WATCHDOG=1")];

    private void Print(NotifyMailbox mailbox)
    {
        foreach (var notice in mailbox.Notices.Where(notice => notice.Assignment != "WATCHDOG=1"))
            output.WriteLine(notice.Assignment);
    }
}
