using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The default back end, as an operator sees it with iproute2 and tcpdump.</summary>
public sealed class VxlanSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task Three_hosts_reach_each_others_containers_and_the_kernel_holds_what_flannel_would_make()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            foreach (var host in lab.Hosts)
                await AssertKernelObjects(lab, host);
        });
    }

    [Fact]
    public async Task A_full_size_packet_crosses_unfragmented_and_one_octet_more_does_not_fit()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            // 1,450 octets of MTU less 20 of IPv4 and 8 of ICMP.
            Assert.NotNull(await lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromSeconds(2), payload: 1422));
            var link = (await Ip(lab[1], "link", "show", "flannel.1"))[0];
            Assert.Equal(1450, link.GetProperty("mtu").GetInt32());
            var tooLong = await Command.Run(lab[1].Container, "ping", "-M", "do", "-c", "1", "-W", "1", "-s", "1423", lab[2].ContainerAddress!.ToString());
            Assert.NotEqual(0, tooLong.ExitCode);
        });
    }

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

    private static async Task AssertKernelObjects(OverlayLab lab, LabHost host)
    {
        string subnet = await Subnet(host);
        var link = (await Ip(host, "-d", "link", "show", "flannel.1"))[0];
        var data = link.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal("vxlan", link.GetProperty("linkinfo").GetProperty("info_kind").GetString());
        Assert.Equal(1, data.GetProperty("id").GetInt32());
        Assert.Equal(8472, data.GetProperty("port").GetInt32());
        Assert.Equal(host.UnderlayAddress.ToString(), data.GetProperty("local").GetString());
        Assert.Equal("eth0", data.GetProperty("link").GetString());
        Assert.False(data.GetProperty("learning").GetBoolean());

        var address = (await Ip(host, "-4", "addr", "show", "flannel.1"))[0].GetProperty("addr_info")[0];
        Assert.Equal($"{subnet.Split('/')[0]}/32", $"{address.GetProperty("local").GetString()}/{address.GetProperty("prefixlen").GetInt32()}");

        var routes = (await Ip(host, "route", "show", "proto", "77")).EnumerateArray().ToDictionary(route => route.GetProperty("dst").GetString()!);
        var neighbours = (await Ip(host, "neigh", "show", "dev", "flannel.1")).EnumerateArray().ToDictionary(entry => entry.GetProperty("dst").GetString()!);
        string fdb = (await Command.Run(host.Host, "bridge", "fdb", "show", "dev", "flannel.1")).Output;
        Assert.Equal(lab.Hosts.Count - 1, routes.Count);
        foreach (var peer in lab.Hosts.Where(peer => peer != host))
        {
            string theirs = await Subnet(peer);
            string gateway = theirs.Split('/')[0];
            Assert.Equal(gateway, routes[theirs].GetProperty("gateway").GetString());
            Assert.Equal("flannel.1", routes[theirs].GetProperty("dev").GetString());
            Assert.Contains("onlink", routes[theirs].GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
            Assert.Equal(["PERMANENT"], neighbours[gateway].GetProperty("state").EnumerateArray().Select(state => state.GetString()!));
            string mac = neighbours[gateway].GetProperty("lladdr").GetString()!;
            Assert.Equal(mac, (await Ip(peer, "link", "show", "flannel.1"))[0].GetProperty("address").GetString());
            Assert.Contains($"{mac} dst {peer.UnderlayAddress} self permanent", fdb, StringComparison.Ordinal);
        }
    }
}
