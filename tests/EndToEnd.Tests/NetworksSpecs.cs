using System.Net;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Two networks on the same hosts: each works, none of them sees the other's packets, and neither touches the other's kernel objects.</summary>
public sealed class NetworksSpecs(ITestOutputHelper output)
{
    /// <summary>The pings of one network are longer than the other's: so a capture tells them apart, whatever their addresses.</summary>
    private const int RedPayload = 101, BluePayload = 202, IcmpHeader = 8;

    public static TheoryData<string, string, string, string[]> Pairs => new()
    {
        { "vxlan", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":1}}""", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":2}}""", [] },
        {
            "both families", """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42::/56","Backend":{"Type":"vxlan","VNI":1}}""",
            """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42::/56","Backend":{"Type":"vxlan","VNI":2}}""", []
        },
        {
            "compact", """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42::/56","Backend":{"Type":"vxlan","VNI":1}}""",
            """{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42::/56","Backend":{"Type":"vxlan","VNI":2,"Port":8473}}""", ["--vxlan-layout", "compact"]
        },
        { "udp", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":8286}}""", [] },
        { "vxlan and udp", """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}}""", """{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":8286}}""", [] },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public async Task With_the_same_addresses_each_works_and_no_packet_of_one_reaches_the_other(string what, string red, string blue, string[] more)
    {
        using var lab = Prepare(output, 3);
        var reds = Tenant.OnEach(lab, "red", 1, red, apart: true, more: more);
        var blues = Tenant.OnEach(lab, "blue", 2, blue, apart: true, more: more);
        await Run([.. reds, .. blues], async () =>
        {
            // In another order, so that a host's subnet in one network is another host's in the other; the first host has the same one in both.
            foreach (var tenant in new[] { reds[0], reds[1], reds[2], blues[0], blues[2], blues[1] })
            {
                tenant.Start();
                await Eventually("its lease", async () => (await tenant.Api.StatusAsync()).Lease is not null, TimeSpan.FromSeconds(60));
            }
            await Tenant.WaitReadyAsync(reds);
            await Tenant.WaitReadyAsync(blues);
            output.WriteLine($"{what}: red {Names(reds)}, blue {Names(blues)}");
            Assert.Equal(reds.Select(red => red.Address), new[] { blues[0], blues[2], blues[1] }.Select(blue => blue.Address));

            var captures = reds.Concat(blues).Select(tenant => (Tenant: tenant, Tcpdump: Command.Start(tenant.Container, "tcpdump", "-n", "-l", "-i", "eth0", "icmp or icmp6"))).ToList();
            foreach (var (_, tcpdump) in captures)
                await tcpdump.StandardError.ReadLineAsync();
            await Task.Delay(500);
            foreach (var (from, payload) in reds.Select(red => (red, RedPayload)).Concat(blues.Select(blue => (blue, BluePayload))))
            {
                var own = payload == RedPayload ? reds : blues;
                foreach (var to in own.Where(to => to != from))
                {
                    await AssertPings(from, to.Address, payload);
                    if (to.Address6 is { } v6)
                        await AssertPings(from, v6, payload);
                }
                // Addresses that nobody has here, but the other network may: no answer.
                foreach (var other in (payload == RedPayload ? blues : reds).Select(other => other.Address).Append(IPAddress.Parse("10.244.250.2")).Except(own.Select(mine => mine.Address)))
                    Assert.NotEqual(0, (await Ping(from, other, payload)).ExitCode);
            }
            await Task.Delay(500);
            foreach (var (tenant, tcpdump) in captures)
            {
                // SIGINT: it prints what it has.
                await Command.Run(null, "kill", "-INT", $"{tcpdump.Id}");
                string seen = await tcpdump.StandardOutput.ReadToEndAsync();
                bool isRed = reds.Contains(tenant);
                Assert.Contains($"length {(isRed ? RedPayload : BluePayload) + IcmpHeader}", seen, StringComparison.Ordinal);
                Assert.DoesNotContain($"length {(isRed ? BluePayload : RedPayload) + IcmpHeader}", seen, StringComparison.Ordinal);
                tcpdump.Dispose();
            }
        });
    }

    [Fact]
    public async Task Neither_a_restart_nor_a_cleanup_of_one_touches_the_other()
    {
        using var lab = Prepare(output, 3);
        var reds = Tenant.OnEach(lab, "red", 1, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":1}}""", apart: true);
        var blues = Tenant.OnEach(lab, "blue", 2, """{"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","VNI":2,"Port":8473}}""", apart: true, more: ["--vxlan-layout", "compact"]);
        await Run([.. reds, .. blues], async () =>
        {
            foreach (var tenant in reds.Concat(blues))
                tenant.Start();
            await Tenant.WaitReadyAsync(reds);
            await Tenant.WaitReadyAsync(blues);
            await Tenant.LeadsToContainers([.. reds, .. blues]);
            foreach (var (one, other) in new[] { (blues, reds), (reds, blues) })
            {
                var before = await ObjectsOf(other[1]);
                long writes = (await other[1].Api.StatusAsync()).KernelWrites;
                Assert.NotEmpty(before);
                using var pings = other[1].Pinger.PingStream(other[2].Address);
                using var back = other[0].Pinger.PingStream(other[1].Address);
                await one[1].StopAsync();
                one[1].Start();
                await Tenant.WaitReadyAsync(one);
                await Eventually("the ledger is heard", async () => (await one[1].Api.LeasesAsync()).Live, TimeSpan.FromSeconds(30));
                await Task.Delay(1000);
                Assert.Equal(before, await ObjectsOf(other[1]));

                await one[1].StopAsync();
                var cleanup = await one[1].Cli("cleanup", "--state-dir", one[1].StateDirectory);
                output.WriteLine(cleanup.ToString());
                Assert.Equal((0, ""), (cleanup.ExitCode, cleanup.Error));
                Assert.Empty(await ObjectsOf(one[1]));
                await Task.Delay(1000);
                Assert.Equal(before, await ObjectsOf(other[1]));
                Assert.Equal(writes, (await other[1].Api.StatusAsync()).KernelWrites);

                one[1].Start();
                await Tenant.WaitReadyAsync(one);
                await AssertPings(one[1], one[2].Address, RedPayload);
                Assert.Equal(before, await ObjectsOf(other[1]));
                foreach (var stream in new[] { pings, back })
                {
                    var seen = await stream.StopAsync();
                    lab.Measured($"{other[1].Network}: {seen.Sent} pings, {seen.Lost.Count} lost while {one[1].Network} restarted, was cleaned up and came back");
                    Assert.Empty(seen.Lost);
                }
            }
        });
    }

    [Fact]
    public async Task With_other_ranges_a_named_network_and_the_default_one_need_nothing_special()
    {
        using var lab = Prepare(output, 2);
        var plain = Tenant.OnEach(lab, null, 1, """{"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}}""", apart: false);
        var blues = Tenant.OnEach(lab, "blue", 2, """{"Network":"10.9.0.0/16","Backend":{"Type":"udp","Port":8286}}""", apart: false);
        var green = Tenant.OnEach(lab, "green", 3, """{"Network":"10.8.0.0/16","Backend":{"Type":"host-gw"}}""", apart: false);
        await Run([.. plain, .. blues, .. green], async () =>
        {
            foreach (var tenant in plain.Concat(blues).Concat(green))
                tenant.Start();
            foreach (var network in new[] { plain, blues, green })
            {
                await Tenant.WaitReadyAsync(network);
                await AssertPings(network[0], network[1].Address, RedPayload);
                await AssertPings(network[1], network[0].Address, RedPayload);
            }
            Assert.Equal(1, (await Command.Run(plain[1].Host, "ip", "route", "show", "proto", "77")).Output.Count(c => c == '\n'));
            var before = (await ObjectsOf(blues[1]), await ObjectsOf(green[1]));
            using var pings = blues[1].Pinger.PingStream(blues[0].Address);
            using var others = green[1].Pinger.PingStream(green[0].Address);
            await plain[1].StopAsync();
            var cleanup = await plain[1].Cli("cleanup", "--state-dir", plain[1].StateDirectory);
            output.WriteLine(cleanup.ToString());
            Assert.Equal(0, cleanup.ExitCode);
            Assert.Equal("", (await Command.Run(plain[1].Host, "ip", "route", "show", "proto", "77")).Output);
            // Without its node id it knows no device for its own, and still leaves what is in another network's table.
            string empty = Directory.CreateDirectory(Path.Combine(plain[1].StateDirectory, "elsewhere")).FullName;
            await plain[1].Cli("cleanup", "--state-dir", empty);
            Assert.Equal(before.Item1, await ObjectsOf(blues[1]));
            Assert.Equal(before.Item2, await ObjectsOf(green[1]));
            await green[1].StopAsync();
            Assert.Equal(0, (await green[1].Cli("cleanup", "--state-dir", green[1].StateDirectory)).ExitCode);
            Assert.Empty(await ObjectsOf(green[1]));
            Assert.Equal(before.Item1, await ObjectsOf(blues[1]));
            Assert.Empty((await pings.StopAsync()).Lost);
            await others.StopAsync();
            Assert.Contains("blue", (await blues[1].Cli("status")).Output, StringComparison.Ordinal);
        });
    }

    private async Task Run(IReadOnlyList<Tenant> tenants, Func<Task> body)
    {
        try
        {
            await body();
        }
        catch
        {
            foreach (var tenant in tenants.Where(tenant => File.Exists(tenant.LogFile)))
                output.WriteLine($"---- {tenant.LogFile}\n{string.Join('\n', File.ReadLines(tenant.LogFile).TakeLast(40))}");
            throw;
        }
        finally
        {
            foreach (var tenant in tenants)
                tenant.Dispose();
        }
    }

    /// <summary>What one network has in a host's kernel, as iproute2 shows it: its table, its rules, its tunnel and what is on it.</summary>
    private static async Task<IReadOnlyList<string>> ObjectsOf(Tenant tenant)
    {
        Assert.True(NetworkName.TryParse(tenant.Network!, out var name));
        string device = tenant.Network switch { "red" => "flannel.1", "blue" => File.ReadAllText(Path.Combine(tenant.StateDirectory, "..", "net-conf.json")).Contains("udp", StringComparison.Ordinal) ? "flannel-u8286" : "flannel.2", _ => "eth0" };
        var lines = new List<string>();
        foreach (string command in new[] { $"-4 route show table {name.Table} proto 77", $"-6 route show table {name.Table} proto 77", $"rule show table {name.Table}", $"-6 rule show table {name.Table}" })
            lines.AddRange(Lines((await Command.Run(tenant.Host, "ip", command.Split(' '))).Output));
        if (device != "eth0")
        {
            lines.AddRange(Lines((await Command.Run(tenant.Host, "ip", "-o", "-d", "link", "show", device)).Output).Select(line => line.Split(" state ")[0]));
            lines.AddRange(Lines((await Command.Run(tenant.Host, "ip", "neigh", "show", "dev", device, "nud", "permanent")).Output));
            lines.AddRange(Lines((await Command.Run(tenant.Host, "ip", "nexthop", "show", "proto", "77")).Output).Where(line => line.Contains($"dev {device} ", StringComparison.Ordinal)));
            lines.AddRange(Lines((await Command.Run(tenant.Host, "bridge", "fdb", "show", "dev", device)).Output));
        }
        return lines;
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private static async Task AssertPings(Tenant from, IPAddress to, int payload)
    {
        var result = await Ping(from, to, payload, count: 3);
        Assert.True(result.ExitCode == 0 && result.Output.Contains(" 0% packet loss", StringComparison.Ordinal), $"{from.Network} {from.Address} to {to}: {result}");
    }

    private static Task<CommandResult> Ping(Tenant from, IPAddress to, int payload, int count = 1) =>
        Command.Run(from.Container, "ping", "-n", "-c", $"{count}", "-i", "0.2", "-W", "1", "-s", $"{payload}", to.ToString());

    private static string Names(IEnumerable<Tenant> tenants) => string.Join(" ", tenants.Select(tenant => tenant.Address));
}
