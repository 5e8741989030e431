using AkkaOverlay.EndToEnd.Tests;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.BackEndMatrix;

/// <summary>An underlay in which h2 and h3 share a link and h1 is on another one, as far as their addresses say: <c>auto</c> has to choose.</summary>
internal static class SplitUnderlay
{
    public static async Task MakeAsync(OverlayLab lab)
    {
        await PutAsync(lab[1], "1", whole: true, others: "2/31", others6: "2/127");
        await PutAsync(lab[2], "2", whole: false, others: "1/32", others6: "1/128");
        await PutAsync(lab[3], "3", whole: false, others: "1/32", others6: "1/128");
    }

    /// <param name="whole">Alone in its network.</param>
    private static async Task PutAsync(LabHost host, string last, bool whole, string others, string others6)
    {
        await host.Do("ip addr flush dev eth0 scope global");
        await host.Do($"ip addr add 192.168.77.{last}/{(whole ? 32 : 31)} dev eth0");
        await host.Do($"ip addr add fd77::{last}/{(whole ? 128 : 127)} dev eth0 nodad");
        await host.Do($"ip route add 192.168.77.{others} dev eth0");
        await host.Do($"ip -6 route add fd77::{others6} dev eth0");
    }
}
