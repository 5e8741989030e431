using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Commands that took away what other commands had made: those run again.</summary>
public sealed class ExtensionChangeSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60) * Slowness;

    [Fact]
    public async Task A_Remove_that_outlives_the_node_that_left_does_not_leave_the_next_one_without_routes()
    {
        using var lab = await OverlayLab.StartAsync(output, 3, """
            {"Network":"10.244.0.0/16","Backend":{"Type":"extension",
              "SubnetAddCommand":["ip","route","replace","$SUBNET","via","$PUBLIC_IP"],
              "SubnetRemoveCommand":["/bin/sh","-ec","sleep 12; ip route del $SUBNET"]}}
            """);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            var others = new[] { await Subnet(lab[1]), await Subnet(lab[2]) };
            Assert.Equal(0, (await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[3].RunDirectory)).ExitCode);
            await lab[3].WaitForExitAsync();
            Assert.Contains("akka-overlay cleanup", await File.ReadAllTextAsync(lab[3].LogFile), StringComparison.Ordinal);
            Assert.NotEmpty((await RoutesOf(lab[3])).Intersect(others));
            await Eventually("the commands have run on", async () => !(await RoutesOf(lab[3])).Intersect(others).Any(), Patience);

            lab[3].Start();
            await lab.WaitReadyAsync();
            Assert.Equal(2, (await RoutesOf(lab[3])).Intersect(others).Count());
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_device_that_Pre_makes_anew_for_another_underlay_address_gets_its_peers_again()
    {
        using var lab = await OverlayLab.StartAsync(output, 3, ExtensionSpecs.VxlanByHand);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            var host = lab[3];
            await Do(host, "ip addr del 192.168.77.3/24 dev eth0");
            await Do(host, "ip addr add 192.168.77.103/24 dev eth0");
            var took = await Eventually("reached at its new address, and reaches the others", async () =>
                await lab[1].Pinger.PingAsync(host.ContainerAddress!, TimeSpan.FromMilliseconds(300)) is not null
                && await host.Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromMilliseconds(300)) is not null, Patience);
            lab.Measured($"new underlay address under a vxlan device by hand: reached again after {took.TotalSeconds:0.0} s");
            await lab.WaitReadyAsync();
            await Matrix.AssertNoLoss(lab);
        });
    }

    private static async Task Do(LabHost host, string command)
    {
        var run = await Command.Run(host.Host, command.Split(' ')[0], command.Split(' ')[1..]);
        Assert.True(run.ExitCode == 0, run.Error);
    }

    private static async Task<IReadOnlyList<string>> RoutesOf(LabHost host) =>
        [.. (await Ip(host, "route", "show")).EnumerateArray().Select(route => route.GetProperty("dst").GetString()!)];
}
