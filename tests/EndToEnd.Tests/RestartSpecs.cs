using System.Text;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Nodes end and come back; containers do not notice.</summary>
public sealed class RestartSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task A_killed_node_comes_back_without_a_lost_packet_or_a_kernel_write()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            string subnet = await Subnet(lab[2]);
            int index = await IndexOfDevice(lab[2]);
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);
            using var back = lab[2].Pinger.PingStream(lab[3].ContainerAddress!);
            using var monitor = await KernelWrites.WatchAsync(lab[2].Host);

            await Task.Delay(500);
            lab[2].Kill();
            await lab[2].WaitForExitAsync();
            await Task.Delay(500);
            lab[2].Start();
            await lab[2].WaitReadyAsync(TimeSpan.FromSeconds(30));
            var confirmed = await Eventually("the lease is confirmed by the ledger", async () => (await lab[2].Api.LeasesAsync()).Live, TimeSpan.FromSeconds(30));
            await Task.Delay(1500);

            Assert.Equal(subnet, await Subnet(lab[2]));
            Assert.Equal(index, await IndexOfDevice(lab[2]));
            Assert.Equal(0, (await lab[2].Api.StatusAsync()).KernelWrites);
            Assert.Equal("", await monitor.StopAsync());
            var (there, here) = (await pings.StopAsync(), await back.StopAsync());
            lab.Measured($"kill -9 and restart: {there.Sent + here.Sent} pings, {there.Lost.Count + here.Lost.Count} lost; ledger heard again after {confirmed.TotalSeconds:0.0} s");
            Assert.Empty(there.Lost);
            Assert.Empty(here.Lost);
            Assert.True(there.Sent > 100);
        });
    }

    [Fact]
    public async Task When_the_core_stops_and_comes_back_the_plain_hosts_are_in_its_cluster_again_within_30_seconds()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            var before = await Task.WhenAll(lab.Hosts.Select(Subnet));
            using var pings = lab[2].Pinger.PingStream(lab[3].ContainerAddress!);
            using var core = lab[2].Pinger.PingStream(lab[1].ContainerAddress!);
            lab[1].Terminate();
            Assert.Equal(0, await lab[1].WaitForExitAsync());
            lab[1].Start();
            var took = await Eventually("three members", async () => (await lab[1].Api.MembersAsync()).Members.Count(member => member.Status == "Up") == 3, TimeSpan.FromSeconds(30));
            var live = await Eventually("every host hears the ledger", async () =>
                (await Task.WhenAll(lab.Hosts.Select(host => host.Api.LeasesAsync()))).All(ledger => ledger.Live && ledger.Leases.Count == 3), TimeSpan.FromSeconds(30));
            await Task.Delay(500);
            Assert.Equal(before, await Task.WhenAll(lab.Hosts.Select(Subnet)));
            var (plain, toCore) = (await pings.StopAsync(), await core.StopAsync());
            lab.Measured($"SIGTERM and restart of the core: {took.TotalSeconds:0.0} s until the plain hosts are its members, {plain.Sent + toCore.Sent} pings, {plain.Lost.Count + toCore.Lost.Count} lost");
            Assert.Empty(plain.Lost);
            Assert.Empty(toCore.Lost);
            _ = live;
        });
    }

    [Fact]
    public async Task A_killed_core_that_comes_back_finds_its_members_and_its_leases()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            var before = await Task.WhenAll(lab.Hosts.Select(Subnet));
            using var pings = lab[2].Pinger.PingStream(lab[1].ContainerAddress!);
            lab[1].Kill();
            await lab[1].WaitForExitAsync();
            lab[1].Start();
            var took = await Eventually("three members", async () => (await lab[1].Api.MembersAsync()).Members.Count(member => member.Status == "Up") == 3, TimeSpan.FromSeconds(60));
            await Task.Delay(500);
            Assert.Equal(before, await Task.WhenAll(lab.Hosts.Select(Subnet)));
            var seen = await pings.StopAsync();
            lab.Measured($"kill -9 and restart of the core: {took.TotalSeconds:0.0} s until the plain hosts are its members, {seen.Sent} pings, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);
        });
    }

    [Fact]
    public async Task SIGTERM_keeps_lease_and_routes_and_ends_in_order()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            string subnet = await Subnet(lab[2]);
            using var pings = lab[1].Pinger.PingStream(lab[2].ContainerAddress!);
            lab[2].Terminate();
            Assert.Equal(0, await lab[2].WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token));
            await Eventually("the member is gone", async () => (await lab[1].Api.MembersAsync()).Members.Count == 1, TimeSpan.FromSeconds(15));
            await Task.Delay(2000);
            Assert.Equal([subnet], await OurRoutes(lab[1]));
            Assert.Equal([await Subnet(lab[1])], await OurRoutes(lab[2]));
            Assert.Empty((await pings.StopAsync()).Lost);
        });
    }

    private static async Task<int> IndexOfDevice(LabHost host) => (await Ip(host, "link", "show", "flannel.1"))[0].GetProperty("ifindex").GetInt32();
}

/// <summary>iproute2's monitor: what changes in a namespace's links, addresses, routes and forwarding tables, less what is nobody's doing.</summary>
internal sealed class KernelWrites : IDisposable
{
    private readonly System.Diagnostics.Process monitor;
    private readonly StringBuilder seen = new();

    private KernelWrites(System.Diagnostics.Process monitor)
    {
        this.monitor = monitor;
        monitor.OutputDataReceived += (_, line) =>
        {
            lock (seen)
                seen.AppendLine(line.Data);
        };
        monitor.BeginOutputReadLine();
    }

    public static async Task<KernelWrites> WatchAsync(AkkaOverlay.Kernel.Namespaces.NetworkNamespace inside)
    {
        var writes = new KernelWrites(Command.Start(inside, "ip", "-o", "monitor", "link", "address", "route", "neigh"));
        await Task.Delay(300);
        return writes;
    }

    /// <returns>Lines about devices of the overlay; ARP of the underlay and of the containers goes on by itself.</returns>
    public async Task<string> StopAsync()
    {
        monitor.Kill();
        await monitor.WaitForExitAsync();
        lock (seen)
            return string.Join('\n', seen.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Contains("flannel", StringComparison.Ordinal) || line.Contains("proto 77", StringComparison.Ordinal)));
    }

    public void Dispose()
    {
        if (!monitor.HasExited)
            monitor.Kill();
        monitor.Dispose();
    }
}
