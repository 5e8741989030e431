using System.Globalization;
using static AkkaOverlay.Benchmarks.PeersResult;

namespace AkkaOverlay.Benchmarks;

/// <summary>A result for people: lines for the screen, a page for docs/.</summary>
internal static class Report
{
    private const double MiB = 1024 * 1024;

    public static IEnumerable<string> Lines(PeersResult result) =>
        Rows(result).Select(row => $"measured: {result.Count} peers: {row.What}: {row.Value}{(row.Goal is null ? "" : $" (goal {row.Goal})")}");

    /// <summary>Writes docs/benchmarks-control-plane.md of this source tree.</summary>
    public static string Write(PeersResult result)
    {
        string path = SourceTree.File("docs/benchmarks-control-plane.md");
        string rows = string.Join('\n', Rows(result).Select(row => $"| {row.What} | {row.Value} | {row.Goal} |"));
        File.WriteAllText(path, $"""
            # The control plane's cost

            One host with {result.Count} vxlan peers: a route, a neighbour and a forwarding entry each, {3 * result.Count} kernel objects. Medians of {result.Rounds} rounds, the product and iproute2
            in turn, everything removed between. Written by `dotnet run -c Release --project tests/Benchmarks -- peers --count {result.Count} --rounds {result.Rounds} --write`.

            - Machine: {Processor()}, {Environment.ProcessorCount} CPUs
            - Kernel: {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}
            - .NET: {Environment.Version}
            - Date: {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}

            | what | measured | goal |
            |---|---|---|
            {rows}

            - **product**: from the leases through planner and reconcilers to the last acknowledgement; the comparison with what is there counts.
            - **iproute2**: `bridge -batch` and `ip -batch` with files that are written before; both leave the same objects, by dump.
            - **audit**: the minute's comparison when nothing has changed.
            - **actors**: from the ledger in HostNetworkActor to a host that says it is ready.
            - **growth**: the same with a ledger for every single new lease, sent as fast as can be.
            - **repair**: from the start of `ip route flush proto 77` to the event of the last route that is back, by the real managers and monitor.
            - **memory**: with the peers minus without, each after a full collection, in a process that has done nothing else.

            Most of the time is the kernel's, in the routes: it looks for an equal next hop among all those of the same device, protocol and scope (fib_find_info,
            net/ipv4/fib_semantics.c), one by one, so that 20,000 peers take 14 times as long as 5,000, for the product (5.3 s) and for iproute2 (5.9 s). Nexthop
            objects (ip-nexthop(8)) do not have this: by `ip -batch` on this machine 5,000 of them with their routes took 163 ms instead of 379, 20,000 took 506 ms
            instead of 5.6 s.

            """);
        return path;
    }

    private static IEnumerable<(string What, string Value, string? Goal)> Rows(PeersResult result)
    {
        yield return ("product", Times(result.Product), null);
        yield return ("of it the planner", Times(result.Planning), null);
        yield return ("iproute2", Times(result.IpRoute2), null);
        yield return ("product / iproute2", Text($"{result.Ratio:F2}"), "≤ 1.0");
        yield return ("audit", Times(result.Audit), null);
        yield return ("allocated by product, by audit", Text($"{result.AllocatedByProduct / MiB:F1} MiB, {result.AllocatedByAudit / MiB:F1} MiB"), null);
        yield return ("actors", Text($"{result.Settled.TotalMilliseconds:F0} ms, the first time in this process"), null);
        yield return ("growth", Text($"{result.Grown.TotalMilliseconds:F0} ms"), null);
        yield return ("repair", Times(result.Repaired), "≤ 2,000 ms");
        yield return ("deletions in one repair", Text($"{result.Deleted}"), null);
        yield return ("memory", Text($"{result.Extra.Resident / MiB:F1} MiB resident, {result.Extra.Managed / MiB:F1} MiB of it managed; peak {result.Extra.Peak / MiB:F1} MiB higher"), "≤ 60 MiB for 5,000");
    }

    private static string Times(TimeSpan[] times) =>
        Text($"{Median(times).TotalMilliseconds:F0} ms ({times.Min().TotalMilliseconds:F0} to {times.Max().TotalMilliseconds:F0})");

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
