using AkkaOverlay.Node.Lab;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Another type of back end while hosts run.</summary>
public sealed partial class NetworkSetSpecs
{
    private const string Udp = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""";
    private const string UdpEncrypted = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""";

    [Fact]
    public async Task Another_type_of_back_end_is_make_before_break()
    {
        using var lab = await StartAsync(output, 3, Vxlan);
        await lab.Run(async () =>
        {
            await AllProbed(lab);
            foreach (var (what, config, device) in new[]
            {
                ("vxlan to host-gw", HostGw, "eth0"), ("host-gw to udp", Udp, "flannel0"), ("udp to vxlan", Vxlan, "flannel.1"),
                ("vxlan to udp, encrypted", UdpEncrypted, "flannel0"), ("udp, encrypted, to host-gw", HostGw, "eth0"), ("host-gw to vxlan", Vxlan, "flannel.1"),
            })
            {
                using var streams = new Streams(lab);
                var set = await Set(lab, what, config);
                Assert.Contains("both back ends stand on every host until all have the new one", set.Output, StringComparison.Ordinal);
                foreach (var host in lab.Hosts)
                {
                    foreach (var other in lab.Hosts.Where(other => other != host))
                        Assert.Equal(device, (await Ip(host, "route", "get", $"{other.ContainerAddress}"))[0].GetProperty("dev").GetString());
                }
                long lost = await streams.StopAsync();
                lab.Measured($"{what}: {streams.Sent} pings of {streams.Count} flows, {lost} lost, longest gap {streams.LongestGap.TotalMilliseconds:0} ms");
                Assert.InRange(lost, 0, streams.Count);
            }
            // What was before goes, when everybody has had the time to come after.
            await FollowsLater(lab, "no device of another back end", async host => !(await Command.Run(host.Host, "ip", "-br", "link")).Output.Contains("flannel0", StringComparison.Ordinal));
            Assert.All(lab.Hosts, host => Assert.Contains("FLANNEL_MTU=1450\n", File.ReadAllText(host.SubnetFile), StringComparison.Ordinal));
            await Matrix.AssertNoLoss(lab);
        });
    }

    [Fact]
    public async Task A_back_end_that_does_not_get_through_is_taken_back()
    {
        using var lab = await StartAsync(output, 3, Vxlan);
        await lab.Run(async () =>
        {
            await AllProbed(lab);
            Assert.Equal(0, (await Command.Run(lab[2].Host, "nft", "add table inet fault; add chain inet fault out { type filter hook output priority 0; }; add rule inet fault out udp dport 8285 drop")).ExitCode);
            var set = await RunSet(lab[1], Udp);
            Assert.True(set.ExitCode == 1, set.ToString());
            Assert.Contains("version 2 was taken back", set.Error, StringComparison.Ordinal);
            lab.Measured($"udp where a firewall drops it: {set.Error.Trim()}");
            using var streams = new Streams(lab);
            await Task.Delay(TimeSpan.FromSeconds(5));
            long lost = await streams.StopAsync();
            lab.Measured($"after it was taken back: {streams.Sent} pings, {lost} lost");
            Assert.InRange(lost, 0, streams.Count);
        });
    }

    /// <summary>A minute, and as long as everything else may take.</summary>
    private static async Task FollowsLater(OverlayLab lab, string what, Func<LabHost, Task<bool>> isSo)
    {
        foreach (var host in lab.Hosts)
            await Eventually($"{host.Name}: {what}", () => isSo(host), TimeSpan.FromMinutes(1) + Patience);
    }
}
