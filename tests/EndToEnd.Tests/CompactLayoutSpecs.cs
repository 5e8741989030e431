using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>vxlan's compact layout: nexthop objects in the place of forwarding entries, among hosts of the classic one.</summary>
public sealed class CompactLayoutSpecs(ITestOutputHelper output)
{
    private static readonly string[] Compact = ["--vxlan-layout", "compact"];

    [Fact]
    public async Task A_compact_host_among_classic_ones_sends_the_same_VXLAN_and_has_no_forwarding_entries()
    {
        using var lab = Prepare(output, 3);
        await lab.Run(async () =>
        {
            await StartMixed(lab, "--probes", "off");
            await Matrix.AssertNoLoss(lab);
            Assert.Equal("", await Fdb(lab[2]));
            Assert.NotEqual("", await Fdb(lab[1]));
            Assert.Equal(2, (await Ip(lab[2], "nexthop", "show", "proto", "77")).GetArrayLength());
            var link = (await Ip(lab[2], "-d", "link", "show", "flannel.1"))[0];
            Assert.Equal(1450, link.GetProperty("mtu").GetInt32());
            Assert.Contains("vxlan external", (await Command.Run(lab[2].Host, "ip", "-d", "link", "show", "flannel.1")).Output, StringComparison.Ordinal);
            Assert.All(await RouteLines(lab[2]), line => Assert.Contains("nhid", line, StringComparison.Ordinal));

            using var capture = Command.Start(lab[1].Host, "tcpdump", "-n", "-v", "-e", "-l", "-i", "eth0", "-T", "vxlan", "-c", "2", "udp", "port", "8472");
            await capture.StandardError.ReadLineAsync();
            Assert.NotNull(await lab[2].Pinger.PingAsync(lab[1].ContainerAddress!, TimeSpan.FromSeconds(2)));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            string seen = await capture.StandardOutput.ReadToEndAsync(patience.Token);
            output.WriteLine(seen);
            Assert.Contains("192.168.77.1.8472: VXLAN, flags [I] (0x08), vni 1", seen, StringComparison.Ordinal);
            Assert.Contains("192.168.77.2.8472: VXLAN, flags [I] (0x08), vni 1", seen, StringComparison.Ordinal);
            Assert.Contains($"{await Mac(lab[2])} > {await Mac(lab[1])}", seen, StringComparison.Ordinal);
            Assert.Contains($"{lab[2].ContainerAddress} > {lab[1].ContainerAddress}: ICMP echo request", seen, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_nexthop_and_a_route_deleted_by_hand_come_back()
    {
        using var lab = Prepare(output, 3);
        await lab.Run(async () =>
        {
            await StartMixed(lab);
            var before = await Nexthops(lab[2]);
            await Command.Run(lab[2].Host, "ip", "nexthop", "del", "id", $"{before[0]}");
            var took = await Eventually("nexthop and route are back", async () => (await Nexthops(lab[2])).Count == 2 && (await RouteLines(lab[2])).Length == 2, TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(1));
            lab.Measured($"nexthop deleted with its route: both back after {took.TotalMilliseconds:0} ms");
            await Command.Run(lab[2].Host, "ip", "route", "del", await Subnet(lab[1]));
            await Eventually("the route is back", async () => (await RouteLines(lab[2])).Length == 2, TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(1));
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_restart_in_the_same_layout_writes_nothing_and_one_in_the_other_takes_the_device_along_and_back()
    {
        using var lab = Prepare(output, 3);
        await lab.Run(async () =>
        {
            await StartMixed(lab);
            using (var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!))
            {
                await Restart(lab[2], Compact);
                await Task.Delay(1000);
                Assert.Equal(0, (await lab[2].Api.StatusAsync()).KernelWrites);
                Assert.Empty((await pings.StopAsync()).Lost);
            }
            foreach (bool compact in new[] { false, true })
            {
                using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);
                await Restart(lab[2], compact ? Compact : []);
                await Eventually("the layout is the other", async () =>
                    (await Nexthops(lab[2])).Count == (compact ? 2 : 0) && (await Fdb(lab[2])).Length == 0 == compact && (await RouteLines(lab[2])).Count(line => line.Contains("nhid", StringComparison.Ordinal)) == (compact ? 2 : 0)
                    && (await RouteLines(lab[2])).Length == 2, TimeSpan.FromSeconds(20));
                await Task.Delay(200);
                var seen = await pings.StopAsync();
                lab.Measured($"to {(compact ? "compact" : "classic")}: {seen.Sent} pings, {seen.Lost.Count} lost while the device was made anew");
                await Matrix.AssertNoLoss(lab);
                Assert.True((await lab[2].Api.PeersAsync()).All(peer => peer.State == "ok"));
            }
        });
    }

    [Fact]
    public async Task Both_families_go_over_the_one_device()
    {
        using var lab = Prepare(output, 2, """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42::/56","Backend":{"Type":"vxlan"}}""");
        await lab.Run(async () =>
        {
            lab[1].Start();
            lab[2].Start(Compact);
            await lab.WaitReadyAsync();
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
            await Restart(lab[2], []);
            await Eventually("classic", async () => (await Nexthops(lab[2])).Count == 0, TimeSpan.FromSeconds(20));
            await lab.WaitReadyAsync();
            await Restart(lab[2], Compact);
            await Eventually("compact", async () => (await Nexthops(lab[2])).Count == 2, TimeSpan.FromSeconds(20));
            await lab.WaitReadyAsync();
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
        });
    }

    private static async Task StartMixed(OverlayLab lab, params string[] more)
    {
        lab[1].Start(more);
        lab[2].Start([.. Compact, .. more]);
        lab[3].Start(more);
        await lab.WaitReadyAsync();
    }

    private static async Task Restart(LabHost host, string[] arguments)
    {
        host.Kill();
        await host.WaitForExitAsync();
        host.Start(arguments);
        await host.WaitReadyAsync(TimeSpan.FromSeconds(30));
        await Eventually("the ledger is heard", async () => (await host.Api.LeasesAsync()).Live, TimeSpan.FromSeconds(30));
    }

    private static async Task<string> Mac(LabHost host) => (await Ip(host, "link", "show", "flannel.1"))[0].GetProperty("address").GetString()!;

    private static async Task<string> Fdb(LabHost host) => (await Command.Run(host.Host, "bridge", "fdb", "show", "dev", "flannel.1")).Output.Trim();

    private static async Task<IReadOnlyList<uint>> Nexthops(LabHost host) =>
        [.. (await Command.Run(host.Host, "ip", "nexthop", "show", "proto", "77")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => uint.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))];

    private static async Task<string[]> RouteLines(LabHost host) =>
        (await Command.Run(host.Host, "ip", "route", "show", "proto", "77")).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
