using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Kernel objects as flannel makes them, as iproute2 shows them.</summary>
internal static class FlannelLayout
{
    public static async Task IpipAsync(OverlayLab lab)
    {
        var link = (await Ip(lab[1], "-d", "link", "show", "flannel.ipip"))[0];
        var data = link.GetProperty("linkinfo").GetProperty("info_data");
        Assert.Equal(
            ("ipip", 1480, "192.168.77.1", "any"),
            (link.GetProperty("linkinfo").GetProperty("info_kind").GetString(), link.GetProperty("mtu").GetInt32(), data.GetProperty("local").GetString(), data.GetProperty("remote").GetString()));
        var route = (await Ip(lab[1], "route", "show", "proto", "77"))[0];
        Assert.Equal(
            (await Subnet(lab[2]), "192.168.77.2", "flannel.ipip"),
            (route.GetProperty("dst").GetString(), route.GetProperty("gateway").GetString(), route.GetProperty("dev").GetString()));
        Assert.Contains("onlink", route.GetProperty("flags").EnumerateArray().Select(flag => flag.GetString()));
    }
}
