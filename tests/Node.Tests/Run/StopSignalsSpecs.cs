using System.Collections.Concurrent;
using AkkaOverlay.Node.Run;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>How long the way out may take.</summary>
public sealed class StopSignalsSpecs : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<int> exits = [];
    private readonly StopSignals signals;
    private int wishes;

    public StopSignalsSpecs() => signals = new StopSignals(Limit, exits.Enqueue);

    [Fact]
    public void Before_anything_has_begun_a_signal_ends_the_process_at_once()
    {
        signals.Hear();
        Assert.Equal([0], exits);
    }

    [Fact]
    public async Task A_wait_that_a_signal_began_has_its_own_limit_and_the_signal_s_time_begins_behind_it()
    {
        Begin();
        signals.Hear();
        signals.StopClock(StopWish.Signal);
        await Task.Delay(Limit * 1.5);
        Assert.Empty(exits);
        signals.StartClock();
        Assert.True(signals.Left > TimeSpan.Zero);
        await Ended();
    }

    /// <summary>Whoever sent it waits no longer than for any other.</summary>
    [Fact]
    public async Task A_signal_before_an_operator_s_wait_has_begun_leaves_its_time_and_no_more()
    {
        Begin();
        signals.Hear();
        signals.StopClock(StopWish.Operator(TimeSpan.FromHours(1)));
        await Task.Delay(Limit / 2);
        signals.StartClock();
        Assert.True(signals.Left <= Limit / 2 + TimeSpan.FromMilliseconds(20));
        await Ended();
    }

    [Fact]
    public void The_second_signal_ends_the_process_at_once()
    {
        Begin();
        signals.Hear();
        signals.Hear();
        Assert.Equal([1], exits);
        Assert.Equal(1, wishes);
    }

    public void Dispose() => signals.Dispose();

    private async Task Ended()
    {
        for (int i = 0; exits.IsEmpty && i < 200; i++)
            await Task.Delay(50);
        Assert.Equal([0], exits);
    }

    private void Begin() => signals.OnFirst(NullLogger.Instance, () => wishes++);
}
