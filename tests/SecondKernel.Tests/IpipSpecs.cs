using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Back end ipip between two hosts.</summary>
public sealed class IpipSpecs(ITestOutputHelper output)
{
    private const string Device = "flannel.ipip";

    [SecondKernelFact]
    public async Task Ipip_carries_packets_over_flannels_device_and_stands_deletion_restart_and_leave()
    {
        using var lab = await TunnelLife.StartAsync(output, """{"Network":"10.244.0.0/16","Backend":{"Type":"ipip"}}""");
        await lab.Run(async () =>
        {
            var life = new TunnelLife(lab, Device);
            await Matrix.AssertNoLoss(lab);
            var link = await life.Device(lab[1]);
            var data = link.GetProperty("linkinfo").GetProperty("info_data");
            Assert.Equal(("ipip", 1480, "192.168.77.1", "any"), (link.GetProperty("linkinfo").GetProperty("info_kind").GetString(), link.GetProperty("mtu").GetInt32(), data.GetProperty("local").GetString(), data.GetProperty("remote").GetString()));
            var route = (await Ip(lab[1], "route", "show", "proto", "77"))[0];
            Assert.Equal((await Subnet(lab[2]), "192.168.77.2", Device), (route.GetProperty("dst").GetString(), route.GetProperty("gateway").GetString(), route.GetProperty("dev").GetString()));
            Assert.Contains("onlink", route.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
            await life.PassesPacketsOf(1480);
            await life.TransfersTcp();
            await life.TransfersTcpOverABadLink();
            await life.ComesBackAfterItsDeletion();
            await life.OutlivesItsNode();
            await life.ForgetsWhoLeft();
        });
    }
}
