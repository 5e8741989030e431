using System.Diagnostics;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Back end <c>auto</c>: h2 and h3 share a link, h1 is on another one, as far as their addresses say.</summary>
public sealed class AutoSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Each_pair_takes_what_goes_and_another_way_where_vxlan_does_not_get_through()
    {
        using var lab = Prepare(output, 3, """{"Network":"10.244.0.0/16","Backend":{"Type":"auto"}}""");
        await lab.Run(async () =>
        {
            foreach (var (host, address, others) in new[] { (1, "192.168.77.1/32", "192.168.77.2/31"), (2, "192.168.77.2/31", "192.168.77.1/32"), (3, "192.168.77.3/31", "192.168.77.1/32") })
            {
                await Do(lab[host], "ip addr flush dev eth0 scope global");
                await Do(lab[host], $"ip addr add {address} dev eth0");
                await Do(lab[host], $"ip route add {others} dev eth0");
            }
            foreach (var host in lab.Hosts)
                host.Start("--iface", "eth0");
            await lab.WaitReadyAsync();
            await Matrix.AssertNoLoss(lab);
            Assert.Equal(["flannel.1", "flannel.1", "flannel.1", "eth0", "flannel.1", "eth0"], await Devices(lab));
            var said = await Command.AkkaOverlay("peers", "--run-dir", lab[3].RunDirectory);
            Assert.Contains("host-gw to h2: on the same link", said.Output, StringComparison.Ordinal);
            Assert.Contains("vxlan to h1: host-gw: not on the same link", said.Output, StringComparison.Ordinal);

            // Between h2 and h3 nothing happens meanwhile.
            using var stream = lab[2].Pinger.PingStream(lab[3].ContainerAddress!, TimeSpan.FromMilliseconds(10));
            await Task.Delay(TimeSpan.FromSeconds(15));
            long began = Stopwatch.GetTimestamp();
            await Do(lab[1], "nft add table inet fault; add chain inet fault in { type filter hook input priority -300; }; add rule inet fault in udp dport 8472 drop");
            // What h1 itself sends by VXLAN gets through: it may go on, once the others' answers come another way.
            await Eventually("those go by udp whom it does not take VXLAN from", async () => await Devices(lab) is [_, _, "flannel0", "eth0", "flannel0", "eth0"], Patience);
            lab.Measured($"VXLAN does not get through to one host of three: the others by udp after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
            await Matrix.AssertNoLoss(lab);
            said = await Command.AkkaOverlay("peers", "--run-dir", lab[3].RunDirectory);
            Assert.Contains("udp to h1: host-gw: not on the same link; vxlan: nothing came back from 10.244.", said.Output, StringComparison.Ordinal);
            var pings = await stream.StopAsync();
            Assert.Empty(pings.Lost);
        });
    }

    /// <summary>By which each host reaches the others: of h1 h2 and h3, of h2 h1 and h3, of h3 h1 and h2.</summary>
    private static async Task<IReadOnlyList<string>> Devices(OverlayLab lab)
    {
        var devices = new List<string>();
        foreach (var host in lab.Hosts)
        {
            foreach (var other in lab.Hosts.Where(other => other != host))
                devices.Add((await Ip(host, "route", "get", $"{other.ContainerAddress}"))[0].GetProperty("dev").GetString()!);
        }
        return devices;
    }

    private static async Task Do(LabHost host, string line)
    {
        string[] words = line.StartsWith("nft ", StringComparison.Ordinal) ? ["nft", line[4..]] : line.Split(' ');
        var result = await Command.Run(host.Host, words[0], words[1..]);
        Assert.True(result.ExitCode == 0, $"{line}: {result}");
    }
}
