using System.Globalization;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>A result for people: tables for the screen and for docs/.</summary>
internal static class ForwardingReport
{
    public static string Table(Results results, IReadOnlyList<Contender> contenders, Wire wire)
    {
        var lines = new List<string>
        {
            $"| {wire.ToString().ToLowerInvariant()} wire | {string.Join(" | ", contenders.Select(contender => contender.Name))} |",
            $"|---|{string.Concat(contenders.Select(_ => "---|"))}",
        };
        foreach (var figure in Enum.GetValues<Figure>())
            lines.Add($"| {figure.Title()} | {string.Join(" | ", contenders.Select(contender => Cell(results, wire, contender, figure)))} |");
        return string.Join('\n', lines);
    }

    /// <summary>Goal by goal, whether it is reached.</summary>
    public static IEnumerable<string> Goals(Results results)
    {
        foreach (var goal in Goal.All)
        {
            double? value = goal.IsRatio ? results.Ratio(goal.Wire, goal.Contender, goal.Figure) : results.Median(goal.Wire, goal.Contender, goal.Figure);
            if (value is { } measured)
                yield return string.Create(CultureInfo.InvariantCulture, $"| {goal.Contender} | {goal.Wire.ToString().ToLowerInvariant()} | {goal.Figure.Title()} | {goal.Text} | {measured:0.00} | {goal.Judge(measured)} |");
        }
    }

    /// <summary>Writes docs/benchmarks.md of this source tree.</summary>
    public static string Write(Results results, IReadOnlyList<Contender> contenders, int rounds, double seconds, string? tricks)
    {
        string path = SourceTree.File("docs/benchmarks.md");
        string kernel = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"""
            # What the packets cost

            Two hosts (network namespaces) on one cable, on each a container behind a bridge; the product runs on both. From container to container, each way to carry packets in turn, {rounds} rounds on each wire, {seconds:0.#} s a
            measurement; medians, and in brackets the median of the ratios to kernel vxlan in the same round: the machine is shared and noisy, so believe the ratios. *Packet wire*: MTU-sized packets cross the cable one
            by one, as on a network card without tunnel offloads. *Super wire*: packets of 64 KiB cross it whole, a veth as it comes. UDP is one sending and one receiving thread with a system call a packet. In a round trip each host,
            its node and its container, has a processor of its own, since two hosts share none; for the same reason kernel.sched_autogroup_enabled is 0 meanwhile (with 1 the kernel gives each
            session, and so each of the two nodes, a share of the same two processors: one TCP stream by udp was 0.7 × vxlan then, in a run of its own). CPU seconds are those of the two nodes' processes; what the kernel does for
            vxlan and host-gw is nobody's. Written by `dotnet run -c Release --project tests/Benchmarks -- forwarding --rounds {rounds} --write`.

            - Machine: {Environment.ProcessorCount} CPUs, which senders, receivers and both hosts share
            - Kernel: {kernel}
            - Date: {DateTime.UtcNow:yyyy-MM-dd}

            {string.Join("\n\n", Enum.GetValues<Wire>().Select(wire => Table(results, contenders, wire)))}

            | goals: of | wire | figure | at least / aim | measured | |
            |---|---|---|---|---|---|
            {string.Join('\n', Goals(results))}

            {tricks}
            """));
        return path;
    }

    private static string Cell(Results results, Wire wire, Contender contender, Figure figure)
    {
        if (results.Median(wire, contender.Name, figure) is not { } median)
            return "";
        string value = median.ToString(figure is Figure.CpuSecondsPerGb ? "0.00" : median < 20 ? "0.0" : "0", CultureInfo.InvariantCulture);
        return contender.Name == Contender.Reference || figure == Figure.CpuSecondsPerGb ? value
            : string.Create(CultureInfo.InvariantCulture, $"{value} ({results.Ratio(wire, contender.Name, figure):0.00})");
    }
}

/// <summary>What was set as a goal for the udp back end.</summary>
/// <param name="Least">Must be reached; for what shall be small, the most.</param>
internal sealed record Goal(Wire Wire, string Contender, Figure Figure, double Least, double Aim, bool IsRatio = true, bool Small = false)
{
    public static readonly IReadOnlyList<Goal> All =
    [
        new(Wire.Packet, "udp", Figure.Tcp1, 0.9, 1.0),
        new(Wire.Packet, "udp", Figure.Tcp8, 0.9, 1.0),
        new(Wire.Packet, "udp", Figure.Udp64, 1.8, 2.3),
        new(Wire.Packet, "udp", Figure.Udp1400, 1.8, 2.3),
        new(Wire.Packet, "udp", Figure.Udp64Careful, 1.0, 1.2),
        new(Wire.Packet, "udp", Figure.RoundTripP50, 1.4, 1.4, Small: true),
        new(Wire.Super, "udp", Figure.Tcp1, 0.65, 0.8),
        new(Wire.Super, "udp", Figure.CpuSecondsPerGb, 1.2, 1.2, IsRatio: false, Small: true),
        new(Wire.Super, "udp", Figure.RoundTripP50, 1.4, 1.4, Small: true),
        new(Wire.Super, "udp, spinning", Figure.RoundTripP50, 0.6, 0.6, Small: true),
        new(Wire.Packet, "udp, spinning", Figure.RoundTripP50, 0.6, 0.6, Small: true),
        new(Wire.Packet, "udp, aes-256-gcm", Figure.Tcp1, 0.35, 0.35),
    ];

    public string Text => string.Create(CultureInfo.InvariantCulture, $"{(Small ? "≤" : "≥")} {Least}{(Aim == Least ? "" : $" / {Aim}")}{(IsRatio ? " × vxlan" : "")}");

    public string Judge(double value)
    {
        bool least = Small ? value <= Least : value >= Least, aim = Small ? value <= Aim : value >= Aim;
        return aim ? "reached" : least ? "reached, not the aim" : "MISSED";
    }
}
