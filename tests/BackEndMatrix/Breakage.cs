using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>What an administrator may take away that packets of one host to another go by: the tunnel, or the route where there is none.</summary>
/// <param name="Line">The command.</param>
/// <param name="Device">The tunnel; null where it is the route.</param>
/// <param name="Index">The tunnel's, before; else 0.</param>
internal sealed record Breakage(LabHost Host, string Line, string? Device, int Index)
{
    public static async Task<Breakage> OfAsync(LabHost from, LabHost to, bool ipv6)
    {
        var hop = await Hop.OfAsync(from, to, ipv6);
        if (hop.IsTunnel)
            return new Breakage(from, $"ip link delete {hop.Device}", hop.Device, await IndexAsync(from, hop.Device));
        string subnet = (await to.SubnetsAsync()).Single(subnet => subnet.Contains(':') == ipv6);
        return new Breakage(from, hop.DeleteRoute(subnet), null, 0);
    }

    /// <summary>A device that is there again is another one: it was gone.</summary>
    public async Task<bool> WasGoneAsync() => Device is null || await IndexAsync(Host, Device) != Index;

    public override string ToString() => $"{Host.Name} {Line}";

    private static async Task<int> IndexAsync(LabHost host, string device) => (await Ip(host, "link", "show", device))[0].GetProperty("ifindex").GetInt32();
}
