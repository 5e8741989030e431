using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>Containers that the published CNI plugin and the distribution's bridge, host-local and portmap attach, on hosts of a running overlay.</summary>
public sealed class CniSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("1.0.0")]
    [InlineData("1.1.0")]
    public async Task Containers_of_two_hosts_reach_each_other(string version)
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            CniRuntime[] runtimes = [.. lab.Hosts.Select(host => new CniRuntime(host, version))];
            // No node runs yet: a runtime is told to come again.
            var early = await runtimes[0].Run("ADD");
            Assert.Equal((1, 11), (early.ExitCode, JsonNode.Parse(early.Output)!["code"]!.GetValue<int>()));
            await StartNodes(lab);

            long began = Stopwatch.GetTimestamp();
            JsonObject[] results = [await runtimes[0].Add(), await runtimes[1].Add()];
            lab.Measured($"CNI {version}: ADD of two containers takes {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms");
            string[] addresses = [.. results.Select(result => result["ips"]![0]!["address"]!.GetValue<string>().Split('/')[0])];
            for (int i = 0; i < 2; i++)
            {
                Assert.Equal(version, results[i]["cniVersion"]!.GetValue<string>());
                string subnet = await Subnet(lab[i + 1]);
                Assert.StartsWith(subnet[..subnet.LastIndexOf('.')] + ".", addresses[i], StringComparison.Ordinal);
            }
            await Ping(lab, 1, addresses[1]);
            await Ping(lab, 2, addresses[0]);
            Assert.Equal((0, ""), await Check(runtimes[0], results[0]));

            Assert.Equal(0, (await Command.Run(lab[1].Container, "ip", "address", "flush", "dev", "eth0", "to", addresses[0])).ExitCode);
            Assert.Equal(1, (await Check(runtimes[0], results[0])).Status);

            await runtimes[0].Delete(results[0]);
            await runtimes[0].Delete(results[0]);
            Assert.False(File.Exists(Path.Combine(runtimes[0].Reservations, addresses[0])));
            Assert.DoesNotContain("eth0", (await Command.Run(lab[1].Container, "ip", "link")).Output, StringComparison.Ordinal);
            await runtimes[1].Delete(results[1]);
            Assert.Empty(Directory.GetFiles(Path.Combine(lab[2].StateDirectory, "cni", "akka-overlay")));
        });
    }

    [Fact]
    public async Task Status_follows_the_node_and_gc_gives_back_what_a_runtime_has_forgotten()
    {
        using var lab = Prepare(output, 1);
        await lab.Run(async () =>
        {
            var runtime = new CniRuntime(lab[1], "1.1.0");
            Assert.Equal((1, 50), CodeOf(await runtime.Run("STATUS")));
            lab[1].Start();
            await lab[1].WaitReadyAsync(Patience);
            Assert.Equal((0, 0), CodeOf(await runtime.Run("STATUS")));
            string address = (await runtime.Add())["ips"]![0]!["address"]!.GetValue<string>().Split('/')[0];
            string reservation = Path.Combine(runtime.Reservations, address);
            var own = new JsonArray(new JsonObject { ["containerID"] = lab[1].Container.Name, ["ifname"] = "eth0" });
            Assert.Equal((0, 0), CodeOf(await runtime.Run("GC", change: conf => conf["cni.dev/valid-attachments"] = own)));
            Assert.True(File.Exists(reservation));
            Assert.Equal((0, 0), CodeOf(await runtime.Run("GC", change: conf => conf["cni.dev/valid-attachments"] = new JsonArray())));
            Assert.False(File.Exists(reservation));
        });
    }

    /// <summary>The other host's container sees whom it speaks to, unless the bridge is told to masquerade.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_source_address_is_kept_where_the_bridge_does_not_masquerade(bool masquerade)
    {
        using var lab = Prepare(output, 2);
        await lab.Run(async () =>
        {
            await StartNodes(lab);
            string[] addresses = new string[2];
            for (int i = 0; i < 2; i++)
                addresses[i] = (await new CniRuntime(lab[i + 1], "1.0.0", masquerade).Add())["ips"]![0]!["address"]!.GetValue<string>().Split('/')[0];
            using var capture = Command.Start(lab[2].Container, "tcpdump", "-n", "-l", "-c", "1", "-i", "eth0", "icmp[icmptype] == icmp-echo");
            // Its first words on standard error say that it listens.
            while (await capture.StandardError.ReadLineAsync() is { } line && !line.StartsWith("listening", StringComparison.Ordinal))
                output.WriteLine(line);
            await Ping(lab, 1, addresses[1]);
            string seen = await capture.StandardOutput.ReadLineAsync().WaitAsync(Patience) ?? "";
            output.WriteLine(seen);
            Assert.Equal(!masquerade, seen.Contains($"IP {addresses[0]} > {addresses[1]}:", StringComparison.Ordinal));
        });
    }

    /// <summary>Exit status, and the code of the error if there is one.</summary>
    private static (int Status, int Code) CodeOf(CommandResult ended) =>
        (ended.ExitCode, ended.Output.Length == 0 ? 0 : JsonNode.Parse(ended.Output)!["code"]!.GetValue<int>());

    private static async Task<(int Status, string Output)> Check(CniRuntime runtime, JsonObject result)
    {
        var ended = await runtime.Run("CHECK", result);
        return (ended.ExitCode, ended.Output);
    }

    /// <summary>Two hosts whose nodes are ready and know each other; what the lab itself puts behind a host is left out.</summary>
    internal static async Task StartNodes(OverlayLab lab)
    {
        foreach (var host in lab.Hosts)
            host.Start();
        foreach (var host in lab.Hosts)
            await host.WaitReadyAsync(Patience);
        await Eventually("both have a route to the other", async () => (await OurRoutes(lab[1])).Count == 1 && (await OurRoutes(lab[2])).Count == 1, Patience);
    }

    private static async Task Ping(OverlayLab lab, int from, string to)
    {
        var ping = await Command.Run(lab[from].Container, "ping", "-c", "1", "-W", "2", to);
        Assert.True(ping.ExitCode == 0, ping.ToString());
    }
}
