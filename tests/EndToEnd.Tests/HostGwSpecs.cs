using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Back ends without a tunnel.</summary>
public sealed class HostGwSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Host_gw_reaches_every_container_by_plain_routes_over_the_underlay()
    {
        using var lab = await StartAsync(output, 3, HostGw);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            foreach (var host in lab.Hosts)
            {
                Assert.NotEqual(0, (await Command.Run(host.Host, "ip", "link", "show", "flannel.1")).ExitCode);
                var routes = (await Ip(host, "route", "show", "proto", "77")).EnumerateArray().ToDictionary(route => route.GetProperty("dst").GetString()!);
                foreach (var peer in lab.Hosts.Where(peer => peer != host))
                {
                    var route = routes[await Subnet(peer)];
                    Assert.Equal(peer.UnderlayAddress.ToString(), route.GetProperty("gateway").GetString());
                    Assert.Equal("eth0", route.GetProperty("dev").GetString());
                }
                Assert.Contains("FLANNEL_MTU=1500\n", await File.ReadAllTextAsync(host.SubnetFile), StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public async Task Alloc_gives_a_subnet_and_touches_nothing_in_the_kernel()
    {
        using var lab = Prepare(output, 2, """{"Network":"10.244.0.0/16","Backend":{"Type":"alloc"}}""");
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts)
                host.Start();
            foreach (var host in lab.Hosts)
            {
                await host.WaitReadyAsync(TimeSpan.FromSeconds(30));
                Assert.Contains("FLANNEL_SUBNET=10.244.", await File.ReadAllTextAsync(host.SubnetFile), StringComparison.Ordinal);
                Assert.Empty(await OurRoutes(host));
                Assert.Equal(0, (await host.Api.StatusAsync()).KernelWrites);
            }
        });
    }
}
