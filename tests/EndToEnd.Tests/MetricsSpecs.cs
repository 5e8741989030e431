using System.Diagnostics;
using System.Net.Sockets;
using AkkaOverlay.Node.Lab;
using Xunit.Abstractions;
using static AkkaOverlay.EndToEnd.Tests.OverlayLab;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>The page of metrics of real nodes, in the eyes of Prometheus's own tools.</summary>
public sealed class MetricsSpecs(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("vxlan", """{"Type":"vxlan"}""", "akka_overlay_kernel_objects{kind=\"fdb\",state=\"ok\"} 1")]
    [InlineData("host-gw", """{"Type":"host-gw"}""", "akka_overlay_peers{back_end=\"host-gw\",state=\"ok\"} 1")]
    [InlineData("udp", """{"Type":"udp"}""", "akka_overlay_forwarder_drops_total{reason=\"spoofed\"} 0")]
    [InlineData("alloc", """{"Type":"alloc"}""", "akka_overlay_leases 2")]
    public async Task Promtool_accepts_the_page_with_every_back_end(string name, string backEnd, string line)
    {
        using var lab = Prepare(output, 2, $$"""{"Network":"10.244.0.0/16","Backend":{{backEnd}}}""");
        await lab.Run(async () =>
        {
            foreach (var host in lab.Hosts)
                host.Start();
            foreach (var host in lab.Hosts)
                await host.WaitReadyAsync(TimeSpan.FromSeconds(60));
            string page = "";
            // A host that is ready may be joining still in the cluster's eyes: its lease is older than its membership.
            string[] last = [line, "akka_overlay_cluster_members{status=\"up\"} 2"];
            await Eventually($"{name}: {string.Join(", ", last)}", async () =>
            {
                page = await PageAsync(lab[1]);
                return last.All(wanted => page.Contains($"\n{wanted}\n", StringComparison.Ordinal));
            }, Patience, TimeSpan.FromMilliseconds(500));
            await AssertPromtoolTakesAsync(page);
            await AssertPromtoolTakesAsync(await PageAsync(lab[2]));
            Assert.All(new[] { "host", "kernel", "forwarders", "cluster", "process" }, source => Assert.Contains($"akka_overlay_scrape_source_up{{source=\"{source}\"}} 1\n", page, StringComparison.Ordinal));
            Assert.Equal(1, Value(page, "akka_overlay_allocator"));
            Assert.Equal(2, Value(page, "akka_overlay_pool_subnets{family=\"ipv4\",state=\"leased\"}"));
            Assert.Equal(253, Value(page, "akka_overlay_pool_subnets{family=\"ipv4\",state=\"free\"}"));
            Assert.True(Value(page, "akka_overlay_journal_write_seconds_count") >= 3);
            Assert.True(Value(page, "akka_overlay_feed_age_seconds") < 10);
            Assert.Equal(0, Value(await PageAsync(lab[2]), "akka_overlay_allocator"));
            // Every actor that serves the host has its row before it has ever failed.
            Assert.All(
                new[] { "network/route-manager", "network/tunnel-manager", "forwarders", "overlay" },
                actor => Assert.Equal(0, Value(page, $"akka_overlay_actor_restarts_total{{system=\"host\",actor=\"{actor}\"}}")));
            Assert.All(
                new[] { "claimant", "lease-feed", "guard", "allocator/singleton/allocator" },
                actor => Assert.Equal(0, Value(page, $"akka_overlay_actor_restarts_total{{system=\"overlay\",actor=\"{actor}\"}}")));
            output.WriteLine(page);
        });
    }

    [Fact]
    public async Task A_page_that_is_wrong_would_be_refused() =>
        Assert.NotEqual(0, (await PromtoolAsync("# HELP akka_overlay_repairs Not a name for a counter.\n# TYPE akka_overlay_repairs counter\nakka_overlay_repairs 1\n")).ExitCode);

    [Fact]
    public async Task A_real_Prometheus_scrapes_three_hosts_and_knows_their_leases()
    {
        using var lab = await StartAsync(output, 3);
        await lab.Run(async () =>
        {
            var relays = lab.Hosts.Select(host => new SocketRelay(Path.Combine(host.RunDirectory, "api.sock"))).ToList();
            try
            {
                using var prometheus = new PrometheusServer(relays.Select(relay => relay.Address), Repository.File("config/prometheus/alerts.yml"));
                await prometheus.AwaitAsync("akka_overlay_leases", rows: 3, value: 3);
                await prometheus.AwaitAsync("up", rows: 3, value: 1);
                await prometheus.AwaitAsync("sum(akka_overlay_allocator)", rows: 1, value: 1);
                await prometheus.AwaitAsync("sum by (instance) (akka_overlay_peers{state=\"ok\"})", rows: 3, value: 2);
                // Where the allocator's host was not the first to be scraped, there was none for a moment.
                await Eventually(
                    "every rule could be evaluated, and none has anything to say",
                    async () => (await Rules(prometheus)).All(rule => rule is { Health: "ok", State: "inactive" }), Patience, TimeSpan.FromMilliseconds(500));
                // A host that dies is seen by those that live.
                lab[3].Kill();
                await prometheus.AwaitAsync("max(max_over_time(akka_overlay_cluster_unreachable_members[2m]))", rows: 1, value: 1);
                await Eventually("the alert of the lost host", async () => (await Rules(prometheus)).Any(rule => rule is { Name: "AkkaOverlayNoMetrics", State: "pending" }), Patience, TimeSpan.FromMilliseconds(500));
            }
            finally
            {
                relays.ForEach(relay => relay.Dispose());
            }
        });
    }

    [Fact]
    public async Task A_deleted_route_is_a_repair_with_its_time()
    {
        using var lab = await StartAsync(output, 2);
        await lab.Run(async () =>
        {
            string before = await PageAsync(lab[1]);
            Assert.Equal(0, Value(before, "akka_overlay_repairs_total{kind=\"route\"}"));
            await Command.Run(lab[1].Host, "ip", "route", "del", await Subnet(lab[2]));
            string page = "";
            await Eventually("the repair is counted", async () => Value(page = await PageAsync(lab[1]), "akka_overlay_repairs_total{kind=\"route\"}") == 1, Patience, TimeSpan.FromMilliseconds(500));
            Assert.Equal(1, Value(page, "akka_overlay_repair_seconds_count"));
            double took = Value(page, "akka_overlay_repair_seconds_sum");
            Assert.InRange(took, 0.001, 5);
            lab.Measured($"a deleted route was back after {took * 1000:0} ms, as the page says");
        });
    }

    /// <summary>What the page says of packets is what was sent.</summary>
    [Fact]
    public async Task Forwarded_packets_are_counted_with_their_octets()
    {
        // Probes are packets, too, and large ones.
        using var lab = await StartAsync(output, 2, """{"Network":"10.244.0.0/16","Backend":{"Type":"udp"}}""", 1, "--probes", "off");
        await lab.Run(async () =>
        {
            string before = await PageAsync(lab[1]);
            for (int i = 0; i < 10; i++)
                Assert.NotNull(await lab[1].Pinger.PingAsync(lab[2].ContainerAddress!, TimeSpan.FromSeconds(2), payload: 100));
            string after = before;
            await Eventually("ten packets went and came", () => Grew("packets", "sent", 10, 20) && Grew("packets", "received", 10, 20), async () => after = await PageAsync(lab[1]));
            // 20 octets of IPv4 and 8 of ICMP each.
            Assert.True(Grew("bytes", "sent", 1280, 3000), after);

            bool Grew(string what, string direction, double least, double most)
            {
                string series = $"akka_overlay_forwarder_{what}_total{{direction=\"{direction}\"}}";
                double more = Value(after, series) - Value(before, series);
                return more >= least && more <= most;
            }
        });

        static Task Eventually(string what, Func<bool> isSo, Func<Task> look) => OverlayLab.Eventually(
            what,
            async () =>
            {
                await look();
                return isSo();
            },
            Patience,
            TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public async Task The_alert_rules_are_sound_and_say_what_they_must()
    {
        string rules = Repository.File("config/prometheus/alerts.yml");
        var check = await Command.Run(null, "promtool", "check", "rules", rules);
        Assert.True(check.ExitCode == 0, check.ToString());
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(Repository.File("tests/EndToEnd.Tests/alerts-test.yml"))).Replace("RULES", rules, StringComparison.Ordinal));
            var test = await Command.Run(null, "promtool", "test", "rules", file);
            Assert.True(test.ExitCode == 0, test.ToString());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<IReadOnlyList<(string Name, string State, string Health)>> Rules(PrometheusServer prometheus) =>
    [
        .. (await prometheus.GetAsync("api/v1/rules")).GetProperty("groups").EnumerateArray()
            .SelectMany(group => group.GetProperty("rules").EnumerateArray())
            .Select(rule => (rule.GetProperty("name").GetString()!, rule.GetProperty("state").GetString()!, rule.GetProperty("health").GetString()!)),
    ];

    internal static async Task<string> PageAsync(LabHost host)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancel) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(Path.Combine(host.RunDirectory, "api.sock")), cancel);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        using var answer = await http.GetAsync(new Uri("http://akka-overlay/metrics"));
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        return await answer.Content.ReadAsStringAsync();
    }

    internal static double Value(string page, string series) => double.Parse(
        page.Split('\n').Single(line => line.StartsWith($"{series} ", StringComparison.Ordinal))[(series.Length + 1)..], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task AssertPromtoolTakesAsync(string page)
    {
        var result = await PromtoolAsync(page);
        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Equal("", result.Output + result.Error);
    }

    private static async Task<CommandResult> PromtoolAsync(string page)
    {
        using var promtool = Process.Start(new ProcessStartInfo("promtool", ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = promtool.StandardOutput.ReadToEndAsync();
        var complained = promtool.StandardError.ReadToEndAsync();
        await promtool.StandardInput.WriteAsync(page);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync().WaitAsync(Patience);
        return new CommandResult(promtool.ExitCode, await said, await complained);
    }
}
