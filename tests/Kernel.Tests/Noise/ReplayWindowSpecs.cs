using AkkaOverlay.Kernel.Noise;
using CsCheck;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class ReplayWindowSpecs
{
    private const ulong Size = ReplayWindow.Size;

    /// <summary>Steps of all sizes, back and forth, about the word, the window and the ring.</summary>
    private static readonly Gen<long[]> s_steps = Gen.OneOf(
        Gen.Long[-3, 5],
        Gen.Long[-130, 130],
        Gen.Long[-(long)Size - 70, (long)Size + 70],
        Gen.Long[0, 1L << 40]).Array[1, 400];

    [Fact]
    public void It_accepts_what_a_set_of_all_counters_would() => s_steps.Sample(steps =>
    {
        var window = new ReplayWindow();
        var seen = new HashSet<ulong>();
        ulong highest = 0, at = 0;
        foreach (long step in steps)
        {
            at = (ulong)Math.Max(0, (long)at + step);
            bool isNew = (seen.Count == 0 || at > highest || highest - at < Size) && !seen.Contains(at);
            if (window.TryAccept(at) != isNew)
                return false;
            if (isNew)
                seen.Add(at);
            if (isNew)
                highest = Math.Max(highest, at);
        }
        return true;
    });

    [Fact]
    public void The_window_reaches_8191_back()
    {
        var window = new ReplayWindow();
        Assert.True(window.TryAccept(100_000));
        Assert.False(window.TryAccept(100_000));
        Assert.True(window.TryAccept(100_000 - Size + 1));
        Assert.False(window.TryAccept(100_000 - Size + 1));
        Assert.False(window.TryAccept(100_000 - Size));
        Assert.False(window.TryAccept(0));
    }

    [Fact]
    public void Every_counter_of_a_shuffled_window_passes_once()
    {
        var window = new ReplayWindow();
        ulong[] counters = [.. Enumerable.Range(0, (int)Size).Select(i => (ulong)i)];
        new Random(7).Shuffle(counters);
        Assert.All(counters, counter => Assert.True(window.TryAccept(counter)));
        Assert.All(counters, counter => Assert.False(window.TryAccept(counter)));
    }

    [Fact]
    public void The_last_counter_of_all_is_no_exception()
    {
        var window = new ReplayWindow();
        Assert.True(window.TryAccept(SessionLimits.RejectAfterMessages - 1));
        Assert.False(window.TryAccept(SessionLimits.RejectAfterMessages - 1));
        Assert.True(window.TryAccept(SessionLimits.RejectAfterMessages - 2));
    }
}
