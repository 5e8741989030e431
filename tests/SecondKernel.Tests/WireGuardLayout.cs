using System.Net;
using AkkaOverlay.Kernel.WireGuard;
using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Back end wireguard's devices, route and peers of both families. Asked again after a restart: the sessions have gone on.</summary>
internal sealed class WireGuardLayout
{
    private const string Device = "flannel-wg";

    private WireGuardPeer? before;

    public async Task AssertAsync(OverlayLab lab)
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(lab[1].StateDirectory, "tunnel-key")));
        var route = (await Ip(lab[1], "route", "show", "proto", "77"))[0];
        Assert.Equal(("10.244.0.0/16", Device, "link"), (route.GetProperty("dst").GetString(), route.GetProperty("dev").GetString(), route.GetProperty("scope").GetString()));
        var peer = Assert.Single(Read(lab[1], Device).Peers);
        Assert.Equal((IPEndPoint.Parse("192.168.77.2:51820"), 25, true), (peer.EndPoint, peer.Keepalive, peer.Psk is not null));
        Assert.Equal(await Subnet(lab[2]), Assert.Single(peer.AllowedIps).ToString());
        Assert.Equal(IPEndPoint.Parse("[fd77::2]:51821"), Assert.Single(Read(lab[1], "flannel-wg-v6").Peers).EndPoint);

        var now = Assert.Single(Read(lab[2], Device).Peers);
        if (before is not null)
        {
            Assert.Equal(before.Key, now.Key);
            Assert.True(now.ReceivedOctets > before.ReceivedOctets, "the peer's session went on");
        }
        before = now;
    }

    private static WireGuardDevice Read(LabHost host, string device)
    {
        using var wireGuard = host.Host.Run(WireGuardSocket.Open);
        return wireGuard.Find(device)!;
    }
}
