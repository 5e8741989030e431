using System.Globalization;
using AkkaOverlay.Kernel.WireGuard;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.SecondKernel.Tests;

/// <summary>What the specs of packets on the underlay's wire share.</summary>
internal static class WireLab
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30) * Slowness;

    private static readonly TimeSpan PingPatience = TimeSpan.FromSeconds(2) * Slowness;

    /// <summary>Runs a body between hosts that were started one after the other: those that start at once on emulated processors keep each other waiting. Nobody probes, so that every packet on the wire is the spec's.</summary>
    /// <param name="prepare">Before the first start.</param>
    /// <param name="arguments">More of a node's.</param>
    public static async Task RunAsync(
        ITestOutputHelper output,
        int hosts,
        string netConf,
        Func<OverlayLab, Task> body,
        Func<OverlayLab, Task>? prepare = null,
        Func<LabHost, string[]>? arguments = null)
    {
        using var lab = Prepare(output, hosts, netConf);
        await lab.Run(async () =>
        {
            await (prepare?.Invoke(lab) ?? Task.CompletedTask);
            foreach (var host in lab.Hosts)
            {
                host.Start(["--probes", "off", .. arguments?.Invoke(host) ?? []]);
                await host.WaitReadyAsync(Patience * 4);
            }
            await lab.WaitReadyAsync();
            await body(lab);
        });
    }

    /// <summary>Runs a command in the host's namespace, as an administrator would: words and nothing else.</summary>
    public static async Task<string> Do(LabHost host, string line)
    {
        var result = await Command.Run(host.Host, line.Split(' ')[0], line.Split(' ')[1..]);
        Assert.True(result.ExitCode == 0, $"{host.Name}: {line}: {result}");
        return result.Output;
    }

    public static async Task Pings(LabHost from, LabHost to, bool ipv6 = false) =>
        Assert.True(await from.Pinger.PingAsync((ipv6 ? to.ContainerAddress6 : to.ContainerAddress)!, PingPatience) is not null, $"{from.Name} to {to.Name}, {(ipv6 ? "IPv6" : "IPv4")}");

    /// <summary>One host's underlay becomes smaller: device and subnet.env of both follow, a packet of that size passes whole, and one octet more is refused at home.</summary>
    public static async Task FollowsTheSmallerUnderlay(OverlayLab lab, LabHost smaller, string device, int underlay, int mtu)
    {
        await Do(smaller, $"ip link set eth0 mtu {underlay}");
        foreach (var host in lab.Hosts)
        {
            await Eventually(
                $"{host.Name} has {mtu}",
                async () => (await File.ReadAllTextAsync(host.SubnetFile)).Contains($"FLANNEL_MTU={mtu}\n", StringComparison.Ordinal)
                    && (await Ip(host, "link", "show", device))[0].GetProperty("mtu").GetInt32() == mtu,
                Patience);
            host.ConnectContainer();
        }
        var fits = await PingOnce(lab[1], smaller, mtu);
        Assert.True(fits.ExitCode == 0, fits.ToString());
        var tooLong = await PingOnce(lab[1], smaller, mtu + 1);
        Assert.True(tooLong.ExitCode != 0 && $"{tooLong.Output}{tooLong.Error}".Contains($"mtu={mtu}", StringComparison.Ordinal), tooLong.ToString());
    }

    public static WireGuardDevice WireGuard(LabHost host, string device)
    {
        using var wireGuard = host.Host.Run(WireGuardSocket.Open);
        return wireGuard.Find(device)!;
    }

    /// <param name="octets">Of the whole IPv4 packet.</param>
    private static Task<CommandResult> PingOnce(LabHost from, LabHost to, int octets) => Command.Run(
        from.Container, "ping", "-M", "do", "-c", "1", "-W", "10", "-s", (octets - 28).ToString(CultureInfo.InvariantCulture), to.ContainerAddress!.ToString());
}
