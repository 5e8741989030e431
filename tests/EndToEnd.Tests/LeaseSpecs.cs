using System.Text.Json;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What operators do with leases, and what becomes of copied hosts.</summary>
public sealed class LeaseSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task A_reserved_subnet_waits_for_its_host_and_is_its_own_until_it_is_unreserved()
    {
        using var lab = Prepare(output, 3);
        await lab.Run(async () =>
        {
            lab[1].Start();
            await lab[1].WaitReadyAsync(TimeSpan.FromSeconds(60));
            Assert.Equal("10.244.7.0/24 is reserved for h3\n", (await Lease(lab, 1, 0, "reserve", "10.244.7.0/24", "--host", "h3")).Output);
            lab[2].Start();
            await lab[2].WaitReadyAsync(TimeSpan.FromSeconds(60));
            lab[3].Start();
            await lab[3].WaitReadyAsync(TimeSpan.FromSeconds(60));
            Assert.Equal(("10.244.2.0/24", "10.244.7.0/24"), (await Subnet(lab[2]), await Subnet(lab[3])));

            // From a plain host, as from any.
            string table = (await Lease(lab, 2, 0, "list")).Output;
            Assert.Matches(@"10\.244\.7\.0/24 .*h3 .*held, reserved for h3 +\d+s ago", table);
            Assert.Contains("3 leases, ledger revision", table, StringComparison.Ordinal);
            var shown = JsonDocument.Parse((await Lease(lab, 2, 0, "show", "10.244.7.0/24", "--json")).Output).RootElement;
            Assert.Equal(("held", "h3", "h3"), (shown.GetProperty("state").GetString(), shown.GetProperty("name").GetString(), shown.GetProperty("reservedFor").GetString()));
            Assert.Contains("10.244.7.0/24 is reserved for h3: unreserve it first", (await Lease(lab, 2, 1, "reserve", "10.244.9.0/24", "--host", "h3")).Error, StringComparison.Ordinal);
            Assert.Contains("10.244.2.0/24 is held by h2", (await Lease(lab, 2, 1, "reserve", "10.244.2.0/24", "--host", "h1")).Error, StringComparison.Ordinal);
            Assert.Contains("is no longer reserved for h3: it stays with h3", (await Lease(lab, 2, 0, "unreserve", "10.244.7.0/24")).Output, StringComparison.Ordinal);
            Assert.Contains("is not reserved", (await Lease(lab, 2, 1, "unreserve", "10.244.7.0/24")).Error, StringComparison.Ordinal);
            Assert.Equal("10.244.7.0/24", await Subnet(lab[3]));

            Assert.Contains("h3 lives (seen", (await Lease(lab, 1, 1, "release", "10.244.7.0/24")).Error, StringComparison.Ordinal);
            lab[3].Kill();
            await lab[3].WaitForExitAsync();
            Assert.Contains("is over: 10.244.7.0/24 is free", (await Lease(lab, 1, 0, "release", "10.244.7.0/24", "--force")).Output, StringComparison.Ordinal);
            await Eventually("no route to it", async () => !(await OurRoutes(lab[1])).Contains("10.244.7.0/24"), TimeSpan.FromSeconds(10));
            Assert.Contains("State   free", (await Lease(lab, 1, 0, "show", "10.244.7.0/24")).Output, StringComparison.Ordinal);
        });
    }

    [Theory]
    [InlineData(2, "'10.244.7.1/24': not a subnet such as 10.244.1.0/24", "reserve", "10.244.7.1/24", "--host", "h3")]
    [InlineData(2, "--host 'h 3': letters, digits", "reserve", "10.244.7.0/24", "--host", "h 3")]
    [InlineData(2, "--host", "reserve", "10.244.7.0/24")]
    [InlineData(2, "'here': not a subnet", "show", "here")]
    [InlineData(1, "no akka-overlay answers", "unreserve", "10.244.7.0/24")]
    public async Task Bad_usage_is_one_line(int exit, string line, params string[] arguments)
    {
        var said = await Command.AkkaOverlay(["lease", .. arguments, "--run-dir", "/nonexistent-run-directory"]);
        Assert.True(said.ExitCode == exit, said.ToString());
        Assert.Contains(line, said.Error, StringComparison.Ordinal);
        Assert.Single(said.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_copy_of_a_host_is_refused_and_the_first_one_does_not_notice()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            string subnet = await Subnet(lab[2]);
            await Eventually("the lease is on disk", () => Task.FromResult(Directory.GetFiles(lab[2].StateDirectory).Length >= 3), TimeSpan.FromSeconds(10));
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);
            var copy = lab.Network.AddHost();
            // The lock is held by the one that runs; an image of its disk has it unlocked.
            foreach (string file in Directory.GetFiles(lab[2].StateDirectory).Where(file => Path.GetFileName(file) != "node.lock"))
                File.Copy(file, Path.Combine(copy.StateDirectory, Path.GetFileName(file)));
            copy.Start();
            var took = await Eventually("the copy is refused", async () =>
                (await copy.Api.StatusAsync()).Components.Any(component => component.Name == "lease" && component.Detail.Contains("is in use on two hosts", StringComparison.Ordinal)), TimeSpan.FromSeconds(60));
            lab.Measured($"a copy of a host is refused {took.TotalSeconds:0.0} s after its start");
            string log = await File.ReadAllTextAsync(copy.LogFile);
            Assert.Matches(@"No lease: node id [0-9a-f-]{36} is in use on two hosts: h2 at 192\.168\.77\.2 .*h3 at 192\.168\.77\.3 .*delete <state-dir>/node-id", log);
            // Two more attempts.
            await Task.Delay(11_000);
            Assert.Empty(await OurRoutes(copy));
            Assert.NotEqual(0, (await Command.Run(copy.Host, "ip", "link", "show", "flannel.1")).ExitCode);
            Assert.False(File.Exists(copy.SubnetFile));
            Assert.Equal(subnet, await Subnet(lab[2]));
            var lease = Assert.Single((await lab[1].Api.LedgerAsync()).Leases, lease => lease.Subnet == subnet);
            Assert.Equal(("h2", "192.168.77.2"), (lease.Name, lease.PublicIp));

            // A copy that is told to leave does not give the first one's lease back.
            copy.Terminate();
            Assert.Equal(0, await copy.WaitForExitAsync());
            copy.Start("--on-exit", "release");
            await Eventually("the copy is refused again", async () =>
                (await copy.Api.StatusAsync()).Components.Any(component => component.Detail.Contains("is in use on two hosts", StringComparison.Ordinal)), TimeSpan.FromSeconds(60));
            copy.Terminate();
            await copy.WaitForExitAsync();
            Assert.Equal("held", (await lab[1].Api.LeaseAsync(AkkaOverlay.Kernel.Net.IpPrefix.Parse(subnet))).State);
            var seen = await pings.StopAsync();
            lab.Measured($"meanwhile {seen.Sent} pings to the first one, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);

            // With an id of its own it is a host like any other.
            File.Delete(Path.Combine(copy.StateDirectory, "node-id"));
            copy.Start();
            await copy.WaitReadyAsync(TimeSpan.FromSeconds(60));
            Assert.Equal("10.244.3.0/24", await Subnet(copy));
        });
    }

    [Fact]
    public async Task A_host_that_is_gone_for_the_ttl_loses_its_lease_and_has_it_back_when_it_returns()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            lab[1].Start("--lease-ttl", "1m");
            lab[2].Start();
            await lab.WaitReadyAsync();
            string subnet = await Subnet(lab[2]);
            lab[2].Kill();
            await lab[2].WaitForExitAsync();
            var took = await Eventually("the lease expires", async () => !(await OurRoutes(lab[1])).Contains(subnet), TimeSpan.FromSeconds(100));
            lab.Measured($"--lease-ttl 1m: the route is gone {took.TotalSeconds:0} s after the host was killed");
            Assert.True(took > TimeSpan.FromSeconds(45), $"{took}");
            Assert.Matches(@"quarantined, (60m|1h) left", (await Lease(lab, 1, 0, "list")).Output);
            lab[2].Start();
            await lab[2].WaitReadyAsync(TimeSpan.FromSeconds(60));
            await Eventually("the route is back", async () => (await OurRoutes(lab[1])).Contains(subnet), TimeSpan.FromSeconds(30));
            Assert.Equal(subnet, await Subnet(lab[2]));
        });
    }

    private static async Task<CommandResult> Lease(OverlayLab lab, int host, int exit, params string[] arguments)
    {
        var said = await Command.AkkaOverlay(["lease", .. arguments, "--run-dir", lab[host].RunDirectory]);
        Assert.True(said.ExitCode == exit, said.ToString());
        return said;
    }
}
