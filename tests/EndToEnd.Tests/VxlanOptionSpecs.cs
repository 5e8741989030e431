using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>vxlan's options, and where its routes go.</summary>
public sealed class VxlanOptionSpecs(ITestOutputHelper output)
{
    [Fact]
    public async Task VNI_Port_MTU_GBP_and_Learning_are_those_of_the_configuration()
    {
        using var lab = await StartAsync(output, 2, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":4096,"Port":4789,"MTU":1400,"GBP":true,"Learning":true}}""");
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            var link = (await Ip(lab[1], "-d", "link", "show", "flannel.4096"))[0];
            var data = link.GetProperty("linkinfo").GetProperty("info_data");
            Assert.Equal(4096, data.GetProperty("id").GetInt32());
            Assert.Equal(4789, data.GetProperty("port").GetInt32());
            Assert.Equal(1350, link.GetProperty("mtu").GetInt32());
            Assert.True(data.GetProperty("learning").GetBoolean());
            Assert.Contains("gbp", (await Command.Run(lab[1].Host, "ip", "-d", "link", "show", "flannel.4096")).Output, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task DirectRouting_takes_plain_routes_on_the_underlays_own_link()
    {
        using var lab = await StartAsync(output, 2, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","DirectRouting":true}}""");
        await lab.Run(async () =>
        {
            await Matrix.AssertNoLoss(lab);
            string theirs = await Subnet(lab[2]);
            Assert.Contains($"{theirs} via 192.168.77.2 dev eth0 proto 77", (await Command.Run(lab[1].Host, "ip", "route")).Output, StringComparison.Ordinal);
            Assert.Empty((await Command.Run(lab[1].Host, "ip", "neigh", "show", "dev", "flannel.1")).Output.Trim());
        });
    }

    [Fact]
    public async Task Options_that_the_kernel_cannot_change_make_the_device_anew_when_the_device_is_not_as_configured()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            var host = lab[2];
            host.Kill();
            await host.WaitForExitAsync();
            string mac = (await Ip(host, "link", "show", "flannel.1"))[0].GetProperty("address").GetString()!;
            await Command.Run(host.Host, "ip", "link", "del", "flannel.1");
            await Command.Run(host.Host, "ip", "link", "add", "flannel.1", "address", mac, "type", "vxlan", "id", "1", "dev", "eth0", "local", "192.168.77.2", "dstport", "4789", "learning");
            host.Start();
            await Eventually("port and learning are right", async () =>
            {
                var links = await Ip(host, "-d", "link", "show", "type", "vxlan");
                return links.GetArrayLength() == 1 && links[0].GetProperty("linkinfo").GetProperty("info_data").GetProperty("port").GetInt32() == 8472;
            }, TimeSpan.FromSeconds(20));
            await host.WaitReadyAsync(TimeSpan.FromSeconds(10));
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_routing_table_of_their_own_holds_the_routes_and_a_rule_leads_there_and_both_are_repaired_and_swept()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts)
                host.Start("--route-table", "1077");
            await lab.WaitReadyAsync();
            await Matrix.AssertNoLoss(lab);
            string theirs = await Subnet(lab[1]);
            Assert.Empty(await OurRoutes(lab[2]));
            Assert.Contains(theirs, (await Command.Run(lab[2].Host, "ip", "route", "show", "table", "1077")).Output, StringComparison.Ordinal);
            Assert.Contains("from all to 10.244.0.0/16 lookup 1077 proto 77", (await Command.Run(lab[2].Host, "ip", "rule")).Output, StringComparison.Ordinal);

            await Command.Run(lab[2].Host, "ip", "rule", "del", "to", "10.244.0.0/16", "lookup", "1077");
            var took = await Eventually("the rule is back", async () => (await Command.Run(lab[2].Host, "ip", "rule")).Output.Contains("lookup 1077", StringComparison.Ordinal), TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(1));
            lab.Measured($"rule deleted: back after {took.TotalMilliseconds:0} ms");

            // Back to the main table: what is in the other one is stale.
            lab[2].Terminate();
            await lab[2].WaitForExitAsync();
            lab[2].Start();
            await lab[2].WaitReadyAsync(TimeSpan.FromSeconds(30));
            await Eventually("rule and table are swept", async () =>
                !(await Command.Run(lab[2].Host, "ip", "rule")).Output.Contains("1077", StringComparison.Ordinal)
                && !(await Command.Run(lab[2].Host, "ip", "route", "show", "table", "all")).Output.Contains("table 1077", StringComparison.Ordinal), TimeSpan.FromSeconds(20));
            Assert.Equal([theirs], await OurRoutes(lab[2]));
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_public_address_that_no_device_has_is_announced_and_the_tunnel_still_leaves_from_the_device()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            lab[1].Start();
            // NAT in the host's own namespace: what is sent to .102 is for .2.
            await Command.Run(lab[1].Host, "ip", "route", "add", "192.168.88.2/32", "via", "192.168.77.2");
            await Command.Run(lab[2].Host, "ip", "addr", "add", "192.168.88.2/32", "dev", "lo");
            lab[2].Start("--public-ip", "192.168.88.2");
            await lab.WaitReadyAsync();
            Assert.Contains("dst 192.168.88.2 self permanent", (await Command.Run(lab[1].Host, "bridge", "fdb", "show", "dev", "flannel.1")).Output, StringComparison.Ordinal);
            Assert.Equal("192.168.77.2", (await Ip(lab[2], "-d", "link", "show", "flannel.1"))[0].GetProperty("linkinfo").GetProperty("info_data").GetProperty("local").GetString());
            await Matrix.AssertNoLoss(lab);
        });
    }
}
