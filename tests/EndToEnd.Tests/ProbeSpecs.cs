using System.Diagnostics;
using System.Globalization;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Probes through the overlay of real hosts: which pair fails, in what, and how soon that is known.</summary>
[Collection(Alone.Name)]
public sealed class ProbeSpecs(ITestOutputHelper output)
{
    private const string Udp = """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""";
    private const string DualStack = """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd00:244::/48","Backend":{"Type":"vxlan"}}""";

    /// <summary>Until a failing pair is named, and until it is not any more.</summary>
    private static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    /// <summary>Two faults at once, of two pairs that have nothing to do with each other.</summary>
    [Theory]
    [InlineData("vxlan", Vxlan, "udp dport 8472", 1450)]
    [InlineData("udp", Udp, "udp dport 8285", 1472)]
    [InlineData("host-gw", HostGw, "ip daddr 10.244.0.0/16", 1500)]
    public async Task A_pair_that_fails_is_named_within_ten_seconds_and_only_it_and_is_well_again_as_soon(string backEnd, string netConf, string tunnel, int size)
    {
        using var lab = await StartAsync(output, 4, netConf);
        await lab.Run(async () =>
        {
            await AllOk(lab);
            foreach (var host in lab.Hosts)
            {
                var probes = await host.Api.ProbesAsync();
                Assert.All(probes.Peers, peer => Assert.Equal(size, peer.Full!.Octets));
                Assert.Contains("3 of 3 paths to peers are fine", await StatusText(host), StringComparison.Ordinal);
                Assert.All(await host.Api.PeersAsync(), peer => Assert.Equal("ok", peer.Probe!.State));
            }

            Assert.DoesNotContain("the way to", await Doctor(lab[1]), StringComparison.Ordinal);

            // The tunnel from h1 to h2 and large packets from h3 to h4, each fails both ways; the cluster's own port is another.
            await Drop(lab[1], await Victim(lab[2], backEnd, tunnel));
            await Drop(lab[3], $"{await Victim(lab[4], backEnd, tunnel)} meta length > 1400");
            await Task.WhenAll(Named(lab, backEnd, lab[1], lab[2], "dead"), Named(lab, backEnd, lab[3], lab[4], "full-size lost"));
            Assert.Contains("the control plane is fine", await StatusText(lab[1]), StringComparison.Ordinal);
            Assert.Contains($"packets of {size} octets do not come back", await StatusText(lab[3]), StringComparison.Ordinal);
            Assert.Equal(2, MetricsSpecs.Value(await MetricsSpecs.PageAsync(lab[1]), "akka_overlay_probe_paths{state=\"ok\"}"));
            Assert.Contains("the way to h2 fails: nothing comes back from", await Doctor(lab[1]), StringComparison.Ordinal);

            await Healed(lab, backEnd, lab[1], lab[3]);
            foreach (var (host, peer) in new[] { (lab[1], "h2"), (lab[3], "h4") })
            {
                // It may get worse, and is said again then.
                Assert.InRange(Lines(host, $"The overlay fails between this host and {peer}"), 1, 3);
                Assert.Equal(Lines(host, "The overlay fails"), Lines(host, $"The overlay fails between this host and {peer}"));
            }
        });
    }

