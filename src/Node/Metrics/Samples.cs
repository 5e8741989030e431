using System.Globalization;
using System.Text;

namespace AkkaOverlay.Node.Metrics;

/// <summary>What one look at the node gave, and its page in the Prometheus text format (version 0.0.4).</summary>
public sealed class Samples
{
    private readonly Dictionary<MetricFamily, List<(string[] Labels, double Value)>> rows = [];
    private readonly Dictionary<MetricFamily, List<(string[] Labels, HistogramCounts Counts)>> histograms = [];

    /// <param name="labels">A value for each of the family's labels.</param>
    public void Add(MetricFamily family, double value, params string[] labels)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, family.Labels.Length);
        if (!rows.TryGetValue(family, out var list))
            rows[family] = list = [];
        list.Add((labels, value));
    }

    public void Add(MetricFamily family, bool value, params string[] labels) => Add(family, value ? 1 : 0, labels);

    public void Add(MetricFamily family, HistogramCounts counts, params string[] labels)
    {
        if (!histograms.TryGetValue(family, out var list))
            histograms[family] = list = [];
        list.Add((labels, counts));
    }

    /// <summary>Families in the catalogue's order; those without a row are left out.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        foreach (var family in Catalogue.All)
        {
            if (rows.TryGetValue(family, out var list))
            {
                Head(text, family);
                foreach (var (labels, value) in list)
                    Row(text, family.Name, family.Labels, labels, value);
            }
            else if (histograms.TryGetValue(family, out var counts))
            {
                Head(text, family);
                foreach (var (labels, histogram) in counts)
                    Write(text, family, labels, histogram);
            }
        }
        return text.ToString();
    }

    private static void Head(StringBuilder text, MetricFamily family)
    {
        text.Append("# HELP ").Append(family.Name).Append(' ').Append(family.Help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings("\\n")).Append('\n');
        text.Append("# TYPE ").Append(family.Name).Append(' ').Append(family.Type.ToString().ToLowerInvariant()).Append('\n');
    }

    private static void Write(StringBuilder text, MetricFamily family, string[] labels, HistogramCounts counts)
    {
        string[] names = [.. family.Labels, "le"];
        long below = 0;
        for (int i = 0; i <= counts.Bounds.Count; i++)
        {
            below += counts.Buckets[i];
            Row(text, $"{family.Name}_bucket", names, [.. labels, i < counts.Bounds.Count ? Number(counts.Bounds[i]) : "+Inf"], below);
        }
        Row(text, $"{family.Name}_sum", family.Labels, labels, counts.Sum);
        Row(text, $"{family.Name}_count", family.Labels, labels, below);
    }

    private static void Row(StringBuilder text, string name, string[] names, string[] values, double value)
    {
        text.Append(name);
        for (int i = 0; i < names.Length; i++)
            text.Append(i == 0 ? '{' : ',').Append(names[i]).Append("=\"").Append(Escape(values[i])).Append('"');
        if (names.Length > 0)
            text.Append('}');
        text.Append(' ').Append(Number(value)).Append('\n');
    }

    private static string Escape(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Number(double value) => double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}

/// <param name="Bounds">Upper ends, ascending, without the infinite one.</param>
/// <param name="Buckets">How many were in each alone; one more than there are bounds.</param>
public sealed record HistogramCounts(IReadOnlyList<double> Bounds, IReadOnlyList<long> Buckets, double Sum);
