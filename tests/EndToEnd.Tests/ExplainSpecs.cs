using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What <c>explain</c> says of a network in which one thing is broken. Only faults that the product does not put right by itself.</summary>
public sealed class ExplainSpecs(ITestOutputHelper output)
{
    private const string Udp = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="On">1 or 2: the host on which it is broken.</param>
    /// <param name="Place">Where the packet stops then.</param>
    /// <param name="Says">Part of the command that mends it, or of the reason.</param>
    /// <param name="Inside">Broken in the container.</param>
    /// <param name="Large">Only large packets stop.</param>
    /// <param name="FromHost">Seen with packets of host 1's own underlay address.</param>
    private sealed record Fault(string What, int On, string Break, string Undo, string Place, string Says, bool Inside = false, bool Large = false, bool FromHost = false);

    [Fact]
    public async Task Each_planted_fault_is_found_where_it_is_on_either_host_and_nothing_else_is_blamed()
    {
        // With the hosts' own MTU the others would follow the one that is lowered.
        using var lab = await StartAsync(output, 2, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","MTU":1500}}""");
        await lab.Run(async () =>
        {
            string b = lab[2].ContainerAddress!.ToString();
            string theirs = await Subnet(lab[2]);
            string gateway2 = (await Ip(lab[2], "-4", "addr", "show", "cni0"))[0].GetProperty("addr_info")[0].GetProperty("local").GetString()!;
            Fault[] faults =
            [
                new("forwarding off", 2, "sysctl -qw net.ipv4.ip_forward=0", "sysctl -qw net.ipv4.ip_forward=1", "forwarding", "sysctl -w net.ipv4.ip_forward=1"),
                new("forwarding off here", 1, "sysctl -qw net.ipv4.ip_forward=0", "sysctl -qw net.ipv4.ip_forward=1", "forwarding", "sysctl -w net.ipv4.ip_forward=1"),
                new("strict rp_filter", 2, "sysctl -qw net.ipv4.conf.all.rp_filter=1", "sysctl -qw net.ipv4.conf.all.rp_filter=0", "rp_filter", "rp_filter=2", FromHost: true),
                new("nft drop rule", 1, $"nft add table inet admin && nft add chain inet admin fw '{{ type filter hook forward priority 0; }}' && nft add rule inet admin fw ip daddr {b} drop", "nft delete table inet admin", "firewall", "nft insert rule inet admin fw handle"),
                new("nft drop policy", 2, "nft add table ip admin && nft add chain ip admin FORWARD '{ type filter hook forward priority 0; policy drop; }'", "nft delete table ip admin", "firewall", "nft add rule ip admin FORWARD ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept"),
                new("drop of the tunnel's port", 2, "nft add table inet admin && nft add chain inet admin in '{ type filter hook input priority 0; }' && nft add rule inet admin in udp dport 8472 drop", "nft delete table inet admin", "firewall (tunnel)", "nft insert rule inet admin in handle"),
                new("prohibit rule", 1, $"ip rule add to {theirs} prohibit priority 100", "ip rule del priority 100", "route", "ip rule del priority 100"),
                new("blackhole", 1, $"ip route add blackhole {b}/32", $"ip route del blackhole {b}/32", "route", $"ip route del blackhole {b}/32"),
                new("foreign route", 1, $"ip route add {b}/32 via 192.168.77.99", $"ip route del {b}/32", "route", $"ip route del {b}/32"),
                new("foreign policy rule", 1, "ip route add 10.244.0.0/16 via 192.168.77.99 table 55 && ip rule add to 10.244.0.0/16 lookup 55 priority 50", "ip rule del priority 50; ip route flush table 55", "source", "ip rule del priority 50"),
                new("foreign route there", 2, $"ip route add {b}/32 via 192.168.77.99", $"ip route del {b}/32", "route", $"ip route del {b}/32"),
                new("underlay's MTU lowered there", 2, "ip link set eth0 mtu 1300", "ip link set eth0 mtu 1500", "mtu", "ip link set eth0 mtu 1500", Large: true),
                new("bridge down", 2, "ip link set cni0 down", "ip link set cni0 up", "destination", "ip link set cni0 up"),
                new("bridge's address gone", 2, "ip addr flush dev cni0", $"ip addr add {gateway2}/24 dev cni0", "route", "ip addr add"),
                new("container's address gone", 2, $"ip addr del {b}/24 dev eth0", $"ip addr add {b}/24 dev eth0 && ip route add default via {gateway2}", "destination", "answers for", Inside: true),
                new("container's link down", 2, "ip link set eth0 down", $"ip link set eth0 up && ip route add default via {gateway2}", "destination", "cni0", Inside: true),
            ];
            await AssertFine(lab);
            foreach (var fault in faults)
            {
                var host = lab[fault.On];
                await Shell(fault.Inside ? host.Container : host.Host, fault.Break);
                try
                {
                    Assert.False(await Passes(lab, fault), $"{fault.What}: it breaks nothing");
                    var (exit, answer, text) = await Explain(lab[1], fault.FromHost ? "192.168.77.1" : lab[1].ContainerAddress!.ToString(), b);
                    output.WriteLine($"---- {fault.What}\n{answer.GetProperty("stops")}\n");
                    Assert.True(exit == 1, $"{fault.What}: {text}");
                    var first = answer.GetProperty("steps").EnumerateArray().First(step => step.GetProperty("state").GetString() == "BROKEN");
                    Assert.True(
                        (first.GetProperty("place").GetString(), first.GetProperty("host").GetString()) == (fault.Place, host.Name) || (fault.What == "bridge's address gone" && first.GetProperty("host").GetString() == host.Name),
                        $"{fault.What}: {first}");
                    string said = string.Join('\n', answer.GetProperty("steps").EnumerateArray().Where(step => step.GetProperty("state").GetString() == "BROKEN").Select(step => $"{step.GetProperty("reason")} {step.GetProperty("mend")}"));
                    Assert.Contains(fault.Says, said, StringComparison.Ordinal);
                }
                finally
                {
                    await Shell(fault.Inside ? host.Container : host.Host, fault.Undo);
                }
                await Eventually($"{fault.What} is undone", () => Passes(lab, fault), Patience);
            }
            await AssertFine(lab);
            await Shell(lab[1].Host, "ip link set eth0 down");
            var (_, down, _) = await Explain(lab[1], lab[1].ContainerAddress!.ToString(), b);
            Assert.Contains(down.GetProperty("steps").EnumerateArray(), step => step.GetProperty("state").GetString() == "BROKEN" && step.GetProperty("place").GetString() == "underlay" && step.GetProperty("mend").GetString() == "ip link set eth0 up");
            Assert.Contains(down.GetProperty("steps").EnumerateArray(), step => step.GetProperty("place").GetString() == "node" && step.GetProperty("state").GetString() == "unknown");
        });
    }

