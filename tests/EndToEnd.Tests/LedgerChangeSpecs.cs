using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>One ledger takes the place of another: where an operator means it, and not where a list of seeds is wrong, a disk is lost or a founder falls.</summary>
public sealed class LedgerChangeSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>On top of the first, which every node of a lab with a core of one is given.</summary>
    private static readonly string[] TwoMore = ["--seed", "192.168.77.2", "--seed", "192.168.77.3"];

    [Fact]
    public async Task A_core_of_one_becomes_a_core_of_three_with_every_lease_and_never_two_ledgers()
    {
        using var lab = await StartAsync(output, 4);
        await lab.Run(async () =>
        {
            var before = await Task.WhenAll(lab.Hosts.Select(Subnet));
            using var pings = lab[2].Pinger.PingStream(lab[4].ContainerAddress!);

            // The new seats with the new list, the old one still with its own.
            foreach (var host in new[] { lab[2], lab[3] })
            {
                await Stop(host);
                host.Start(TwoMore);
            }
            const string Differ = "the ledgers differ: 192.168.77.2:4053 has --journal quorum, 192.168.77.1:4053 has --journal sqlite";
            await Eventually("both are named", () => Task.FromResult(Log(lab[2]).Contains(Differ, StringComparison.Ordinal)), Patience);
            await Eventually("on the other host too", () => Task.FromResult(Log(lab[1]).Contains("the ledgers differ: 192.168.77.1:4053 has --journal sqlite", StringComparison.Ordinal)), Patience);
            await Task.Delay(3000);
            Assert.DoesNotContain((await lab[1].Api.MembersAsync()).Members, member => member.Node.Contains("192.168.77.2:", StringComparison.Ordinal));

            // The right list alone would found a blank ledger.
            await Stop(lab[1]);
            lab[1].Start(TwoMore);
            Assert.Equal(1, await lab[1].WaitForExitAsync());
            await Eventually("the way is named", () => Task.FromResult(Log(lab[1]).Contains("start it once with --adopt-ledger", StringComparison.Ordinal)), Patience);

            long began = TimeProvider.System.GetTimestamp();
            lab[1].Start([.. TwoMore, "--adopt-ledger"]);
            await Eventually("three seats have the ledger", async () => (await lab[1].Api.SeatsAsync()).Seats.Count(seat => seat is { Counted: true, LastSeq: not null }) == 3, Patience);
            await Eventually("with four leases", async () => await lab[4].Api.LeasesAsync() is { Live: true, Leases.Count: 4 }, Patience);
            lab.Measured($"a ledger went over from one host to three in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
            string kept = Path.Combine(lab[1].StateDirectory, "ledger.db.adopted-1");
            Assert.True(File.Exists(kept));
            Assert.Contains(kept, Log(lab[1]), StringComparison.Ordinal);

            // The seats have the ledger sooner than the cluster's id, and only those that have it form again without the first.
            await HaveClusterId(lab.Hosts.Take(3));

            // Without the host that it came from, and with it again under its old line and its new one.
            lab[1].Kill();
            await lab[1].WaitForExitAsync();
            await Eventually("another one grants", async () => await lab[2].Api.LedgerAsync() is { Live: true, Note: null, Leases.Count: 4 }, Patience);
            lab[1].Start();
            Assert.Equal(1, await lab[1].WaitForExitAsync());
            Assert.Contains("this host has a seat of a ledger on several", Log(lab[1]), StringComparison.Ordinal);
            lab[1].Start(TwoMore);
            await lab[1].WaitReadyAsync(Patience);
            Assert.Equal(before, await Task.WhenAll(lab.Hosts.Select(Subnet)));
            var seen = await pings.StopAsync();
            lab.Measured($"{seen.Sent} pings meanwhile, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);
        });
    }

    [Fact]
    public async Task All_copies_of_the_ledger_are_damaged_and_nothing_is_granted_before_an_operator_gives_them_up()
    {
        using var lab = await StartAsync(output, 4, core: 3);
        await lab.Run(async () =>
        {
            var before = await Task.WhenAll(lab.Hosts.Select(Subnet));
            // A host keeps what it knows of the others a moment after it has heard of them.
            foreach (var host in lab.Hosts.Take(3))
                await Eventually($"{host.Name} has kept all leases", async () => await File.ReadAllTextAsync(Path.Combine(host.StateDirectory, "feed.json")) is var feed && lab.Hosts.All(other => feed.Contains($"\"{other.Name}\"", StringComparison.Ordinal)), Patience);
            using var pings = lab[4].Pinger.PingStream(lab[1].ContainerAddress!);
            foreach (var host in lab.Hosts.Take(3))
            {
                host.Kill();
                await host.WaitForExitAsync();
                string file = Path.Combine(host.StateDirectory, "seat.db");
                File.Delete($"{file}-wal");
                byte[] content = [.. Enumerable.Repeat((byte)'x', 100), .. (await File.ReadAllBytesAsync(file))[100..]];
                await File.WriteAllBytesAsync(file, content);
            }
            foreach (var host in lab.Hosts.Take(3))
                host.Start();
            // Two lost copies are a majority: the third seat may be heard of later, and is named then.
            string[] broken = [.. lab.Hosts.Take(3).Select(host => Path.Combine(host.StateDirectory, "seat.db.broken-1"))];
            string? line = null;
            await Eventually(
                "it is said of all three",
                () => Task.FromResult((line = lab.Hosts.SelectMany(host => Log(host).Split('\n')).FirstOrDefault(line => line.Contains("a majority of its copies is lost", StringComparison.Ordinal) && broken.All(line.Contains))) is not null),
                Patience);
            output.WriteLine(line);
            await Task.Delay(5000);
            // Each host of the core says at its second start that its copy was damaged; that a majority is, only the allocator's.
            Assert.All(lab.Hosts.Take(3), host => Assert.DoesNotContain("Granted 10.", Log(host).Split("copy of the ledger was damaged")[1], StringComparison.Ordinal));

            var recovered = await Command.AkkaOverlay("cluster", "seats", "recover", "--run-dir", lab[4].RunDirectory);
            output.WriteLine(recovered.ToString());
            Assert.Equal(0, recovered.ExitCode);
            var took = await Eventually("four leases in the new ledger", async () => await lab[4].Api.LedgerAsync() is { Live: true, Note: null, Leases.Count: 4 }, Patience);
            lab.Measured($"all leases claimed again {took.TotalSeconds:0.0} s after the word");
            foreach (var host in lab.Hosts)
                await host.WaitReadyAsync(Patience);
            Assert.Equal(before, await Task.WhenAll(lab.Hosts.Select(Subnet)));
            var again = await Command.AkkaOverlay("cluster", "seats", "recover", "--run-dir", lab[4].RunDirectory);
            Assert.Equal(1, again.ExitCode);
            Assert.Contains("there is nothing to recover", again.Error, StringComparison.Ordinal);
            Assert.Empty((await pings.StopAsync()).Lost);
        });
    }

    /// <summary>As a crash just after the founding leaves it: one host had written the cluster's id down, the others had not.</summary>
    [Fact]
    public async Task A_core_of_which_only_one_host_knows_the_cluster_forms_it_again_when_all_are_there()
    {
        using var lab = await StartAsync(output, 3, core: 3);
        await lab.Run(async () =>
        {
            var before = await Task.WhenAll(lab.Hosts.Select(Subnet));
            foreach (var host in lab.Hosts)
            {
                host.Kill();
                await host.WaitForExitAsync();
            }
            string[] files = [.. lab.Hosts.Select(host => Path.Combine(host.StateDirectory, "cluster-id"))];
            string id = await File.ReadAllTextAsync(files[1]);
            File.Delete(files[0]);
            File.Delete(files[2]);
            lab[1].Start();
            lab[2].Start();
            await Task.Delay(5000);
            Assert.All(lab.Hosts.Take(2), host => Assert.DoesNotContain("forms the cluster again", Log(host), StringComparison.Ordinal));
            lab[3].Start();
            foreach (var host in lab.Hosts)
                await host.WaitReadyAsync(Patience);
            await Eventually("all know it", () => Task.FromResult(Array.TrueForAll(files, file => File.Exists(file) && File.ReadAllText(file) == id)), Patience);
            Assert.Equal(before, await Task.WhenAll(lab.Hosts.Select(Subnet)));
        });
    }

    private static async Task Stop(LabHost host)
    {
        host.Terminate();
        Assert.Equal(0, await host.WaitForExitAsync());
    }

    private static string Log(LabHost host) => File.ReadAllText(host.LogFile);
}
