namespace AkkaOverlay.Node.Metrics;

/// <summary>Of the Prometheus text format.</summary>
public enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One metric with all its rows.</summary>
/// <param name="Name">Base unit and, of a counter, "_total" at its end; never changed once it is released.</param>
/// <param name="Help">One line for people.</param>
/// <param name="Labels">In the order in which values are given.</param>
public sealed record MetricFamily(string Name, MetricType Type, string Help, params string[] Labels)
{
    /// <summary>Rows that are there from the start with 0, so that the first event is seen as an increase.</summary>
    public IReadOnlyList<string[]> FromStart { get; init; } = Labels.Length == 0 ? [[]] : [];
}