    [Fact]
    public async Task A_path_whose_link_takes_smaller_packets_only_loses_the_full_size()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            await AllOk(lab);
            // A router on the way with a smaller MTU, that says nothing: the bridge's port to h2 and all behind it.
            await Command.Run(lab[2].Host, "nft", "add table inet fault; add chain inet fault in { type filter hook input priority -200; }; add rule inet fault in udp dport 8472 meta length > 1400 drop");
            var took = await Eventually("h1 and h3 name h2", async () => (await Failing(lab[1])) is [{ Name: "h2", State: "full-size lost" }] && (await Failing(lab[3])) is [{ Name: "h2", State: "full-size lost" }], Patience);
            lab.Measured($"smaller packets only to one host of three: named by both others after {took.TotalSeconds:0.0} s");
            Assert.InRange(took, TimeSpan.Zero, Promised + TimeSpan.FromSeconds(1));
            // h2's own questions get through, and their answers do not: it may find that out a round later.
            await Eventually("h2 names both", async () => (await Failing(lab[2])).Count == 2, Promised);
        });
    }

    [Fact]
    public async Task A_node_that_is_killed_or_stopped_is_no_fault_of_the_data_plane()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            await AllOk(lab);
            lab[3].Kill();
            for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Promised + TimeSpan.FromSeconds(2); await Task.Delay(200))
                Assert.Empty(await Failing(lab[1]));
            lab[3].Start();
            await lab[3].WaitReadyAsync(TimeSpan.FromSeconds(60));
            await AllOk(lab);
            lab[3].Terminate();
            await lab[3].WaitForExitAsync();
            for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < Promised + TimeSpan.FromSeconds(2); await Task.Delay(200))
                Assert.Empty(await Failing(lab[1]));
            Assert.Equal(0, Lines(lab[1], "The overlay fails"));
        });
    }

    [Fact]
    public async Task Both_IP_versions_are_probed_and_the_one_that_fails_is_named()
    {
        using var lab = await StartAsync(output, 2, DualStack);
        await lab.Run(async () =>
        {
            await AllOk(lab, paths: 2);
            await Command.Run(lab[1].Host, "nft", $"add table inet fault; add chain inet fault out {{ type filter hook output priority 0; }}; add rule inet fault out ip6 daddr {lab[2].UnderlayAddress6} udp dport 8472 drop");
            var took = await Eventually("IPv6 is named", async () => (await Failing(lab[1])) is [{ State: "dead" } path] && path.Address!.Contains(':', StringComparison.Ordinal), Patience);
            lab.Measured($"IPv6 alone dead: named after {took.TotalSeconds:0.0} s");
            Assert.InRange(took, TimeSpan.Zero, Promised + TimeSpan.FromSeconds(1));
        });
    }

    [Fact]
    public async Task Hosts_whose_firewalls_let_in_only_what_they_asked_for_are_probed_all_the_same()
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts)
            {
                Assert.Equal(0, (await Command.Run(host.Host, "nft",
                    "add table inet site; add chain inet site in { type filter hook input priority 0; policy drop; }; add rule inet site in ct state established,related accept; "
                    + "add rule inet site in iif lo accept; add rule inet site in tcp dport 4053 accept; add rule inet site in udp dport 8472 accept; add rule inet site in meta l4proto { icmp, ipv6-icmp } accept")).ExitCode);
                host.Start("--ip-masq");
            }
            await lab.WaitReadyAsync();
            await AllOk(lab);
            await Task.Delay(Promised + TimeSpan.FromSeconds(2));
            Assert.All(lab.Hosts, host => Assert.Empty(Failing(host).Result));
        });
    }

    [Fact]
    public async Task A_host_that_does_not_probe_says_so_and_nobody_blames_it_and_what_probes_cost_the_others()
    {
        using var lab = Prepare(output, 4);
        await lab.Run(async () =>
        {
            for (int i = 1; i <= 4; i++)
                lab[i].Start("--probes", i <= 3 ? "on" : "off");
            await lab.WaitReadyAsync();
            await Eventually("h1 knows", async () => (await lab[1].Api.ProbesAsync()).Peers.Any(peer => peer is { Name: "h4", State: "not probed" } && peer.Text.Contains("--probes off", StringComparison.Ordinal)), Patience);
            await Eventually("h1, h2 and h3 are fine", async () => (await lab[1].Api.StatusAsync()).Probes is { Ok: 2, Probed: 2, NotProbed: 1 }, Patience);
            Assert.False((await lab[4].Api.ProbesAsync()).Enabled);
            Assert.Contains("none: switched off (--probes off)", await StatusText(lab[4]), StringComparison.Ordinal);
            Assert.DoesNotContain("akka_overlay_probe_paths", await MetricsSpecs.PageAsync(lab[4]), StringComparison.Ordinal);
            await Measure(lab, TimeSpan.FromSeconds(20));
        });
    }

    /// <summary>With host-gw a host has an address inside the overlay when it has containers, and not before.</summary>
    [Fact]
    public async Task A_host_without_an_address_inside_is_not_probed_until_it_has_one()
    {
        using var lab = Prepare(output, 2, HostGw);
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts)
                host.Start();
            foreach (var host in lab.Hosts)
                await host.WaitReadyAsync(TimeSpan.FromSeconds(60));
            await Eventually("h1 knows why", async () => (await lab[1].Api.ProbesAsync()) is { Reason: { } reason, Peers: [{ State: "not probed" }] } && reason.Contains("no address inside", StringComparison.Ordinal), Patience);
            await lab.WaitReadyAsync();
            var took = await Eventually("both are probed", async () => (await lab[1].Api.StatusAsync()).Probes is { Ok: 1 } && (await lab[2].Api.StatusAsync()).Probes is { Ok: 1 }, Patience);
            lab.Measured($"with bridges of containers: probed after {took.TotalSeconds:0.0} s");
        });
    }

    [Theory]
    [InlineData("vxlan", false)]
    [InlineData("udp", false)]
    [InlineData("vxlan", true)]
    public async Task A_named_network_has_probes_of_its_own_and_one_that_is_kept_apart_says_that_it_has_none(string backEnd, bool apart)
    {
        using var lab = Prepare(output, 2);
        var red = Tenant.OnEach(lab, null, 1, Vxlan, apart: false);
        string network = apart ? "10.244.0.0/16" : "10.245.0.0/16";
        string options = backEnd == "udp" ? """{"Type":"udp","Port":8286}""" : """{"Type":"vxlan","VNI":2}""";
        var blue = Tenant.OnEach(lab, "blue", 2, $$"""{"Network":"{{network}}","Backend":{{options}}}""", apart);
        try
        {
            foreach (var tenant in red.Concat(blue))
                tenant.Start();
            await Tenant.WaitReadyAsync(red);
            await Tenant.WaitReadyAsync(blue);
            foreach (var tenant in red)
                await Eventually("its own path is fine", async () => (await tenant.Api.StatusAsync()).Probes is { Ok: 1, Probed: 1 }, Patience);
            foreach (var tenant in blue)
            {
                await Eventually("the named network's too", async () => (await tenant.Api.ProbesAsync()) is var probes
                    && (apart ? probes is { Reason: { } reason, Peers: [{ State: "not probed" }] } && reason.Contains("--bridge", StringComparison.Ordinal) : probes.Peers is [{ State: "ok" }]), Patience);
            }
        }
        catch
        {
            Tenant.PrintLogs(red.Concat(blue), output);
            throw;
        }
        finally
        {
            foreach (var tenant in red.Concat(blue))
                tenant.Dispose();
        }
    }

    [Theory]
    [InlineData("""{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Encryption":"aes-256-gcm"}}""", 1, 1440, "classic")]
    [InlineData(DualStack, 2, 1430, "compact")]
    [InlineData("""{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd44::/56","Backend":{"Type":"udp"}}""", 2, 1472, "classic")]
    [InlineData("""{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","DirectRouting":true}}""", 1, 1450, "classic")]
    public async Task Every_way_in_which_packets_are_carried_takes_probes(string netConf, int paths, int size, string layout)
    {
        using var lab = await StartAsync(output, 2, netConf, arguments: ["--vxlan-layout", layout]);
        await lab.Run(async () =>
        {
            await AllOk(lab, paths);
            Assert.All((await lab[1].Api.ProbesAsync()).Peers, peer => Assert.Equal((size, "ok"), (peer.Full!.Octets, peer.State)));
        });
    }

    /// <summary>h4 does not probe.</summary>
    private static async Task Measure(OverlayLab lab, TimeSpan window)
    {
        var before = await Task.WhenAll(lab.Hosts.Select(MetricsSpecs.PageAsync));
        await Task.Delay(window);
        var after = await Task.WhenAll(lab.Hosts.Select(MetricsSpecs.PageAsync));
        for (int i = 0; i < 4; i++)
        {
            double cpu = (MetricsSpecs.Value(after[i], "process_cpu_seconds_total") - MetricsSpecs.Value(before[i], "process_cpu_seconds_total")) / window.TotalSeconds;
            string packets = i == 3 ? "off" : string.Join(", ", new[] { "question_sent", "answer_received", "answer_sent" }.Select(kind =>
            {
                string series = $"akka_overlay_probe_packets_total{{kind=\"{kind}\"}}";
                return string.Create(CultureInfo.InvariantCulture, $"{kind} {(MetricsSpecs.Value(after[i], series) - MetricsSpecs.Value(before[i], series)) / window.TotalSeconds:0.00}/s");
            }));
            lab.Measured($"h{i + 1}: {cpu * 100:0.00} % of a processor; probes: {packets}");
        }
    }

    private static Task AllOk(OverlayLab lab, int? paths = null) => Eventually(
        "every path is fine",
        async () =>
        {
            foreach (var host in lab.Hosts)
            {
                if ((await host.Api.StatusAsync()).Probes is not { NotProbed: 0 } probes || probes.Ok != probes.Probed || probes.Ok != (paths ?? lab.Hosts.Count - 1))
                    return false;
            }
            return true;
        },
        Patience);

    private static async Task Drop(LabHost host, string what)
    {
        var made = await Command.Run(host.Host, "nft", $"add table inet fault; add chain inet fault out {{ type filter hook output priority 0; }}; add rule inet fault out {what} drop");
        Assert.True(made.ExitCode == 0, made.ToString());
    }

    /// <summary>Packets to another host's containers.</summary>
    private static async Task<string> Victim(LabHost to, string backEnd, string tunnel) => backEnd == "host-gw" ? $"ip daddr {await Subnet(to)}" : $"ip daddr {to.UnderlayAddress} {tunnel}";

    /// <summary>They name each other and nobody else, in status and in the metrics.</summary>
    private static async Task Named(OverlayLab lab, string backEnd, LabHost one, LabHost other, string state)
    {
        long began = Stopwatch.GetTimestamp();
        string label = state.Replace(' ', '_').Replace('-', '_');
        var status = await Eventually($"{one.Name} names {other.Name}", () => Names(one, other), Patience);
        await Eventually($"{one.Name}'s metrics name {other.Name}", async () => (await MetricsSpecs.PageAsync(one)).Contains($"state=\"{label}\"}} 1\n", StringComparison.Ordinal), Patience, TimeSpan.FromMilliseconds(200));
        var inMetrics = Stopwatch.GetElapsedTime(began);
        await Eventually($"{other.Name} names {one.Name}", () => Names(other, one), Patience);
        lab.Measured($"{backEnd}, {state}: in status after {status.TotalSeconds:0.0} s, in the metrics after {inMetrics.TotalSeconds:0.0} s, by both hosts after {Stopwatch.GetElapsedTime(began).TotalSeconds:0.0} s");
        Assert.InRange(inMetrics, TimeSpan.Zero, Promised + TimeSpan.FromSeconds(1));
        Assert.Equal(1, MetricsSpecs.Value(await MetricsSpecs.PageAsync(one), "akka_overlay_probe_failing"));

        async Task<bool> Names(LabHost host, LabHost peer) => await Failing(host) is [var path] && path.Name == peer.Name && path.State == state;
    }

    private static async Task Healed(OverlayLab lab, string backEnd, params LabHost[] faulty)
    {
        foreach (var host in faulty)
            Assert.Equal(0, (await Command.Run(host.Host, "nft", "delete table inet fault")).ExitCode);
        var took = await Eventually("nobody is named", async () => (await Task.WhenAll(lab.Hosts.Select(Failing))).All(failing => failing.Count == 0), Patience);
        lab.Measured($"{backEnd}: well again after {took.TotalSeconds:0.0} s");
        Assert.InRange(took, TimeSpan.Zero, Promised + TimeSpan.FromSeconds(1));
        await AllOk(lab);
    }

    private static async Task<IReadOnlyList<ProbeModel>> Failing(LabHost host) => (await host.Api.StatusAsync()).Probes!.Failing;

    private static async Task<string> StatusText(LabHost host) => (await Command.AkkaOverlay("status", "--run-dir", host.RunDirectory)).Output;

    private static async Task<string> Doctor(LabHost host) =>
        (await Command.Run(host.Host, Command.Executable, "doctor", "--run-dir", host.RunDirectory, "--state-dir", host.StateDirectory, "--iface", "eth0")).Output;

    private static int Lines(LabHost host, string text) => File.ReadLines(host.LogFile).Count(line => line.Contains(text, StringComparison.Ordinal));
}
