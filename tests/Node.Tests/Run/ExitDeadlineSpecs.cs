using AkkaOverlay.Node.Run;
using Microsoft.Extensions.Logging.Abstractions;

namespace AkkaOverlay.Node.Tests.Run;

public sealed class ExitDeadlineSpecs
{
    [Fact]
    public async Task It_ends_the_process_with_success_when_its_time_is_over_and_not_before()
    {
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        long began = TimeProvider.System.GetTimestamp();
        var took = TimeSpan.Zero;
        ExitDeadline.Start(TimeSpan.FromSeconds(0.5), NullLogger.Instance, code =>
        {
            took = TimeProvider.System.GetElapsedTime(began);
            ended.SetResult(code);
        });
        Assert.Equal(0, await ended.Task.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(took >= TimeSpan.FromSeconds(0.49), $"{took}");
    }

    [Fact]
    public async Task One_that_is_lifted_ends_nothing()
    {
        bool ended = false;
        ExitDeadline.Start(TimeSpan.FromSeconds(1), NullLogger.Instance, _ => ended = true).Lift();
        await Task.Delay(1500);
        Assert.False(ended);
    }

    [Fact]
    public void A_signal_leaves_less_than_ten_seconds() => Assert.InRange(ExitDeadline.AfterSignal, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(9.9));
}
