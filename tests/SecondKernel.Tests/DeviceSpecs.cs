using System.Net;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>Devices as the kernel makes them of our messages, and shows them again.</summary>
public sealed class DeviceSpecs : IDisposable
{
    private readonly string name = $"ao-test-{Environment.ProcessId}-vm";
    private readonly NetworkNamespace inside;
    private readonly RtnetlinkSocket kernel;

    public DeviceSpecs()
    {
        inside = NetworkNamespace.Create(name);
        kernel = inside.Run(RtnetlinkSocket.Open);
    }

    public void Dispose()
    {
        kernel.Dispose();
        inside.Dispose();
        NetworkNamespace.Delete(name);
    }

    [SecondKernelFact]
    public void An_ipip_device_has_its_settings_and_takes_its_alias_as_it_goes_up()
    {
        var settings = new IpipSettings(IPAddress.Parse("192.0.2.1"));
        Assert.Null(Assert.Single(kernel.Apply([new RtnetlinkChange.CreateIpip("flannel.ipip", settings, 1480)])));
        var made = kernel.FindLink("flannel.ipip")!;
        Assert.Equal(("ipip", settings, 1480, false, null), (made.Kind, made.Ipip, made.Mtu, made.Up, made.Alias));
        Assert.Null(Assert.Single(kernel.Apply([new RtnetlinkChange.SetLink(made.Index) { Up = true, Alias = "akka-overlay x" }])));
        Assert.True(kernel.FindLink("flannel.ipip") is { Up: true, Alias: "akka-overlay x" });
        Assert.Equal(17, Assert.Single(kernel.Apply([new RtnetlinkChange.CreateIpip("another", settings, 1480)]))!.Errno);
    }

    [SecondKernelFact]
    public void A_wireguard_device_takes_key_port_and_peers_and_shows_them_again()
    {
        Assert.Null(Assert.Single(kernel.Apply([new RtnetlinkChange.CreateWireGuard("wg0", 1420)])));
        Assert.Equal(("wireguard", 1420), (kernel.FindLink("wg0")!.Kind, kernel.FindLink("wg0")!.Mtu));
        using var wireGuard = inside.Run(WireGuardSocket.Open);
        using StaticKey mine = StaticKey.Generate(), theirs = StaticKey.Generate(), others = StaticKey.Generate();
        var peer = new WireGuardPeer(theirs.PublicKey)
        {
            EndPoint = IPEndPoint.Parse("[2001:db8::2]:51820"),
            Psk = PresharedKey.FromBase64(Convert.ToBase64String([.. Enumerable.Repeat((byte)9, 32)])),
            Keepalive = 25,
            AllowedIps = [IpPrefix.Parse("10.244.2.0/24"), IpPrefix.Parse("fd42:0:0:2::/64")],
        };
        var other = new WireGuardPeer(others.PublicKey) { EndPoint = IPEndPoint.Parse("192.0.2.3:51820"), AllowedIps = [IpPrefix.Parse("10.244.3.0/24")] };
        Assert.All(
            wireGuard.Apply([
                new WireGuardChange.SetDevice(mine, 51820) { Device = "wg0" },
                new WireGuardChange.PutPeer(peer, ReplaceAllowedIps: false) { Device = "wg0" },
                new WireGuardChange.PutPeer(other, ReplaceAllowedIps: false) { Device = "wg0" }]),
            Assert.Null);

        var device = wireGuard.Find("wg0")!;
        Assert.Equal((mine.PublicKey, (ushort)51820, 2), (device.Key, device.Port, device.Peers.Length));
        var shown = device.Peers.Single(one => one.Key == peer.Key);
        Assert.Equal((peer.EndPoint, peer.Psk, peer.Keepalive), (shown.EndPoint, shown.Psk, shown.Keepalive));
        Assert.Equal(peer.AllowedIps.ToHashSet(), shown.AllowedIps.ToHashSet());

        var moved = new WireGuardPeer(others.PublicKey) { AllowedIps = [IpPrefix.Parse("10.244.2.0/24")] };
        Assert.All(
            wireGuard.Apply([new WireGuardChange.PutPeer(moved, ReplaceAllowedIps: true) { Device = "wg0" }, new WireGuardChange.RemovePeer(peer.Key) { Device = "wg0" }]),
            Assert.Null);
        var left = Assert.Single(wireGuard.Find("wg0")!.Peers);
        Assert.Equal((other.EndPoint, "10.244.2.0/24"), (left.EndPoint, string.Join(' ', left.AllowedIps)));
        Assert.Null(wireGuard.Find("nowhere"));
    }
}
