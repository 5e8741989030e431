using System.Diagnostics;
using AkkaOverlay.Fuzz.Mutation;

namespace AkkaOverlay.Fuzz.Engine;

/// <summary>
/// Mutates a target's samples until time is up or an input does harm. An input with an outcome not seen before joins the samples, so that mutations
/// build on each other. All choices come from the seed.
/// </summary>
internal sealed class Fuzzer(FuzzTarget target, int seed)
{
    private const int MostKept = 2000;

    /// <summary>An input that takes longer than this is not waited for: the parser hangs.</summary>
    private static readonly TimeSpan Patience = Harness.MostTime * 2;

    private readonly Mutator mutator = new(target.Shape, new Random(seed));
    private readonly List<byte[]> corpus = [.. target.Samples];
    private readonly HashSet<int> outcomes = [];
    private byte[] current = [];
    private long startedAt = Stopwatch.GetTimestamp();
    private long inputs;
    private Finding? found;

    public FuzzResult Run(TimeSpan duration)
    {
        var clock = Stopwatch.StartNew();
        // A thread of its own, because one that hangs cannot be ended.
        var worker = new Thread(() => Work(duration, clock)) { IsBackground = true, Name = $"fuzz {target.Name}" };
        worker.Start();
        while (!worker.Join(TimeSpan.FromMilliseconds(50)))
        {
            if (Stopwatch.GetElapsedTime(Volatile.Read(ref startedAt)) < Patience)
                continue;
            found = Report($"does not come to an end ({Patience.TotalSeconds:0} s)", Volatile.Read(ref current));
            break;
        }
        return new FuzzResult(target.Name, Interlocked.Read(ref inputs), clock.Elapsed.TotalSeconds, outcomes.Count, found);
    }

    private void Work(TimeSpan duration, Stopwatch clock)
    {
        foreach (byte[] sample in target.Samples)
        {
            found = TakeGenuine(sample);
            if (found is not null)
                return;
        }
        while (clock.Elapsed < duration)
        {
            byte[] input = mutator.Next(corpus, target.Samples.Count);
            if (Try(input, out int outcome) is { } wrong)
            {
                found = Report(wrong, input);
                return;
            }
            if (outcomes.Add(outcome) && corpus.Count < MostKept)
                corpus.Add(input);
        }
    }

    private Finding? TakeGenuine(byte[] sample)
    {
        if (Try(sample, out int outcome) is { } wrong)
            return Report($"a genuine input: {wrong}", sample);
        return outcome == 0 ? null : Report("a genuine input is refused", sample);
    }

    private string? Try(byte[] input, out int outcome)
    {
        Volatile.Write(ref current, input);
        Volatile.Write(ref startedAt, Stopwatch.GetTimestamp());
        Interlocked.Increment(ref inputs);
        string? wrong = Harness.Run(target, input, out outcome);
        // Time on a busy machine proves nothing: what is slow must be slow again.
        return wrong is null ? null : Harness.Run(target, input, out outcome);
    }

    private Finding Report(string what, byte[] input) => new(target.Name, seed, what, input);
}
