namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>Container to container across two hosts, by each contender in turn, round after round, on both wires.</summary>
internal static class ForwardingBenchmark
{
    public static async Task<Results> Run(
        IReadOnlyList<Contender> contenders, IReadOnlyList<Wire> wires, IReadOnlySet<Figure> figures, int rounds, double seconds, Action<string> say, CancellationToken cancel)
    {
        string executable = SourceTree.Executable;
        using var oneGroup = new OneSchedulerGroup();
        var pairs = new List<BenchPair>();
        var results = new Results();
        try
        {
            foreach (var contender in contenders)
                pairs.Add(await BenchPair.StartAsync(contender, executable, cancel));
            say("Warming up");
            pairs.ForEach(pair => pair.WarmUp());
            foreach (var wire in wires)
            {
                for (int round = 1; round <= rounds; round++)
                {
                    say($"{wire} wire, round {round} of {rounds}");
                    foreach (var pair in pairs)
                    {
                        cancel.ThrowIfCancellationRequested();
                        pair.Measure(wire, figures, seconds, results, say);
                    }
                }
            }
            return results;
        }
        finally
        {
            pairs.ForEach(pair => pair.Dispose());
        }
    }
}
