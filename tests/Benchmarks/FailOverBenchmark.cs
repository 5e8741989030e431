using System.Globalization;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Benchmarks;

/// <summary>Takes the allocator's host away again and again, in turn by each kind of loss, and sums up what that cost.</summary>
internal static class FailOverBenchmark
{
    private const int Hosts = 5, Core = 3;

    public static async Task<IReadOnlyDictionary<Loss, List<FailOverResult>>> Run(int runs, Action<string> say, CancellationToken cancel)
    {
        using var network = LabNetwork.Create(new LabSettings { CoreHosts = Core, Executable = SourceTree.Executable });
        await new LabBringUp(network, Hosts, (_, _, _) => { }).RunAsync(LabSettings.ReadyTimeout(Hosts), cancel);
        var results = Enum.GetValues<Loss>().ToDictionary(loss => loss, _ => new List<FailOverResult>());
        for (int run = 0; run < runs; run++)
        {
            foreach (var loss in Enum.GetValues<Loss>())
            {
                var result = await new FailOver(network, _ => { }).RunAsync(loss, cancel);
                results[loss].Add(result);
                say(string.Create(CultureInfo.InvariantCulture,
                    $"{loss}: granted after {result.Granted.TotalSeconds:0.0} s, back after {result.Back.TotalSeconds:0.0} s, {result.LostPings} of {result.Sent} pings lost{(result.SameSubnet ? "" : ", ANOTHER SUBNET")}"));
            }
        }
        return results;
    }

    public static IEnumerable<string> Lines(IReadOnlyDictionary<Loss, List<FailOverResult>> results) =>
        results.Select(kind => $"measured: fail-over, {Name(kind.Key)}: {string.Join(", ", Row(kind.Value))}");

    /// <summary>Writes docs/benchmarks-fail-over.md of this source tree.</summary>
    public static string Write(IReadOnlyDictionary<Loss, List<FailOverResult>> results)
    {
        string path = SourceTree.File("docs/benchmarks-fail-over.md");
        int runs = results.Values.First().Count;
        string rows = string.Join('\n', results.Select(kind => $"| {Name(kind.Key)} | {string.Join(" | ", Row(kind.Value).Select(cell => cell[(cell.IndexOf(' ', StringComparison.Ordinal) + 1)..]))} |"));
        string all = string.Join('\n', results.Select(kind =>
            $"- {Name(kind.Key)}: {string.Join(", ", kind.Value.Select(result => result.Granted).Order().Select(Seconds))}"));
        File.WriteAllText(path, $"""
            # What the loss of the allocator's host costs

            {Hosts} hosts on one machine, {Core} of them the core; every 10 ms a ping from every other container to every container, the lost host's own included. {runs} times by each kind of loss, in turn. *Granted*: from the
            loss until a host that is started at the same moment has its lease, its own start (about 1.5 s) included; after a graceful stop it may be the former allocator that granted, before its hand-over. *Back*: from the restart (or the end of the pause or the cut) until the lost host is ready and a member again. Goal: 15 s at the 99th percentile. Written by
            `dotnet run -c Release --project tests/Benchmarks -- fail-over --runs {runs} --write`.

            - Machine: {Environment.ProcessorCount} CPUs, shared by all hosts of the lab
            - Date: {DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}

            | loss | least | median | p90 | greatest | back, median | pings | lost |
            |---|---|---|---|---|---|---|---|
            {rows}

            Every run, seconds until granted:

            {all}

            """);
        return path;
    }

    private static string[] Row(List<FailOverResult> results)
    {
        var granted = results.Select(result => result.Granted).Order().ToList();
        var back = results.Select(result => result.Back).Order().ToList();
        return
        [
            $"least {Seconds(granted[0])} s",
            $"median {Seconds(granted[granted.Count / 2])} s",
            $"p90 {Seconds(granted[(int)Math.Ceiling(granted.Count * 0.9) - 1])} s",
            $"greatest {Seconds(granted[^1])} s",
            $"back {Seconds(back[back.Count / 2])} s",
            $"pings {results.Sum(result => result.Sent)}",
            $"lost {results.Sum(result => result.LostPings)}",
        ];
    }

    private static string Name(Loss loss) => loss switch { Loss.Kill => "kill -9", Loss.Pause => "pause (SIGSTOP)", Loss.Cut => "cut off", _ => "graceful stop" };

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
}
