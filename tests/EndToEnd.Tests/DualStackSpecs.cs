using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Both families at once, and IPv6 alone.</summary>
public sealed class DualStackSpecs(ITestOutputHelper output)
{
    [Theory]
    [InlineData("vxlan", 1430)]
    [InlineData("host-gw", 1500)]
    public async Task All_pairs_reach_each_other_by_both_families(string backEnd, int mtu)
    {
        using var lab = await StartAsync(output, 3, $$$"""{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd00:244::/48","Backend":{"Type":"{{{backEnd}}}"}}""");
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
            foreach (var host in lab.Hosts)
            {
                var lease = (await host.Api.StatusAsync()).Lease!;
                string third = lease.Ipv6Subnet!.Replace("::/64", "", StringComparison.Ordinal);
                Assert.Equal(
                    $"FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET={lease.Subnet!.Replace(".0/24", ".1/24", StringComparison.Ordinal)}\n"
                    + $"FLANNEL_IPV6_NETWORK=fd00:244::/48\nFLANNEL_IPV6_SUBNET={third}::1/64\nFLANNEL_MTU={mtu}\nFLANNEL_IPMASQ=false\n",
                    await File.ReadAllTextAsync(host.SubnetFile));
            }
            if (backEnd != "vxlan")
                return;
            var v6 = (await Ip(lab[1], "-d", "link", "show", "flannel-v6.1"))[0];
            Assert.Equal(1430, v6.GetProperty("mtu").GetInt32());
            Assert.Equal(1450, (await Ip(lab[1], "link", "show", "flannel.1"))[0].GetProperty("mtu").GetInt32());
            Assert.Equal("fd77::1", v6.GetProperty("linkinfo").GetProperty("info_data").GetProperty("local6").GetString());
            Assert.NotNull(await lab[1].Pinger.PingAsync(lab[2].ContainerAddress6!, TimeSpan.FromSeconds(2), payload: 1430 - 48));
        });
    }

    [Fact]
    public async Task IPv6_alone_needs_no_IPv4_in_the_overlay()
    {
        using var lab = await StartAsync(output, 2, """{"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd00:244::/48","Backend":{"Type":"vxlan"}}""");
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab, ipv6: true);
            Assert.NotEqual(0, (await Command.Run(lab[1].Host, "ip", "link", "show", "flannel.1")).ExitCode);
        });
    }
}
