using System.Collections.Immutable;
using System.Globalization;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Metrics;

namespace AkkaOverlay.Node.Tests.Metrics;

/// <summary>The page's text, and what is on it.</summary>
public sealed class SamplesSpecs
{
    private readonly Samples samples = new();

    [Fact]
    public void A_family_has_its_help_and_type_once_and_then_its_rows()
    {
        samples.Add(Catalogue.ComponentReady, true, "lease");
        samples.Add(Catalogue.Ready, false);
        samples.Add(Catalogue.ComponentReady, false, "routes");
        Assert.Equal(
            """
            # HELP akka_overlay_ready 1 where every component is ready, as /ready says.
            # TYPE akka_overlay_ready gauge
            akka_overlay_ready 0
            # HELP akka_overlay_component_ready 1 where this component is ready.
            # TYPE akka_overlay_component_ready gauge
            akka_overlay_component_ready{component="lease"} 1
            akka_overlay_component_ready{component="routes"} 0

            """,
            samples.ToText());
    }

    [Fact]
    public void A_histogram_s_buckets_count_everything_below_them()
    {
        samples.Add(Catalogue.RepairTime, new HistogramCounts([0.1, 1], [3, 2, 1], 4.5));
        Assert.EndsWith(
            """
            # TYPE akka_overlay_repair_seconds histogram
            akka_overlay_repair_seconds_bucket{le="0.1"} 3
            akka_overlay_repair_seconds_bucket{le="1"} 5
            akka_overlay_repair_seconds_bucket{le="+Inf"} 6
            akka_overlay_repair_seconds_sum 4.5
            akka_overlay_repair_seconds_count 6

            """,
            samples.ToText(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_s_value_may_hold_anything()
    {
        samples.Add(Catalogue.ComponentReady, true, "a\"b\\c\nd");
        Assert.Contains("{component=\"a\\\"b\\\\c\\nd\"} 1\n", samples.ToText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1, "0.1")]
    [InlineData(1234567890123, "1234567890123")]
    [InlineData(1.5E+20, "1.5E+20")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NaN, "NaN")]
    public void Numbers_are_written_as_Go_reads_them_in_every_culture(double value, string text)
    {
        CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
        samples.Add(Catalogue.Leases, value);
        Assert.EndsWith($"akka_overlay_leases {text}\n", samples.ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_thousand_peers_make_a_page_of_few_rows_and_name_those_in_trouble()
    {
        KernelSamples.Add(samples, [.. Enumerable.Range(0, 1000).Select(n => Peer(n, n % 10 == 0 ? "route missing" : "ok"))]);
        KernelSamples.Add(samples, [.. Enumerable.Range(0, 3000).Select(n => new ObjectStatus(n % 3 == 0 ? "route" : "fdb", $"{n}", "a", "a", n < 6 ? "differs" : "ok"))]);
        string page = samples.ToText();
        Assert.Contains("akka_overlay_peers{back_end=\"vxlan\",state=\"ok\"} 900\n", page, StringComparison.Ordinal);
        Assert.Contains("akka_overlay_peers{back_end=\"vxlan\",state=\"missing\"} 100\n", page, StringComparison.Ordinal);
        Assert.Contains("akka_overlay_kernel_objects{kind=\"route\",state=\"differs\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("akka_overlay_kernel_objects{kind=\"route\",state=\"failed\"} 0\n", page, StringComparison.Ordinal);
        Assert.Equal(KernelSamples.MostProblems, page.Split('\n').Count(line => line.StartsWith("akka_overlay_peer_problem{", StringComparison.Ordinal)));
        Assert.Contains("akka_overlay_peer_problem{peer=\"host000\",subnet=\"10.0.0.0/24\",state=\"missing\"} 1\n", page, StringComparison.Ordinal);
        Assert.True(page.Length < 4_000, $"{page.Length}");
    }

    [Fact]
    public void Forwarders_have_a_row_for_every_reason_from_the_start()
    {
        ForwarderSamples.Add(samples, ForwarderStatus.None with
        {
            Device = "flannel0",
            Queues = 2,
            Serving = 1,
            Totals = new ForwarderTotals(
                ImmutableDictionary<ForwarderCount, long>.Empty.Add(ForwarderCount.SentBytes, 5_000_000_000),
                ImmutableDictionary<ForwarderDrop, long>.Empty.Add(ForwarderDrop.NoRoute, 7)),
        });
        string page = samples.ToText();
        Assert.Contains("akka_overlay_forwarder_drops_total{reason=\"no_route\"} 7\n", page, StringComparison.Ordinal);
        Assert.All(Enum.GetValues<ForwarderDrop>(), reason => Assert.Contains($"reason=\"{ClusterSamples.Snake(reason.ToString())}\"", page, StringComparison.Ordinal));
        Assert.Contains("akka_overlay_forwarder_bytes_total{direction=\"sent\"} 5000000000\n", page, StringComparison.Ordinal);
        Assert.Contains("akka_overlay_forwarder_queues{state=\"not_served\"} 1\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_outside_the_cluster_says_so()
    {
        ClusterSamples.Add(samples, null, [], 0);
        ClusterSamples.Add(samples, table: null);
        string page = samples.ToText();
        Assert.Contains("akka_overlay_cluster_up 0\n", page, StringComparison.Ordinal);
        Assert.Contains("akka_overlay_cluster_members{status=\"weakly_up\"} 0\n", page, StringComparison.Ordinal);
        Assert.Contains("akka_overlay_allocator 0\n", page, StringComparison.Ordinal);
        Assert.DoesNotContain("akka_overlay_pool_subnets", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_process_is_this_one()
    {
        ProcessSamples.Add(samples);
        string page = samples.ToText();
        Assert.Matches("process_open_fds [1-9][0-9]+\n", page);
        Assert.Matches("process_max_fds ([1-9][0-9]+|\\+Inf)\n", page);
        Assert.Matches("process_cpu_seconds_total [0-9.]+\n", page);
    }

    private static PeerModel Peer(int n, string state) => new($"10.0.{n}.0/24", $"{n}", $"host{n:000}", null, "vxlan", "", state, null);
}
