using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The core's disk is lost. Nobody planned for it, and nobody's packets may notice.</summary>
public sealed class LostLedgerSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_host_claims_its_own_subnet_again_and_no_packet_is_lost()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            var before = await Task.WhenAll(lab.Hosts.Select(Subnet));
            using var pings = lab[2].Pinger.PingStream(lab[3].ContainerAddress!);
            lab[1].Terminate();
            Assert.Equal(0, await lab[1].WaitForExitAsync());
            foreach (string file in Directory.GetFiles(lab[1].StateDirectory, "ledger.db*"))
                File.Delete(file);
            lab[1].Start();
            var took = await Eventually("three leases in the new ledger", async () => await lab[1].Api.LeasesAsync() is { Live: true, Leases.Count: 3 }, TimeSpan.FromSeconds(60));
            await Task.Delay(1000);
            Assert.Equal(before, await Task.WhenAll(lab.Hosts.Select(Subnet)));
            var seen = await pings.StopAsync();
            lab.Measured($"ledger lost: all leases claimed again after {took.TotalSeconds:0.0} s, {seen.Sent} pings, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);
        });
    }

    [Fact]
    public async Task A_plain_host_without_a_configuration_of_its_own_forwards_IPv6_for_the_ledgers()
    {
        using var lab = Prepare(output, 2, """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd00:244::/48","Backend":{"Type":"vxlan"}}""");
        await lab.Run(async () =>
        {
            lab[1].Start();
            await lab[1].WaitReadyAsync(TimeSpan.FromSeconds(30));
            using var plain = lab[2].Host.StartProcess(new System.Diagnostics.ProcessStartInfo(
                Command.Executable,
                ["run", "--seed", "192.168.77.1", "--state-dir", lab[2].StateDirectory, "--run-dir", lab[2].RunDirectory, "--node-name", "h2"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            });
            try
            {
                await lab.WaitReadyAsync();
                Assert.Equal("1", (await Command.Run(lab[2].Host, "cat", "/proc/sys/net/ipv6/conf/all/forwarding")).Output.Trim());
                await Matrix.AssertNoLoss(lab);
                await Matrix.AssertNoLoss(lab, ipv6: true);
            }
            finally
            {
                plain.Kill();
                await plain.WaitForExitAsync();
            }
        });
    }
}
