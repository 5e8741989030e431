using System.Globalization;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Sysctl;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>A host on a link of its own, behind a router that gives it another address: what is sent to <see cref="Public"/> arrives at <see cref="Private"/>, and what it sends comes from <see cref="Public"/>.</summary>
internal sealed record TranslatedHost(LabHost Host)
{
    private const string Bridge = "br0";

    public string Private => string.Create(CultureInfo.InvariantCulture, $"192.168.88.{Host.Index}");

    /// <summary>No device has it; the others reach it by the router.</summary>
    public string Public => string.Create(CultureInfo.InvariantCulture, $"192.168.99.{Host.Index}");

    /// <summary>Nobody but the router and the host knows the private addresses.</summary>
    public async Task MoveAsync(OverlayLab lab)
    {
        using var router = NetworkNamespace.Open($"{lab.Network.Name}-net");
        router.Run(() =>
        {
            Sysctls.Write("net/ipv4/ip_forward", "1");
            // Both links are one bridge: it must not tell anybody of a shorter way.
            Sysctls.Write("net/ipv4/conf/all/send_redirects", "0");
            Sysctls.Write($"net/ipv4/conf/{Bridge}/send_redirects", "0");
        });
        await Do(router, "ip", "address", "add", "192.168.77.254/24", "dev", Bridge);
        await Do(router, "ip", "address", "add", "192.168.88.254/24", "dev", Bridge);
        await Do(
            router,
            "nft",
            $$"""
            table ip translation {
              chain arriving { type nat hook prerouting priority dstnat; ip daddr {{Public}} dnat to {{Private}}; }
              chain leaving { type nat hook postrouting priority srcnat; ip saddr {{Private}} snat to {{Public}}; }
            }
            """);
        await Do(Host.Host, "ip", "address", "delete", $"{Host.UnderlayAddress}/24", "dev", "eth0");
        await Do(Host.Host, "ip", "address", "add", $"{Private}/24", "dev", "eth0");
        await Do(Host.Host, "ip", "route", "add", "default", "via", "192.168.88.254");
        foreach (var other in lab.Hosts.Where(other => other != Host))
            await Do(other.Host, "ip", "route", "add", $"{Public}/32", "via", "192.168.77.254");
    }

    private static async Task Do(NetworkNamespace inside, string program, params string[] arguments)
    {
        var result = await Command.Run(inside, program, arguments);
        Assert.True(result.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {result}");
    }
}
