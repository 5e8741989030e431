using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.WireGuard;
using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>What a node of ours would have left in the kernel of a peer that went while it was down: a route, and what else the device keeps of a peer.</summary>
/// <param name="hop">By which packets to a peer that lives go.</param>
internal sealed class StalePeer(LabHost host, Hop hop)
{
    private const string Mac = "02:00:00:00:00:99";

    private readonly string gateway = hop.IPv6 ? "fd00:244:0:fa::" : "10.244.250.0";

    private string Subnet => $"{gateway}/{(hop.IPv6 ? 64 : 24)}";

    public async Task PlantAsync()
    {
        await host.Do(hop.AddRoute(Subnet));
        switch (hop.IsTunnel ? await KindAsync() : null)
        {
            case "vxlan":
                await host.Do($"ip neigh add {gateway} lladdr {Mac} dev {hop.Device} nud permanent protocol 77");
                await host.Do($"bridge fdb add {Mac} dst {(hop.IPv6 ? "fd77::99" : "192.168.77.99")} dev {hop.Device} self permanent");
                break;
            case "wireguard":
                AddWireGuardPeer();
                break;
        }
    }

    /// <returns>What is still there.</returns>
    public Task<IReadOnlyList<string>> RemainsAsync() => KernelTables.LinesWithAsync(host, [gateway, Mac]);

    private async Task<string?> KindAsync()
    {
        var link = (await Ip(host, "-d", "link", "show", hop.Device))[0];
        return link.TryGetProperty("linkinfo", out var info) ? info.GetProperty("info_kind").GetString() : null;
    }

    private void AddWireGuardPeer()
    {
        using var key = StaticKey.Generate();
        using var wireGuard = host.Host.Run(WireGuardSocket.Open);
        var peer = new WireGuardPeer(key.PublicKey) { AllowedIps = [IpPrefix.Parse(Subnet)] };
        if (wireGuard.Apply([new WireGuardChange.PutPeer(peer, ReplaceAllowedIps: false) { Device = hop.Device }]) is [{ } error])
            throw new InvalidOperationException($"{host.Name}: the kernel takes no wireguard peer: {error}");
    }
}