    [Fact]
    public async Task With_back_end_udp_a_stopped_peer_is_where_packets_stop_and_its_forwarders_are_shown()
    {
        using var lab = await StartAsync(output, 2, Udp);
        await lab.Run(async () =>
        {
            var (exit, answer, text) = await Explain(lab[1], lab[1].ContainerAddress!.ToString(), lab[2].ContainerAddress!.ToString());
            output.WriteLine(text);
            Assert.True(exit == 0, text);
            Assert.Equal(2, answer.GetProperty("steps").EnumerateArray().Count(step => step.GetProperty("place").GetString() == "forwarder"));
            lab[2].Kill();
            await lab[2].WaitForExitAsync();
            (exit, answer, text) = await Explain(lab[1], lab[1].ContainerAddress!.ToString(), lab[2].ContainerAddress!.ToString());
            output.WriteLine(text);
            Assert.Equal(1, exit);
            Assert.StartsWith("step ", answer.GetProperty("stops").GetString(), StringComparison.Ordinal);
            Assert.Contains("node on h2: ", answer.GetProperty("stops").GetString(), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Any_host_can_be_asked_and_what_is_no_address_of_this_network_is_refused()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            var (exit, answer, text) = await Explain(lab[3], lab[1].ContainerAddress!.ToString(), lab[2].ContainerAddress!.ToString());
            output.WriteLine(text);
            Assert.True(exit == 0, text);
            Assert.Equal(["h1", "h2"], answer.GetProperty("steps").EnumerateArray().Select(step => step.GetProperty("host").GetString()!).Distinct());
            // Nobody has this subnet: it stops, and that is no bad input.
            Assert.Equal(1, (await Explain(lab[3], lab[1].ContainerAddress!.ToString(), "10.244.250.9")).Exit);
            foreach (var (from, to, part) in new[]
            {
                ("10.244.1", "10.244.2.2", "not an IP address"), ("x", "y", "'x': not an IP address"), ("10.244.1.2", "203.0.113.9", "203.0.113.9: neither in the overlay's network"),
                ("10.244.1.2", "fd00::1", "one is IPv4"), ("10.244.1.2", "10.244.1.2", "twice"),
            })
            {
                var refused = await Command.AkkaOverlay("explain", from, to, "--run-dir", lab[3].RunDirectory);
                Assert.True(refused.ExitCode == 2, refused.ToString());
                Assert.Contains(part, refused.Error, StringComparison.Ordinal);
                Assert.Single(refused.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }
        });
    }

    private static async Task AssertFine(OverlayLab lab)
    {
        foreach (var (from, to) in new[] { (lab[1], lab[2]), (lab[2], lab[1]) })
        {
            var (exit, _, text) = await Explain(lab[1], from.ContainerAddress!.ToString(), to.ContainerAddress!.ToString());
            Assert.True(exit == 0, text);
        }
    }

    private static async Task<(int Exit, JsonElement Answer, string Text)> Explain(LabHost asked, string from, string to)
    {
        var table = await Command.AkkaOverlay("explain", from, to, "--run-dir", asked.RunDirectory);
        var json = await Command.AkkaOverlay("explain", from, to, "--run-dir", asked.RunDirectory, "--json");
        Assert.True(table.ExitCode == json.ExitCode, $"{table}\n{json}");
        return (json.ExitCode, JsonDocument.Parse(json.Output).RootElement.Clone(), table.ToString());
    }

    private static async Task<bool> Passes(OverlayLab lab, Fault fault)
    {
        string[] size = fault.Large ? ["-M", "do", "-s", "1400"] : [];
        string[] source = fault.FromHost ? ["-I", "192.168.77.1"] : [];
        var ping = await Command.Run(fault.FromHost ? lab[1].Host : lab[1].Container, "ping", ["-c", "1", "-W", "1", .. size, .. source, lab[2].ContainerAddress!.ToString()]);
        return ping.ExitCode == 0;
    }

    private static async Task Shell(Kernel.Namespaces.NetworkNamespace inside, string line)
    {
        var result = await Command.Run(inside, "sh", "-c", line);
        Assert.True(result.ExitCode == 0, $"{line}: {result}");
    }
}
