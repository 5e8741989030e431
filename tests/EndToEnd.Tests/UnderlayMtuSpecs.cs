using System.Globalization;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Hosts whose underlays differ: everybody's packets fit through all of them, and through no less.</summary>
public sealed class UnderlayMtuSpecs(ITestOutputHelper output)
{
    private const int HeadersOfPing = 28;

    private const string Udp = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("vxlan", Vxlan, "flannel.1", 1350, 1450)]
    [InlineData("udp", Udp, "flannel0", 1372, 1472)]
    [InlineData("host-gw", HostGw, null, 1400, 1500)]
    public async Task A_smaller_underlay_is_everybodys_as_long_as_its_host_is_there_and_so_small(string backEnd, string netConf, string? device, int small, int large)
    {
        using var lab = Prepare(output, 3, netConf);
        await lab.Run(async () =>
        {
            await SetUnderlay(lab[3], 1400);
            foreach (var host in lab.Hosts)
                host.Start();
            await lab.WaitReadyAsync();
            await Follows(lab, $"{backEnd}, one of three with 1400", lab.Hosts, device, small);
            await FullSizePasses(lab.Hosts, small);
            Assert.Contains($"MTU {small}: the underlay of h3 has 1400", await Status(lab[1]), StringComparison.Ordinal);
            Assert.DoesNotContain("the underlay of", await Status(lab[3]), StringComparison.Ordinal);
            Assert.Equal([1500, 1400], (await lab[1].Api.PeersAsync()).OrderBy(peer => peer.Name, StringComparer.Ordinal).Select(peer => peer.UnderlayMtu!.Value));
            await Eventually("probes have this size", async () => (await lab[1].Api.ProbesAsync()).Peers is { Count: 2 } probes && probes.All(probe => probe.State == "ok" && probe.Full?.Octets == small), Patience);

            using (var mesh = new PingMesh(lab.Hosts))
            {
                await SetUnderlay(lab[3], 1500);
                await Follows(lab, $"{backEnd}, up to 1500 while it runs", lab.Hosts, device, large);
                await SetUnderlay(lab[3], 1400);
                await Follows(lab, $"{backEnd}, down again", lab.Hosts, device, small);
                await SetUnderlay(lab[3], 1500);
                await Follows(lab, $"{backEnd}, and up", lab.Hosts, device, large);
                Assert.All(await mesh.StopAsync(), stream => Assert.Empty(stream.Lost));
            }
            await FullSizePasses(lab.Hosts, large);

            await SetUnderlay(lab[3], 1400);
            await Follows(lab, $"{backEnd}, down before it leaves", lab.Hosts, device, small);
            Assert.Equal(0, (await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[3].RunDirectory)).ExitCode);
            LabHost[] left = [lab[1], lab[2]];
            await Follows(lab, $"{backEnd}, the small one left", left, device, large);
            await FullSizePasses(left, large);
        });
    }

    /// <summary>A host that is killed keeps its lease, and its containers their MTU: so do the others.</summary>
    [Fact]
    public async Task It_outlives_the_small_hosts_process_and_the_others()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            await SetUnderlay(lab[2], 1400);
            foreach (var host in lab.Hosts)
                host.Start();
            await lab.WaitReadyAsync();
            await Follows(lab, "both small", lab.Hosts, "flannel.1", 1350);
            lab[2].Kill();
            await lab[2].WaitForExitAsync();
            lab[1].Kill();
            await lab[1].WaitForExitAsync();
            int wider = WrittenWider(lab[1]);
            lab[1].Start();
            await lab[1].WaitReadyAsync(TimeSpan.FromSeconds(60));
            await Follows(lab, "after a restart beside a host that is away", [lab[1]], "flannel.1", 1350);
            Assert.Equal(wider, WrittenWider(lab[1]));
        });
    }

    [Fact]
    public async Task An_underlay_that_is_too_small_to_follow_is_named_and_nobody_else_suffers()
    {
        using var lab = Prepare(output, 3, """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd44::/56","Backend":{"Type":"vxlan"}}""");
        await lab.Run(async () =>
        {
            await SetUnderlay(lab[3], 1300);
            foreach (var host in new[] { lab[1], lab[2] })
                host.Start();
            foreach (var host in new[] { lab[1], lab[2] })
                await host.WaitReadyAsync(TimeSpan.FromSeconds(60));
            lab[3].Start();
            await Eventually("h1 says so", async () => (await Status(lab[1])).Contains("MTU 1430: the underlay of h3 has less than the 1350 that are needed, and is not followed", StringComparison.Ordinal), TimeSpan.FromSeconds(60));
            Assert.Contains(File.ReadLines(lab[1].LogFile), line => line.Contains("the underlay of h3 has less than the 1350", StringComparison.Ordinal));
            foreach (var host in new[] { lab[1], lab[2] })
                Assert.Contains("FLANNEL_MTU=1430\n", await File.ReadAllTextAsync(host.SubnetFile), StringComparison.Ordinal);
        });
    }

    private static async Task SetUnderlay(LabHost host, int mtu)
    {
        var set = await Command.Run(host.Host, "ip", "link", "set", "eth0", "mtu", $"{mtu}");
        Assert.True(set.ExitCode == 0, set.ToString());
    }

    /// <summary>Device and file of each say the same.</summary>
    private static async Task Follows(OverlayLab lab, string what, IReadOnlyList<LabHost> hosts, string? device, int mtu)
    {
        var took = await Eventually(
            what,
            async () =>
            {
                foreach (var host in hosts)
                {
                    if (!(await File.ReadAllTextAsync(host.SubnetFile)).Contains($"FLANNEL_MTU={mtu}\n", StringComparison.Ordinal))
                        return false;
                    if (device is not null && (await Ip(host, "link", "show", device))[0].GetProperty("mtu").GetInt32() != mtu)
                        return false;
                }
                return true;
            },
            Patience);
        lab.Measured(string.Create(CultureInfo.InvariantCulture, $"{what}: all have {mtu} after {took.TotalSeconds:0.0} s"));
    }

    /// <summary>From each container to each: the full size without being cut, and one octet more not even out of the container.</summary>
    private static async Task FullSizePasses(IReadOnlyList<LabHost> hosts, int mtu)
    {
        foreach (var host in hosts)
            host.ConnectContainer();
        foreach (var from in hosts)
        {
            foreach (var to in hosts.Where(to => to != from))
            {
                var fits = await Ping(from, to, mtu);
                Assert.True(fits.ExitCode == 0, $"{from.Name} to {to.Name}: {fits}");
                var tooLong = await Ping(from, to, mtu + 1);
                Assert.True(tooLong.ExitCode != 0 && $"{tooLong.Output}{tooLong.Error}".Contains($"mtu={mtu}", StringComparison.Ordinal), $"{from.Name} to {to.Name}: {tooLong}");
            }
        }
    }

    private static int WrittenWider(LabHost host) => File.ReadLines(host.LogFile).Count(line => line.Contains("Wrote", StringComparison.Ordinal) && line.Contains("MTU 1450", StringComparison.Ordinal));

    private static Task<CommandResult> Ping(LabHost from, LabHost to, int octets) =>
        Command.Run(from.Container, "ping", "-M", "do", "-c", "1", "-W", "2", "-s", $"{octets - HeadersOfPing}", $"{to.ContainerAddress}");

    private static async Task<string> Status(LabHost host) => (await Command.AkkaOverlay("status", "--run-dir", host.RunDirectory)).Output;
}
