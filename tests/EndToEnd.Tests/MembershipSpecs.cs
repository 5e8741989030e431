using System.Diagnostics;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Hosts that join, leave, crash, and do not fit.</summary>
public sealed class MembershipSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task An_eighth_host_is_reached_by_seven_idle_ones_within_seconds_of_its_start()
    {
        using var lab = await StartAsync(output, 7);
        await lab.Run(async () =>
        {
            await Task.Delay(2000);
            var times = new List<double>();
            // The container's address is known before the lease is: the next subnet in order. So pings can be under way when the node starts.
            var eighth = lab.Network.AddHost();
            long began = Stopwatch.GetTimestamp();
            eighth.Start();
            await Eventually("subnet.env", () => Task.FromResult(File.Exists(eighth.SubnetFile)), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(5));
            double subnetKnown = Stopwatch.GetElapsedTime(began).TotalSeconds;
            eighth.ConnectContainer();
            await Task.WhenAll(lab.Hosts.Where(host => host != eighth).Select(async host =>
            {
                while (await host.Pinger.PingAsync(eighth.ContainerAddress!, TimeSpan.FromMilliseconds(100)) is null)
                    Assert.True(Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(30), $"{host.Name} does not reach the eighth host");
                lock (times)
                    times.Add(Stopwatch.GetElapsedTime(began).TotalSeconds);
            }));
            lab.Measured($"eighth host: subnet.env {subnetKnown:0.00} s after the process's start, first ping from each of seven hosts after {times.Min():0.00} to {times.Max():0.00} s");
        });
    }

    [Fact]
    public async Task A_host_told_to_leave_is_gone_from_every_route_table_and_its_subnet_is_free()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            string subnet = await Subnet(lab[3]);
            // By another host, as an operator would from wherever she sits.
            long told = Stopwatch.GetTimestamp();
            var said = await Command.AkkaOverlay("cluster", "leave", "192.168.77.3:4053", "--run-dir", lab[1].RunDirectory);
            Assert.True(said.ExitCode == 0, said.ToString());
            await Eventually("the routes are gone", async () =>
                (await Task.WhenAll(lab.Hosts.Select(OurRoutes))).All(routes => !routes.Contains(subnet)), TimeSpan.FromSeconds(5));
            lab.Measured($"cluster leave: gone from every route table {Stopwatch.GetElapsedTime(told).TotalSeconds:0.00} s after the command was typed");
            Assert.Equal(0, await lab[3].WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token));
            Assert.DoesNotContain((await lab[1].Api.LeasesAsync()).Leases, lease => lease.Subnet == subnet);
            Assert.Empty(await OurRoutes(lab[3]));
            Assert.NotEqual(0, (await Command.Run(lab[3].Host, "ip", "link", "show", "flannel.1")).ExitCode);
            Assert.False(File.Exists(lab[3].SubnetFile));
            foreach (var host in lab.Hosts.Take(2))
            {
                Assert.DoesNotContain(subnet.Split('/')[0], (await Command.Run(host.Host, "ip", "neigh", "show", "dev", "flannel.1")).Output, StringComparison.Ordinal);
                Assert.DoesNotContain("192.168.77.3", (await Command.Run(host.Host, "bridge", "fdb", "show", "dev", "flannel.1")).Output, StringComparison.Ordinal);
            }

            // Another host takes a fresh subnet; the one that left gets its own back.
            var fourth = lab.Network.AddHost();
            fourth.Start();
            await fourth.WaitReadyAsync(TimeSpan.FromSeconds(30));
            Assert.Equal("10.244.4.0/24", await Subnet(fourth));
            lab[3].Start();
            await lab[3].WaitReadyAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(subnet, await Subnet(lab[3]));
        });
    }

    [Fact]
    public async Task A_crashed_host_keeps_its_subnet_and_its_routes_after_the_cluster_has_put_it_out()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            string subnet = await Subnet(lab[3]);
            using var pings = lab[1].Pinger.PingStream(lab[3].ContainerAddress!);
            lab[3].Kill();
            await lab[3].WaitForExitAsync();
            var took = await Eventually("the member is put out", async () => (await lab[1].Api.MembersAsync()).Members.Count == 2, TimeSpan.FromSeconds(45));
            await Task.Delay(1000);
            Assert.Contains((await lab[1].Api.LeasesAsync()).Leases, lease => lease.Subnet == subnet);
            Assert.Contains(subnet, await OurRoutes(lab[1]));
            Assert.Contains(subnet, await OurRoutes(lab[2]));
            var seen = await pings.StopAsync();
            lab.Measured($"crashed host: put out of the cluster after {took.TotalSeconds:0.0} s; {seen.Sent} pings to its container, {seen.Lost.Count} lost");
            Assert.Empty(seen.Lost);
        });
    }

    [Fact]
    public async Task On_exit_release_gives_the_lease_back()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            lab[1].Start();
            lab[2].Start("--on-exit", "release");
            await lab.WaitReadyAsync();
            lab[2].Terminate();
            Assert.Equal(0, await lab[2].WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(10)).Token));
            await Eventually("the lease is gone", async () => (await lab[1].Api.LeasesAsync()).Leases.Count == 1, TimeSpan.FromSeconds(5));
            await Eventually("the route is gone", async () => (await OurRoutes(lab[1])).Count == 0, TimeSpan.FromSeconds(5));
            Assert.Empty(await OurRoutes(lab[2]));
        });
    }

    [Fact]
    public async Task The_last_host_of_a_full_network_says_out_of_subnets_and_goes_on_trying()
    {
        // A /28 of /30s has three subnets.
        using var lab = Prepare(output, 4, """{"Network":"10.244.0.0/28","Backend":{"Type":"vxlan"}}""");
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts.Take(3))
            {
                host.Start();
                await host.WaitReadyAsync(TimeSpan.FromSeconds(30));
            }
            lab[4].Start();
            await Eventually("out of subnets", async () =>
                (await lab[4].Api.StatusAsync()).Components.Any(component => component.Detail.Contains("out of subnets", StringComparison.Ordinal)), TimeSpan.FromSeconds(30));
            Assert.Contains("out of subnets", await File.ReadAllTextAsync(lab[4].LogFile), StringComparison.Ordinal);
            Assert.False(File.Exists(lab[4].SubnetFile));

            string freed = await Subnet(lab[3]);
            await Command.AkkaOverlay("cluster", "leave", "--run-dir", lab[3].RunDirectory);
            await lab[4].WaitReadyAsync(TimeSpan.FromSeconds(30));
            Assert.Equal(freed, await Subnet(lab[4]));
        });
    }

    [Fact]
    public async Task Stale_objects_of_ours_are_swept_and_foreign_ones_stay()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            var host = lab[2];
            host.Kill();
            await host.WaitForExitAsync();
            await Do(host, "ip", "route", "add", "10.244.99.0/24", "via", "10.244.99.0", "dev", "flannel.1", "onlink", "proto", "77");
            await Do(host, "ip", "neigh", "add", "10.244.99.0", "lladdr", "02:00:00:00:00:99", "dev", "flannel.1", "nud", "permanent", "protocol", "77");
            await Do(host, "bridge", "fdb", "add", "02:00:00:00:00:99", "dst", "192.168.77.99", "dev", "flannel.1", "self", "permanent");
            await Do(host, "ip", "route", "add", "10.98.0.0/24", "via", "192.168.77.1", "proto", "static");
            await Do(host, "ip", "route", "add", "10.244.98.0/24", "via", "192.168.77.1", "proto", "static");
            await Do(host, "ip", "link", "add", "flannel.9", "type", "vxlan", "id", "9", "dstport", "8472", "local", "192.168.77.2", "dev", "eth0");
            host.Start();
            await host.WaitReadyAsync(TimeSpan.FromSeconds(30));
            await Eventually("the stale route is gone", async () => !(await OurRoutes(host)).Contains("10.244.99.0/24"), TimeSpan.FromSeconds(20));
            await Eventually("the stale neighbour is gone", async () => !(await Command.Run(host.Host, "ip", "neigh", "show", "dev", "flannel.1")).Output.Contains("02:00:00:00:00:99", StringComparison.Ordinal), TimeSpan.FromSeconds(5));
            await Eventually("the stale forwarding entry is gone", async () => !(await Command.Run(host.Host, "bridge", "fdb", "show", "dev", "flannel.1")).Output.Contains("02:00:00:00:00:99", StringComparison.Ordinal), TimeSpan.FromSeconds(5));
            string routes = (await Command.Run(host.Host, "ip", "route", "show", "proto", "static")).Output;
            Assert.Contains("10.98.0.0/24", routes, StringComparison.Ordinal);
            Assert.Contains("10.244.98.0/24", routes, StringComparison.Ordinal);
            Assert.Equal(0, (await Command.Run(host.Host, "ip", "link", "show", "flannel.9")).ExitCode);
            await Matrix.AssertNoLoss(lab);
        });

        static async Task Do(LabHost host, string program, params string[] arguments)
        {
            var result = await Command.Run(host.Host, program, arguments);
            Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result}");
        }
    }
}
