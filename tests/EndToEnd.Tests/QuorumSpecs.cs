using System.Diagnostics;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A core of three: what it bears, and what nobody's packets may notice.</summary>
public sealed class QuorumSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(Loss.Kill)]
    [InlineData(Loss.Stop)]
    [InlineData(Loss.Cut)]
    public async Task The_allocator_s_host_is_lost_and_another_one_grants(Loss loss)
    {
        using var lab = await StartAsync(output, 4, core: 3);
        await lab.Run(async () =>
        {
            var result = await new FailOver(lab.Network, output.WriteLine).RunAsync(loss);
            lab.Measured($"fail-over ({loss}): granted after {result.Granted.TotalSeconds:0.0} s, back after {result.Back.TotalSeconds:0.0} s, {result.Sent} pings, {result.LostPings} lost");
            Assert.NotEqual(result.Lost, result.Successor);
            Assert.Equal(0, result.LostPings);
            Assert.True(result.SameSubnet);
        });
    }

    [Fact]
    public async Task A_pause_of_three_seconds_puts_nobody_out()
    {
        using var lab = await StartAsync(output, 4, core: 3);
        await lab.Run(async () =>
        {
            // A cluster as it is in daily life: the failure detectors have learnt the rhythm.
            await Task.Delay(8000);
            var allocator = await new FailOver(lab.Network, output.WriteLine).AllocatorAsync(lab[4]);
            allocator.Pause();
            await Task.Delay(3000);
            allocator.Resume();
            await Task.Delay(8000);
            Assert.All(lab.Hosts, host => Assert.DoesNotContain("is put out of the cluster", File.ReadAllText(host.LogFile), StringComparison.Ordinal));
            Assert.All(lab.Hosts, host => Assert.DoesNotContain("out of the cluster; joining again", File.ReadAllText(host.LogFile), StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task All_power_is_lost_and_everybody_gets_the_same_subnet_back()
    {
        using var lab = await StartAsync(output, 4, core: 3);
        await lab.Run(async () =>
        {
            var before = await Task.WhenAll(lab.Hosts.Select(Subnet));
            using var pings = lab[4].Pinger.PingStream(lab[1].ContainerAddress!);
            foreach (var host in lab.Hosts)
                host.Kill();
            await Task.WhenAll(lab.Hosts.Select(host => host.WaitForExitAsync()));
            // Two of three are a majority; the third comes late.
            foreach (var host in new[] { lab[4], lab[3], lab[2] })
                host.Start();
            var took = await Eventually("the ledger is heard by three", async () =>
                (await Task.WhenAll(new[] { lab[2], lab[3], lab[4] }.Select(host => host.Api.LeasesAsync()))).All(ledger => ledger is { Live: true, Leases.Count: 4 }), Patience);
            lab[1].Start();
            await lab[1].WaitReadyAsync(Patience);
            await Eventually("the ledger is heard by the last one", async () => (await lab[1].Api.LeasesAsync()).Live, Patience);
            Assert.Equal(before, await Task.WhenAll(lab.Hosts.Select(Subnet)));
            var seen = await pings.StopAsync();
            lab.Measured($"all power lost: the ledger is open again {took.TotalSeconds:0.0} s after two of three core hosts were started, {seen.Sent} pings, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);
        });
    }

    [Fact]
    public async Task A_damaged_copy_of_the_ledger_is_set_aside_and_the_seat_is_enrolled_anew()
    {
        using var lab = await StartAsync(output, 3, core: 3);
        await lab.Run(async () =>
        {
            lab[3].Kill();
            await lab[3].WaitForExitAsync();
            string file = Path.Combine(lab[3].StateDirectory, "seat.db");
            // With the write-ahead log gone too: from that alone SQLite mends a file that is cut off.
            File.Delete($"{file}-wal");
            byte[] content = [.. Enumerable.Repeat((byte)'x', 100), .. (await File.ReadAllBytesAsync(file))[100..]];
            await File.WriteAllBytesAsync(file, content);
            lab[3].Start();
            await Eventually("the damaged copy is named", () => Task.FromResult(File.ReadAllText(lab[3].LogFile).Contains($"{file}.broken-1", StringComparison.Ordinal)), Patience);
            await Eventually("the seat is enrolled", () =>
                Task.FromResult(lab.Hosts.Any(host => File.ReadAllText(host.LogFile).Contains("The ledger's seats are now", StringComparison.Ordinal))), Patience);
            await Eventually("three seats count", async () => (await lab[1].Api.SeatsAsync()).Seats.Count(seat => seat is { Counted: true, LastSeq: not null }) == 3, Patience);
            Assert.Equal(content, await File.ReadAllBytesAsync($"{file}.broken-1"));
        });
    }

    [Fact]
    public async Task Another_host_takes_the_place_of_one_and_the_overlay_notices_nothing()
    {
        using var lab = await StartAsync(output, 3, core: 3);
        await lab.Run(async () =>
        {
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);
            var fourth = lab.Network.AddHost();
            using var node = fourth.Host.StartProcess(new ProcessStartInfo(
                Command.Executable,
                [
                    "run", "--seed", "192.168.77.1", "--seed", "192.168.77.2", "--seed", "192.168.77.4", "--iface", "eth0", "--net-conf", lab.Network.NetConfFile,
                    "--state-dir", fourth.StateDirectory, "--run-dir", fourth.RunDirectory, "--node-name", "h4",
                ]) { RedirectStandardOutput = true, RedirectStandardError = true });
            _ = node.StandardOutput.ReadToEndAsync();
            _ = node.StandardError.ReadToEndAsync();
            try
            {
                await fourth.WaitReadyAsync(Patience);
                var set = await Command.AkkaOverlay("cluster", "seats", "set", "192.168.77.1", "192.168.77.2", "192.168.77.4", "--run-dir", lab[2].RunDirectory);
                Assert.True(set.ExitCode == 0, set.ToString());
                await Eventually("the new seat counts", async () => (await lab[1].Api.SeatsAsync()).Seats.Any(seat => seat is { Seat: "192.168.77.4:4053", Counted: true, LastSeq: not null }), Patience);
                var left = await Command.AkkaOverlay("cluster", "leave", "192.168.77.3:4053", "--run-dir", lab[1].RunDirectory);
                Assert.True(left.ExitCode == 0, left.ToString());
                Assert.Equal(0, await lab[3].WaitForExitAsync());
                // Now the new one is needed for every majority without the second.
                lab[2].Kill();
                await lab[2].WaitForExitAsync();
                await Eventually("the ledger is open with the new seat", async () =>
                    (await lab[1].Api.SeatsAsync()).Seats.Count(seat => seat.LastSeq is not null) >= 2, Patience);
                var seen = await pings.StopAsync();
                Assert.Empty(seen.Lost);
            }
            finally
            {
                node.Kill();
                await node.WaitForExitAsync();
            }
        });
    }
}
