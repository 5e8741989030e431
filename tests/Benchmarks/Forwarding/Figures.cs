namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>What is measured.</summary>
internal enum Figure
{
    Tcp1,
    Tcp8,
    Udp64,
    Udp1400,

    /// <summary>Packets of 64 octets a second that arrive while at most one in 200 is lost.</summary>
    Udp64Careful,

    RoundTripP50,
    RoundTripP99,

    /// <summary>Of both nodes' processes together, for a GB that arrives by one TCP stream.</summary>
    CpuSecondsPerGb,
}

internal static class FigureText
{
    public static string Title(this Figure figure) => figure switch
    {
        Figure.Tcp1 => "TCP, 1 stream, Gbit/s",
        Figure.Tcp8 => "TCP, 8 streams, Gbit/s",
        Figure.Udp64 => "UDP 64 B at full blast, thousand received/s",
        Figure.Udp1400 => "UDP 1,400 B at full blast, thousand received/s",
        Figure.Udp64Careful => "UDP 64 B at 0.5 % loss at most, thousand/s",
        Figure.RoundTripP50 => "round trip p50, µs",
        Figure.RoundTripP99 => "round trip p99, µs",
        _ => "CPU seconds per GB in the nodes",
    };
}

/// <summary>Results of one contender on one wire, a list of rounds for each figure.</summary>
internal sealed class Results
{
    private readonly Dictionary<(Wire Wire, string Contender, Figure Figure), List<double>> values = [];

    public void Add(Wire wire, string contender, Figure figure, double value)
    {
        if (!values.TryGetValue((wire, contender, figure), out var list))
            values[(wire, contender, figure)] = list = [];
        list.Add(value);
    }

    /// <summary>Median of the rounds; null where it was not measured.</summary>
    public double? Median(Wire wire, string contender, Figure figure) => values.TryGetValue((wire, contender, figure), out var list) ? Middle(list) : null;

    /// <summary>Median of each round's ratio to the reference in the same round.</summary>
    public double? Ratio(Wire wire, string contender, Figure figure)
    {
        if (!values.TryGetValue((wire, contender, figure), out var list) || !values.TryGetValue((wire, Contender.Reference, figure), out var reference))
            return null;
        return Middle([.. list.Zip(reference, (value, other) => other == 0 ? double.NaN : value / other)]);
    }

    private static double Middle(List<double> list)
    {
        var sorted = list.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
    }
}
