using System.Text.Json;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary><c>doctor</c> on real hosts into which traps were put.</summary>
public sealed class DoctorSpecs(ITestOutputHelper output)
{
    /// <param name="Check">That finds it.</param>
    /// <param name="Says">Part of the command that mends it; where it is the whole one, it is run.</param>
    /// <param name="Heals">The printed command takes the trap away.</param>
    private sealed record Trap(string Plant, string Undo, string Check, string Says, bool Heals = false);

    [Fact]
    public async Task A_healthy_host_has_no_bite_and_each_planted_trap_is_named_with_what_mends_it()
    {
        // Each doctor is asked twice, and what probes say of a trap may change in between; they have specs of their own.
        using var lab = await StartAsync(output, 2, arguments: ["--probes", "off"]);
        await lab.Run(async () =>
        {
            var host = lab[2];
            string own = await Subnet(host), theirs = await Subnet(lab[1]);
            await AssertHealthy(lab, host);
            Trap[] traps =
            [
                new("sysctl -qw net.ipv4.ip_forward=0", "sysctl -qw net.ipv4.ip_forward=1", "ip-forward", "sysctl -w net.ipv4.ip_forward=1"),
                new("sysctl -qw net.ipv4.conf.all.rp_filter=1", "sysctl -qw net.ipv4.conf.all.rp_filter=0 net/ipv4/conf/flannel.1/rp_filter=0", "rp-filter", "sysctl -w net/ipv4/conf/flannel.1/rp_filter=2", Heals: true),
                new("nft add table ip admin && nft add chain ip admin FORWARD '{ type filter hook forward priority 0; policy drop; }'", "nft delete table ip admin", "forward-filter", "nft add rule ip admin FORWARD ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept", Heals: true),
                new("nft add table inet admin && nft add chain inet admin in '{ type filter hook input priority 0; }' && nft add rule inet admin in udp dport 8472 drop", "nft delete table inet admin", "tunnel-filter", "nft insert rule inet admin in handle", Heals: true),
                new("nft add table ip admin && nft add chain ip admin post '{ type nat hook postrouting priority 100; }' && nft add rule ip admin post ip saddr " + own + " oifname != cni0 masquerade", "nft delete table ip admin", "masquerade", "nft insert rule ip admin post handle"),
                new($"iptables -I FORWARD -d {theirs} -j DROP", $"iptables -D FORWARD -d {theirs} -j DROP; iptables -D FORWARD -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT; true", "forward-filter", "iptables -I FORWARD 1 -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT", Heals: true),
                new($"iptables -t nat -A POSTROUTING -s {own} -j MASQUERADE", $"iptables -t nat -D POSTROUTING -s {own} -j MASQUERADE", "masquerade", "iptables -t nat -I POSTROUTING 1 -d 10.244.0.0/16 -j ACCEPT"),
                new($"ip route add {theirs.Replace("0/24", "128/25", StringComparison.Ordinal)} via 192.168.77.99", "ip route flush proto boot", "foreign-routes", "ip route del ", Heals: true),
                new($"ip rule add to {theirs} prohibit priority 100", "ip rule del priority 100 2>/dev/null; true", "foreign-rules", "ip rule del priority 100", Heals: true),
                new("ip link add docker0 type bridge && ip addr add 10.244.200.1/24 dev docker0", "ip link del docker0", "overlap", "ip addr del 10.244.200.1/24 dev docker0"),
                new("ip link set cni0 mtu 1500", "ip link set cni0 mtu 1450", "mtu", "ip link set cni0 mtu 1450"),
                new("sysctl -qw net.ipv4.ip_local_port_range='1024 60999'", "sysctl -qw net.ipv4.ip_local_port_range='32768 60999' net.ipv4.ip_local_reserved_ports=", "reserved-ports", "sysctl -w net.ipv4.ip_local_reserved_ports="),
                new("ip link set eth0 down", "ip link set eth0 up", "underlay", "ip link set eth0 up", Heals: true),
            ];
            foreach (var trap in traps)
            {
                await Shell(host, trap.Plant);
                try
                {
                    var (exit, answer, text) = await Doctor(lab, host);
                    output.WriteLine($"---- {trap.Plant}\n{text}\n");
                    Assert.True(exit == 1, $"{trap.Plant}: {text}");
                    var found = answer.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("bites").GetBoolean()).ToList();
                    string mend = Assert.Single(found, finding => finding.GetProperty("check").GetString() == trap.Check && finding.GetProperty("mend").GetString()!.Contains(trap.Says, StringComparison.Ordinal)).GetProperty("mend").GetString()!;
                    if (trap.Heals)
                    {
                        await Shell(host, mend);
                        var (_, after, healed) = await Doctor(lab, host);
                        Assert.True(after.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == trap.Check).GetProperty("state").GetString() != "bites", $"{mend} mends nothing: {healed}");
                    }
                }
                finally
                {
                    await Shell(host, trap.Undo);
                }
            }
            await Eventually("well again", async () => (await Doctor(lab, host)).Exit == 0, TimeSpan.FromSeconds(30));
        });
    }

    [Fact]
    public async Task With_the_node_stopped_it_sees_what_is_left_and_what_nobody_puts_right()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            var host = lab[2];
            host.Terminate();
            await host.WaitForExitAsync();
            var (exit, answer, text) = await Doctor(lab, host);
            Assert.True(exit == 0, text);
            await Shell(host, "ip link set flannel.1 address 02:00:00:00:00:42");
            await AssertBites(lab, host, "mac-address", "flannel.1 has MAC address 02:00:00:00:00:42");
            // Without its id nobody can say whose the device is.
            await AssertBites(lab, host, "stale-flannel", "flannel.1 is not this node's");
            await Shell(host, "ip link del flannel.1");
            await AssertBites(lab, host, "device-gone", "flannel.1 is not there");
            await Shell(host, "ip link add vx9 type vxlan external dstport 8472");
            await AssertBites(lab, host, "tunnel-port", "vx9 uses UDP 8472 too for every VNI");
        });
    }

    [Fact]
    public async Task Seeds_that_have_no_address_or_do_not_answer_and_bad_options_are_told()
    {
        using var lab = Prepare(output, 1);
        await lab.Run(async () =>
        {
            var (exit, answer, text) = await Doctor(lab, lab[1], "--seed", "192.168.77.250", "--seed", "no-such-host.invalid");
            output.WriteLine(text);
            Assert.Equal(1, exit);
            var seeds = answer.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("check").GetString() == "seeds").Select(finding => finding.GetProperty("what").GetString()!).ToList();
            Assert.Equal(2, seeds.Count);
            Assert.Contains(seeds, what => what.Contains("does not take TCP 4053", StringComparison.Ordinal));
            Assert.Contains(seeds, what => what.Contains("cannot be resolved", StringComparison.Ordinal));
            var usage = await Command.AkkaOverlay("doctor", "--port", "0");
            Assert.True(usage.ExitCode == 2, usage.ToString());
            Assert.Single(usage.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            var file = await Command.AkkaOverlay("doctor", "--net-conf", "/nowhere/net-conf.json", "--json");
            Assert.True(file.ExitCode == 1, file.ToString());
            Assert.Contains("/nowhere/net-conf.json: not found", file.Output, StringComparison.Ordinal);
        });
    }

    private static async Task AssertHealthy(OverlayLab lab, LabHost host)
    {
        var (exit, answer, text) = await Doctor(lab, host);
        Assert.True(exit == 0, text);
        Assert.Empty(answer.GetProperty("unseen").EnumerateArray());
    }

    private static async Task AssertBites(OverlayLab lab, LabHost host, string check, string what)
    {
        var (exit, answer, text) = await Doctor(lab, host);
        Assert.True(exit == 1, text);
        Assert.True(answer.GetProperty("findings").EnumerateArray().Any(finding =>
            finding.GetProperty("check").GetString() == check && finding.GetProperty("bites").GetBoolean() && finding.GetProperty("what").GetString()!.Contains(what, StringComparison.Ordinal)), text);
    }

    private static async Task<(int Exit, JsonElement Answer, string Text)> Doctor(OverlayLab lab, LabHost host, params string[] more)
    {
        string[] line =
        [
            "doctor", .. more.Contains("--seed") ? [] : new[] { "--seed", "192.168.77.1" }, "--iface", "eth0", "--state-dir", host.StateDirectory, "--run-dir", host.RunDirectory,
            "--net-conf", lab.Network.NetConfFile, .. more,
        ];
        var table = await Command.Run(host.Host, Command.Executable, line);
        var json = await Command.Run(host.Host, Command.Executable, [.. line, "--json"]);
        Assert.True(table.ExitCode == json.ExitCode, $"{table}\n{json}");
        return (json.ExitCode, JsonDocument.Parse(json.Output).RootElement.Clone(), table.ToString());
    }

    private static async Task Shell(LabHost host, string line)
    {
        var result = await Command.Run(host.Host, "sh", "-c", line);
        Assert.True(result.ExitCode == 0, $"{line}: {result}");
    }
}
