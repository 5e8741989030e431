using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// Whoever sends SIGTERM waits 10 s and no longer, and so does this: what hangs in the way out ends with the process. Nothing is lost by that, since routes and
/// tunnels are the kernel's and a ledger is on its disk before anybody hears of it.
/// </summary>
internal sealed class ExitDeadline
{
    /// <summary>Leaves half a second for the process itself to end.</summary>
    public static readonly TimeSpan AfterSignal = TimeSpan.FromSeconds(9.5);

    private readonly TaskCompletionSource lifted = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ExitDeadline()
    {
    }

    /// <param name="exit">Gets the exit code: 0, for the end was asked for and the kernel's state is as it shall be.</param>
    public static ExitDeadline Start(TimeSpan deadline, ILogger log, Action<int> exit)
    {
        var started = new ExitDeadline();
        // A thread of its own: where the pool is exhausted a timer would be late.
        new Thread(() =>
        {
            if (started.lifted.Task.Wait(deadline))
                return;
            log.LogWarning("Not everything came to its end within {Seconds} s: it ends with the process", deadline.TotalSeconds);
            exit(0);
        }) { IsBackground = true, Name = "exit-deadline" }.Start();
        return started;
    }

    /// <summary>It does not end the process any more.</summary>
    public void Lift() => lifted.TrySetResult();
}
