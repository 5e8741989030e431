using System.Diagnostics.Metrics;
using AkkaOverlay.Actors.Metrics;

namespace AkkaOverlay.Node.Metrics;

/// <summary>
/// Adds up what <see cref="OverlayMeter"/> counts, from the moment it is made. One for a process: what was counted before is lost.
/// </summary>
public sealed class MeterReader : IDisposable
{
    private static readonly Dictionary<string, MetricFamily> Families = Catalogue.All.ToDictionary(family => family.Name);

    private readonly Lock gate = new();
    private readonly MeterListener listener = new();
    private readonly Dictionary<MetricFamily, Dictionary<string, (string[] Labels, long Value)>> counters = [];
    private readonly Dictionary<MetricFamily, Histogram> histograms = [];

    /// <param name="meter">Another meter's name, for tests.</param>
    public MeterReader(string meter = OverlayMeter.Name)
    {
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name != meter || !Families.TryGetValue(instrument.Name, out var family))
                return;
            Begin(family, instrument);
            listening.EnableMeasurementEvents(instrument, family);
        };
        listener.SetMeasurementEventCallback<long>((_, more, tags, state) => Count((MetricFamily)state!, more, tags));
        listener.SetMeasurementEventCallback<double>((_, value, _, state) => Observe((MetricFamily)state!, value));
        // A meter that nobody has used yet has published nothing.
        System.Runtime.CompilerServices.RuntimeHelpers.RunClassConstructor(typeof(OverlayMeter).TypeHandle);
        listener.Start();
    }

    public void AddTo(Samples samples)
    {
        lock (gate)
        {
            foreach (var (family, rows) in counters)
            {
                foreach (var (labels, value) in rows.Values.OrderBy(row => string.Join('\0', row.Labels), StringComparer.Ordinal))
                    samples.Add(family, value, labels);
            }
            foreach (var (family, histogram) in histograms)
                samples.Add(family, new HistogramCounts(histogram.Bounds, [.. histogram.Buckets], histogram.Sum));
        }
    }

    public void Dispose() => listener.Dispose();

    private void Begin(MetricFamily family, Instrument instrument)
    {
        lock (gate)
        {
            if (instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds })
                histograms.TryAdd(family, new Histogram([.. bounds]));
            else
                counters.TryAdd(family, family.FromStart.ToDictionary(KeyOf, labels => (labels, 0L)));
        }
    }

    private void Count(MetricFamily family, long more, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = new string[family.Labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = "";
            foreach (var (name, value) in tags)
            {
                if (name == family.Labels[i])
                    labels[i] = value?.ToString() ?? "";
            }
        }
        lock (gate)
        {
            string key = KeyOf(labels);
            long before = counters[family].TryGetValue(key, out var row) ? row.Value : 0;
            counters[family][key] = (labels, before + more);
        }
    }

    private void Observe(MetricFamily family, double value)
    {
        lock (gate)
            histograms[family].Add(value);
    }

    private static string KeyOf(string[] labels) => string.Join('\0', labels);

    private sealed class Histogram(double[] bounds)
    {
        public double[] Bounds => bounds;

        public long[] Buckets { get; } = new long[bounds.Length + 1];

        public double Sum { get; private set; }

        /// <summary>A bucket holds what is at most its bound.</summary>
        public void Add(double value)
        {
            int place = Array.BinarySearch(bounds, value);
            Buckets[place < 0 ? ~place : place]++;
            Sum += value;
        }
    }
}
