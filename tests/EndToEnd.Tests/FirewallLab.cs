using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What specs of the packet filter share: networks, and somebody outside of the overlay.</summary>
internal static class FirewallLab
{
    public const string Outside = "192.168.77.250";

    public const string Outside6 = "fd77::250";

    public const string Iptables = """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}}""";

    public const string Nftables = """{"Network":"10.244.0.0/16","EnableNFTables":true,"Backend":{"Type":"vxlan"}}""";

    public static string DualStack(string backEnd = """{"Type":"vxlan"}""", bool nftables = false) =>
        $$"""{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd00:244::/48","EnableNFTables":{{(nftables ? "true" : "false")}},"Backend":{{backEnd}}}""";

    /// <summary>Starts every node with these options, connects the containers, and gives the underlay's namespace addresses: somebody outside.</summary>
    public static async Task<NetworkNamespace> StartAll(OverlayLab lab, params string[] options)
    {
        foreach (var host in lab.Hosts)
            host.Start(options);
        await lab.WaitReadyAsync();
        var outside = NetworkNamespace.Open($"{lab.Network.Name}-net");
        await Do(outside, $"ip addr add {Outside}/24 dev br0");
        await Do(outside, $"ip -6 addr add {Outside6}/64 dev br0 nodad");
        return outside;
    }

    /// <summary>Of the tunnel device; that of IPv6 has the same.</summary>
    public static async Task<string> Mac(LabHost host) => (await OverlayLab.Ip(host, "link", "show", "flannel.1"))[0].GetProperty("address").GetString()!;

    /// <summary>As on hosts that have none: what the guard does not drop is then let in.</summary>
    public static async Task NoReversePathFilter(LabHost host)
    {
        foreach (string device in new[] { "all", "default", "eth0", "cni0" })
            await Do(host, $"sysctl -qw net.ipv4.conf.{device}.rp_filter=0");
    }

    public static Task Do(LabHost host, string line) => Do(host.Host, line);

    public static async Task Do(NetworkNamespace inside, string line)
    {
        var result = await Command.Run(inside, line.Split(' ')[0], line.Split(' ')[1..]);
        Assert.True(result.ExitCode == 0, $"{line}: {result}");
    }
}
