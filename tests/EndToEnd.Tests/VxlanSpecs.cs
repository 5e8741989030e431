using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The default back end, as an operator sees it with iproute2 and tcpdump.</summary>
public sealed class VxlanSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task On_the_wire_is_VXLAN_on_port_8472_with_VNI_1_and_the_inner_addresses_unchanged()
    {
        using var lab = await StartAsync(output, 2, arguments: ["--probes", "off"]);
        await lab.Run(async () =>
        {
            using var capture = Command.Start(lab[2].Host, "tcpdump", "-n", "-l", "-i", "eth0", "-T", "vxlan", "-c", "2", "udp", "port", "8472");
            await capture.StandardError.ReadLineAsync();
            await capture.StandardError.ReadLineAsync();
            Assert.NotNull(await lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromSeconds(2)));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            string seen = await capture.StandardOutput.ReadToEndAsync(patience.Token);
            Assert.Contains("192.168.77.2.8472: VXLAN, flags [I] (0x08), vni 1", seen, StringComparison.Ordinal);
            Assert.Contains($"{lab[1].ContainerAddress} > {lab[2].ContainerAddress}: ICMP echo request", seen, StringComparison.Ordinal);
            Assert.Contains($"{lab[2].ContainerAddress} > {lab[1].ContainerAddress}: ICMP echo reply", seen, StringComparison.Ordinal);
            output.WriteLine(seen);
        });
    }

    [Fact]
    public async Task The_seeds_example_with_vxlan_gives_subnets_of_4096_addresses_from_SubnetMin_on()
    {
        const string seedExample = """{"Network":"10.0.0.0/8","SubnetLen":20,"SubnetMin":"10.10.0.0","SubnetMax":"10.99.0.0","Backend":{"Type":"vxlan","Port":7890}}""";
        using var lab = await StartAsync(output, 3, seedExample);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            var subnets = await Task.WhenAll(lab.Hosts.Select(Subnet));
            Assert.Equal(["10.10.0.0/20", "10.10.16.0/20", "10.10.32.0/20"], subnets.Order(StringComparer.Ordinal));
            Assert.Equal(7890, (await Ip(lab[1], "-d", "link", "show", "flannel.1"))[0].GetProperty("linkinfo").GetProperty("info_data").GetProperty("port").GetInt32());
        });
    }

    [Fact]
    public async Task Subnet_env_is_in_flannels_format_and_readable_by_everyone()
    {
        using var lab = await StartAsync(output, 1);
        await lab.Run(async () =>
        {
            Assert.Equal("10.244.1.0/24", await Subnet(lab[1]));
            Assert.Equal(
                "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=false\n",
                await File.ReadAllTextAsync(lab[1].SubnetFile));
            Assert.Equal("-rw-r--r--", (await Command.Run(null, "stat", "-c", "%A", lab[1].SubnetFile)).Output.Trim());
        });
    }
}
