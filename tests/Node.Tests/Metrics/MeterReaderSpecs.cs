using System.Diagnostics.Metrics;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Node.Metrics;

namespace AkkaOverlay.Node.Tests.Metrics;

/// <summary>A meter of each test's own: the product's is one for the process.</summary>
public sealed class MeterReaderSpecs : IDisposable
{
    private readonly Meter meter = new($"test {Guid.NewGuid()}");

    public void Dispose() => meter.Dispose();

    [Fact]
    public void What_is_counted_is_added_up_by_label()
    {
        using var reader = new MeterReader(meter.Name);
        var repairs = meter.CreateCounter<long>(Catalogue.Repairs.Name);
        repairs.Add(1, new KeyValuePair<string, object?>("kind", "route"));
        repairs.Add(2, new KeyValuePair<string, object?>("kind", "route"));
        repairs.Add(1, new KeyValuePair<string, object?>("kind", "fdb"));
        string page = Page(reader);
        Assert.Contains("akka_overlay_repairs_total{kind=\"route\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("akka_overlay_repairs_total{kind=\"fdb\"} 1\n", page, StringComparison.Ordinal);
        // Nothing was repaired of this kind, and that can be asked.
        Assert.Contains("akka_overlay_repairs_total{kind=\"rule\"} 0\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Observations_fall_into_the_instrument_s_own_buckets()
    {
        using var reader = new MeterReader(meter.Name);
        var writes = meter.CreateHistogram(Catalogue.JournalWrite.Name, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        foreach (double seconds in new[] { 0.05, 0.1, 0.5, 7 })
            writes.Record(seconds);
        string page = Page(reader);
        Assert.Contains("_bucket{le=\"0.1\"} 2\n", page, StringComparison.Ordinal);
        Assert.Contains("_bucket{le=\"1\"} 3\n", page, StringComparison.Ordinal);
        Assert.Contains("_bucket{le=\"+Inf\"} 4\n", page, StringComparison.Ordinal);
        Assert.Contains("_sum 7.65\n", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_count_together()
    {
        using var reader = new MeterReader(meter.Name);
        var joins = meter.CreateCounter<long>(Catalogue.ClusterJoins.Name);
        Parallel.For(0, 1000, _ => joins.Add(1));
        Assert.Contains("akka_overlay_cluster_joins_total 1000\n", Page(reader), StringComparison.Ordinal);
    }

    /// <summary>What the product counts is what the page knows, before anything has happened.</summary>
    [Fact]
    public void Every_instrument_of_the_product_is_on_the_page()
    {
        using var reader = new MeterReader();
        OverlayMeter.ActorRestarted("host", "some/actor", 0);
        string page = Page(reader);
        var published = new List<string>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => { if (instrument.Meter.Name == OverlayMeter.Name) published.Add(instrument.Name); } };
        listener.Start();
        Assert.Equal(9, published.Count);
        Assert.All(published, name => Assert.Contains($"# TYPE {name} ", page, StringComparison.Ordinal));
    }

    private static string Page(MeterReader reader)
    {
        var samples = new Samples();
        reader.AddTo(samples);
        return samples.ToText();
    }
}
