using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.WireGuard;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Back end wireguard between two hosts, with both families.</summary>
public sealed class WireGuardSpecs(ITestOutputHelper output)
{
    private const string Device = "flannel-wg";

    private const string NetConf =
        """{"EnableIPv6":true,"Network":"10.244.0.0/16","IPv6Network":"fd42::/56","Backend":{"Type":"wireguard","PSK":"3UyvyUcF+uAeEXYn8pQR2mPSaDfPK5kKmBzKGCAwZnM=","PersistentKeepaliveInterval":25}}""";

    [SecondKernelFact]
    public async Task Wireguard_carries_both_families_over_flannels_devices_and_stands_deletion_restart_and_leave()
    {
        using var lab = await TunnelLife.StartAsync(output, NetConf);
        await lab.Run(async () =>
        {
            var life = new TunnelLife(lab, Device);
            await Matrix.AssertNoLoss(lab);
            await Matrix.AssertNoLoss(lab, ipv6: true);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(lab[1].StateDirectory, "tunnel-key")));
            var route = (await Ip(lab[1], "route", "show", "proto", "77"))[0];
            Assert.Equal(("10.244.0.0/16", Device, "link"), (route.GetProperty("dst").GetString(), route.GetProperty("dev").GetString(), route.GetProperty("scope").GetString()));
            var peer = Assert.Single(Read(lab[1], Device).Peers);
            Assert.Equal((IPEndPoint.Parse("192.168.77.2:51820"), 25, true), (peer.EndPoint, peer.Keepalive, peer.Psk is not null));
            Assert.Equal(await Subnet(lab[2]), Assert.Single(peer.AllowedIps).ToString());
            Assert.Equal(IPEndPoint.Parse("[fd77::2]:51821"), Assert.Single(Read(lab[1], "flannel-wg-v6").Peers).EndPoint);
            await life.PassesPacketsOf(1420);
            await life.TransfersTcp();
            await life.TransfersTcp(ipv6: true);
            await life.TransfersTcpOverABadLink();
            await life.ComesBackAfterItsDeletion();

            var before = Assert.Single(Read(lab[2], Device).Peers);
            AddStalePeer(lab[2]);
            await life.OutlivesItsNode();
            await Eventually("a peer that is no more is removed", () => Task.FromResult(Read(lab[2], Device).Peers.Length == 1), TimeSpan.FromSeconds(30) * Slowness);
            var after = Assert.Single(Read(lab[2], Device).Peers);
            Assert.Equal(before.Key, after.Key);
            Assert.True(after.ReceivedOctets > before.ReceivedOctets, "the peer's session went on");
            await life.ForgetsWhoLeft();
            Assert.Empty(Read(lab[1], Device).Peers);
        });
    }

    private static WireGuardDevice Read(LabHost host, string device)
    {
        using var wireGuard = host.Host.Run(WireGuardSocket.Open);
        return wireGuard.Find(device)!;
    }

    private static void AddStalePeer(LabHost host)
    {
        using var key = StaticKey.Generate();
        using var wireGuard = host.Host.Run(WireGuardSocket.Open);
        var stale = new WireGuardPeer(key.PublicKey) { AllowedIps = [IpPrefix.Parse("10.244.249.0/24")] };
        Assert.All(wireGuard.Apply([new WireGuardChange.PutPeer(stale, ReplaceAllowedIps: false) { Device = Device }]), Assert.Null);
    }
}
