using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Networks that an operator's commands make. Each node's HOME is its state directory, where the commands write down that they ran.</summary>
public sealed class ExtensionSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60) * Slowness;

    private const string Routes = """
        {"Network":"10.244.0.0/16","Backend":{"Type":"extension",
          "SubnetAddCommand":["ip","route","replace","$SUBNET","via","$PUBLIC_IP"],
          "SubnetRemoveCommand":["ip","route","del","$SUBNET","via","${PUBLIC_IP}"]}}
        """;

    private const string DualRoutes = """
        {"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd00:244::/48","Backend":{"Type":"extension",
          "SubnetAddCommand":["/bin/sh","-ec","ip route replace \"$SUBNET\" via \"$PUBLIC_IP\"; ip -6 route replace \"$IPV6SUBNET\" via \"$PUBLIC_IPV6\"; echo add $SUBNET >>\"$HOME/ran\""],
          "SubnetRemoveCommand":["/bin/sh","-ec","ip route del \"$SUBNET\"; ip -6 route del \"$IPV6SUBNET\"; echo remove $SUBNET >>\"$HOME/ran\""],
          "PreStartupCommand":["/bin/sh","-c","echo pre $NETWORK >>\"$HOME/ran\""],
          "PostStartupCommand":["/bin/sh","-c","echo post $IPV6SUBNET >>\"$HOME/ran\""]}}
        """;

    /// <summary>flannel's own example, which its later releases cannot run: a vxlan device by hand, whose MAC address the others read on standard input.</summary>
    internal const string VxlanByHand = """
        {"Network":"10.244.0.0/16","Backend":{"Type":"extension",
          "PreStartupCommand":["/bin/sh","-ec","ip link del by-hand 2>/dev/null || true; ip link add by-hand mtu $(($(cat /sys/class/net/eth0/mtu) - 50)) type vxlan id 7 dstport 8473 local $PUBLIC_IP dev eth0 nolearning; ip -o link show by-hand | sed 's/.*ether \\([^ ]*\\).*/\\1/'"],
          "PostStartupCommand":["/bin/sh","-ec","ip addr replace ${SUBNET%/*}/32 dev by-hand; ip link set by-hand up"],
          "SubnetAddCommand":["/bin/sh","-ec","read MAC; VTEP=${SUBNET%/*}; ip neigh replace $VTEP lladdr $MAC dev by-hand nud permanent; bridge fdb replace $MAC dev by-hand self dst $PUBLIC_IP; ip route replace $SUBNET via $VTEP dev by-hand onlink"],
          "SubnetRemoveCommand":["/bin/sh","-ec","read MAC; bridge fdb del $MAC dev by-hand self dst $PUBLIC_IP; ip neigh del ${SUBNET%/*} dev by-hand; ip route del $SUBNET"],
          "ShutdownCommand":["ip","link","del","by-hand"]}}
        """;

    [Fact]
    public async Task Routes_by_commands_reach_every_container_and_follow_who_comes_and_goes()
    {
        using var lab = await OverlayLab.StartAsync(output, 3, Routes);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            string left = await Subnet(lab[3]);
            foreach (var host in lab.Hosts)
            {
                Assert.Empty(await OurRoutes(host));
                Assert.Equal(0, (await host.Api.StatusAsync()).KernelWrites);
                Assert.Contains("FLANNEL_MTU=1500\n", await File.ReadAllTextAsync(host.SubnetFile), StringComparison.Ordinal);
            }
            await AssertTold(lab);

            Assert.Equal(0, (await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[3].RunDirectory)).ExitCode);
            await lab[3].WaitForExitAsync();
            var took = await Eventually("the routes to the host that left are gone", async () => !(await RoutesOf(lab[1])).Contains(left) && !(await RoutesOf(lab[2])).Contains(left), Patience);
            lab.Measured($"routes to a host that left are gone after {took.TotalSeconds:0.0} s");
            Assert.DoesNotContain(await RoutesOf(lab[3]), route => route.StartsWith("10.244.", StringComparison.Ordinal) && route != left);

            lab[3].Start();
            await lab.WaitReadyAsync();
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_restart_runs_nothing_again_loses_no_ping_and_removes_who_left_meanwhile()
    {
        using var lab = Prepare(output, 3, DualRoutes);
        await lab.Run(async () =>
        {
            await StartAsync(lab);
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
            string[] before = await Ran(lab[2]);
            Assert.Equal(["pre 10.244.0.0/16", $"post {(await lab[2].Api.StatusAsync()).Lease!.Ipv6Subnet}"], before[..2]);
            Assert.Equal(new[] { await Subnet(lab[1]), await Subnet(lab[3]) }.Select(subnet => $"add {subnet}").Order(StringComparer.Ordinal), before[2..].Order(StringComparer.Ordinal));

            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);
            using var back = lab[2].Pinger.PingStream(lab[3].ContainerAddress6!);
            await Restart(lab[2]);
            await Eventually("the ledger is heard", async () => (await lab[2].Api.LeasesAsync()).Live, Patience);
            await Task.Delay(1500);
            Assert.Equal(before, await Ran(lab[2]));
            Assert.Equal(2, (await Ran(lab[1])).Count(line => line.StartsWith("add", StringComparison.Ordinal)));
            var (there, here) = (await pings.StopAsync(), await back.StopAsync());
            lab.Measured($"kill -9 and restart: {there.Sent + here.Sent} pings, {there.Lost.Count + here.Lost.Count} lost");
            Assert.Empty(there.Lost);
            Assert.Empty(here.Lost);

            string left = await Subnet(lab[3]);
            lab[2].Kill();
            await lab[2].WaitForExitAsync();
            Assert.Equal(0, (await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[3].RunDirectory)).ExitCode);
            await lab[3].WaitForExitAsync();
            lab[2].Start(Home(lab[2]));
            await lab[2].WaitReadyAsync(Patience);
            await Eventually("who left meanwhile is removed", async () => (await Ran(lab[2])).Length == before.Length + 1, Patience);
            Assert.Equal(before.Append($"remove {left}"), await Ran(lab[2]));
            Assert.DoesNotContain(left, await RoutesOf(lab[2]));
        });
    }

    [Fact]
    public async Task A_vxlan_device_by_hand_carries_packets_by_data_on_standard_input_and_cleanup_takes_it_away()
    {
        using var lab = await OverlayLab.StartAsync(output, 3, VxlanByHand);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            lab[3].Kill();
            await lab[3].WaitForExitAsync();
            var cleanup = await Command.Run(lab[3].Host, Command.Executable, "cleanup", "--run-dir", lab[3].RunDirectory, "--state-dir", lab[3].StateDirectory);
            Assert.Equal((0, ""), (cleanup.ExitCode, cleanup.Error));
            Assert.Contains("removed command ShutdownCommand\n", cleanup.Output, StringComparison.Ordinal);
            Assert.Contains($"removed command SubnetRemoveCommand for {await Subnet(lab[1])}\n", cleanup.Output, StringComparison.Ordinal);
            Assert.NotEqual(0, (await Command.Run(lab[3].Host, "ip", "link", "show", "by-hand")).ExitCode);

            // Another device has another MAC address: the others must hear of it.
            lab[3].Start();
            await lab.WaitReadyAsync();
            await Eventually("packets pass again", async () => await lab[1].Pinger.PingAsync(lab[3].ContainerAddress!, TimeSpan.FromSeconds(1)) is not null, Patience);
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_command_that_fails_is_told_and_tried_again_and_holds_up_no_other()
    {
        using var lab = Prepare(output, 3, """
            {"Network":"10.244.0.0/16","Backend":{"Type":"extension","CommandTimeout":2,
              "SubnetAddCommand":["/bin/sh","-c","case $PUBLIC_IP in *.3) test -e $HOME/may || { echo 'first line' >&2; echo 'no permission' >&2; exit 3; };; *.2) test ! -e $HOME/hang || sleep 600;; esac; exec ip route replace $SUBNET via $PUBLIC_IP"]}}
            """);
        await lab.Run(async () =>
        {
            Directory.CreateDirectory(lab[1].StateDirectory);
            await File.WriteAllTextAsync(Path.Combine(lab[1].StateDirectory, "hang"), "");
            foreach (var host in lab.Hosts)
                host.Start(Home(host));
            string told = "";
            await Eventually("status says why", async () => (told = Detail(await lab[1].Api.StatusAsync())).Contains("no permission", StringComparison.Ordinal), Patience);
            Assert.Contains("exit status 3: no permission", told, StringComparison.Ordinal);
            await Eventually("the one that hangs was killed", async () => (await File.ReadAllTextAsync(lab[1].LogFile)).Contains("did not end within 2 s and was killed", StringComparison.Ordinal), Patience);
            Assert.False((await lab[1].Api.StatusAsync()).Ready);
            await Eventually("peers says which", async () => (await lab[1].Api.PeersAsync()).Count(peer => peer.State == "command failed") == 2, Patience);

            File.Delete(Path.Combine(lab[1].StateDirectory, "hang"));
            await Eventually("the other one works", async () => (await lab[1].Api.PeersAsync()).Count(peer => peer.State == "ok") == 1, Patience);
            foreach (var host in lab.Hosts)
                await File.WriteAllTextAsync(Path.Combine(host.StateDirectory, "may"), "");
            await lab.WaitReadyAsync();
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_peers_hostile_text_arrives_on_standard_input_and_nowhere_else()
    {
        const string hostile = "x; touch $HOME/pwned; $(touch $HOME/pwned) `touch $HOME/pwned` ' \" $SUBNET | &";
        string data = Path.GetTempFileName();
        await File.WriteAllTextAsync(data, hostile + "\n");
        try
        {
            using var lab = Prepare(output, 2, $$$"""
                {"Network":"10.244.0.0/16","Backend":{"Type":"extension","PreStartupCommand":["cat","{{{data}}}"],
                  "SubnetAddCommand":["/bin/sh","-ec","cat >$HOME/data; tr '\\0' ' ' </proc/$$/cmdline >$HOME/line; env >$HOME/env; ip route replace $SUBNET via $PUBLIC_IP"]}}
                """);
            await lab.Run(async () =>
            {
                await StartAsync(lab);
                await Matrix.AssertNoLoss(lab);
                foreach (var host in lab.Hosts)
                {
                    Assert.Equal(hostile + "\n", await File.ReadAllTextAsync(Path.Combine(host.StateDirectory, "data")));
                    Assert.False(File.Exists(Path.Combine(host.StateDirectory, "pwned")));
                    Assert.DoesNotContain("pwned", await File.ReadAllTextAsync(Path.Combine(host.StateDirectory, "line")), StringComparison.Ordinal);
                    string environment = await File.ReadAllTextAsync(Path.Combine(host.StateDirectory, "env"));
                    Assert.DoesNotContain("pwned", environment, StringComparison.Ordinal);
                    Assert.DoesNotContain("AKKA", environment, StringComparison.Ordinal);
                }
            });
        }
        finally
        {
            File.Delete(data);
        }
    }

    /// <summary>What the commands that read say of a peer.</summary>
    private static async Task AssertTold(OverlayLab lab)
    {
        string there = await Subnet(lab[2]);
        var status = await lab[1].Api.StatusAsync();
        Assert.Equal("2 peers", Detail(status));
        Assert.All(await lab[1].Api.PeersAsync(), peer => Assert.Equal(("extension", "ok"), (peer.BackEnd, peer.State)));
        var routes = await Command.AkkaOverlay("routes", "--run-dir", lab[1].RunDirectory);
        Assert.Contains($"SubnetAddCommand for {there}", routes.Output, StringComparison.Ordinal);
        var (from, to) = (lab[1].ContainerAddress!.ToString(), lab[2].ContainerAddress!.ToString());
        var explained = await Command.AkkaOverlay("explain", from, to, "--run-dir", lab[1].RunDirectory);
        Assert.Contains($"SubnetAddCommand for {there} was run", explained.Output, StringComparison.Ordinal);
        Assert.Equal(0, explained.ExitCode);
    }

    private static string Detail(Node.Api.StatusModel status) => status.Components.FirstOrDefault(component => component.Name == "extension")?.Detail ?? "";

    private static Dictionary<string, string> Home(LabHost host) => new() { ["HOME"] = host.StateDirectory };

    private static async Task StartAsync(OverlayLab lab)
    {
        foreach (var host in lab.Hosts)
            host.Start(Home(host));
        await lab.WaitReadyAsync();
    }

    private static async Task Restart(LabHost host)
    {
        await Task.Delay(500);
        host.Kill();
        await host.WaitForExitAsync();
        await Task.Delay(500);
        host.Start(Home(host));
        await host.WaitReadyAsync(Patience);
    }

    private static Task<string[]> Ran(LabHost host) => File.ReadAllLinesAsync(Path.Combine(host.StateDirectory, "ran"));

    private static async Task<IReadOnlyList<string>> RoutesOf(LabHost host) =>
        [.. (await Ip(host, "route", "show")).EnumerateArray().Select(route => route.GetProperty("dst").GetString()!)];
}
