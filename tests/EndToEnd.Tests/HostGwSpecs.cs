using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Back ends without a tunnel.</summary>
public sealed class HostGwSpecs(ITestOutputHelper output)
{
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
