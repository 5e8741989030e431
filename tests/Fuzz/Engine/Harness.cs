using System.Diagnostics;

namespace AkkaOverlay.Fuzz.Engine;

/// <summary>Gives one input to a target and judges: an exception that is not allowed, too much memory, too much time.</summary>
internal static class Harness
{
    public const long MostOctets = 64 << 20;

    public static readonly TimeSpan MostTime = TimeSpan.FromSeconds(2);

    /// <param name="outcome">What the parser said, without the numbers in it: an input with a new outcome is worth mutating.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    public static string? Run(FuzzTarget target, byte[] input, out int outcome)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        long start = Stopwatch.GetTimestamp();
        string? wrong = null;
        outcome = 0;
        try
        {
            target.Parse(input);
        }
        catch (Exception thrown)
        {
            outcome = OutcomeOf(thrown);
            if (!target.Allows(thrown))
                wrong = thrown is BrokenPromiseException ? thrown.Message : $"{thrown.GetType()}: {thrown.Message}\n{thrown.StackTrace}";
        }
        long octets = GC.GetAllocatedBytesForCurrentThread() - before;
        var time = Stopwatch.GetElapsedTime(start);
        return wrong
            ?? (octets > MostOctets ? $"took {octets >> 20} MiB of memory for {input.Length} octets" : null)
            ?? (time > MostTime ? $"took {time.TotalSeconds:0.0} s for {input.Length} octets" : null);
    }

    /// <summary>The exception's type and its own words: what it quotes of the input would make every input a new one.</summary>
    private static int OutcomeOf(Exception thrown)
    {
        var cause = thrown.GetBaseException();
        var hash = new HashCode();
        hash.Add(cause.GetType());
        foreach (string word in cause.Message.Split(' ').TakeWhile(word => !word.AsSpan().ContainsAny("'\"")).Where(word => word.All(char.IsAsciiLetter)).Take(12))
            hash.Add(word);
        return hash.ToHashCode();
    }
}
