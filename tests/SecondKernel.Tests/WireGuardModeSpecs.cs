using System.Net;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Back end wireguard with one device for both families: by which of them its packets go on the underlay.</summary>
public sealed class WireGuardModeSpecs(ITestOutputHelper output)
{
    private const string Device = "flannel-wg";

    private const ushort IPv4 = 0x0800, IPv6 = 0x86dd;

    [SecondKernelFact]
    public async Task Mode_auto_takes_IPv4_for_both_families_and_stands_a_router_that_translates_a_hosts_address()
    {
        TranslatedHost far = null!;
        await WireLab.RunAsync(
            output,
            2,
            NetConf("auto"),
            lab => GoesBy(lab, IPv4, "192.168.77.1:51820", $"{far.Public}:51820"),
            lab => (far = new TranslatedHost(lab[2])).MoveAsync(lab),
            host => host.Index == 2 ? ["--public-ip", "192.168.99.2"] : []);
    }

    [SecondKernelFact]
    public Task Mode_ipv6_takes_IPv6_for_both_families_and_follows_the_smallest_underlay() =>
        WireLab.RunAsync(output, 2, NetConf("ipv6"), async lab =>
        {
            await GoesBy(lab, IPv6, "[fd77::1]:51820", "[fd77::2]:51820");
            await WireLab.FollowsTheSmallerUnderlay(lab, lab[2], Device, 1400, 1320);
        });

    [SecondKernelFact]
    public Task Mode_ipv4_takes_IPv4_for_both_families() =>
        WireLab.RunAsync(output, 2, NetConf("ipv4"), lab => GoesBy(lab, IPv4, "192.168.77.1:51820", "192.168.77.2:51820"));

    private static string NetConf(string mode) =>
        $$"""{"EnableIPv6":true,"Network":"10.244.0.0/16","IPv6Network":"fd42::/56","Backend":{"Type":"wireguard","Mode":"{{mode}}"} }""";

    /// <summary>There is one device on each host, all packets go by it, and leave in UDP of this family: nothing with a container's address is on the wire.</summary>
    private static async Task GoesBy(OverlayLab lab, ushort family, string first, string second)
    {
        foreach (var host in lab.Hosts)
            Assert.Equal(Device, Assert.Single((await Ip(host, "link", "show", "type", "wireguard")).EnumerateArray()).GetProperty("ifname").GetString());
        using var all = await PacketCapture.StartAsync(lab[1].Host, "udp port 51820 or udp port 51821 or net 10.244.0.0/16 or net fd42::/56");
        foreach (bool ipv6 in new[] { false, true })
        {
            await WireLab.Pings(lab[1], lab[2], ipv6);
            await WireLab.Pings(lab[2], lab[1], ipv6);
        }
        var seen = await all.WaitForAsync(8);
        Assert.All(seen, frame => Assert.Equal(family, WirePacket.TypeOf(frame)));
        var (one, two) = (IPEndPoint.Parse(first), IPEndPoint.Parse(second));
        Assert.All(seen, frame => Assert.Contains(WirePacket.UdpEnds(WirePacket.In(frame)), new[] { (one, two), (two, one) }));

        foreach (var (host, other, endPoint) in new[] { (lab[1], lab[2], second), (lab[2], lab[1], first) })
        {
            var device = WireLab.WireGuard(host, Device);
            var peer = Assert.Single(device.Peers);
            Assert.Equal((51820, IPEndPoint.Parse(endPoint)), (device.Port, peer.EndPoint));
            var lease = (await other.Api.StatusAsync()).Lease!;
            Assert.Equal(new[] { lease.Subnet, lease.Ipv6Subnet }.Order(), peer.AllowedIps.Select(subnet => subnet.ToString()).Order());
        }
    }
}
