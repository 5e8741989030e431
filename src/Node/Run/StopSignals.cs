using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// SIGTERM and SIGINT, heard from the first moment on: the first one asks for an end in good order, within <see cref="ExitDeadline.AfterSignal"/> where nobody waits for containers; the
/// second one ends the process at once.
/// </summary>
public sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> registrations = [];
    private readonly Lock gate = new();
    private readonly TimeSpan time;
    private readonly Action<int> exit;
    private bool signalled;
    private long signalledAt;
    private ILogger? log;
    private Action? act;
    private ExitDeadline? deadline;

    public StopSignals()
        : this(ExitDeadline.AfterSignal, Environment.Exit)
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT })
            registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

    /// <param name="time">For an end in good order.</param>
    /// <param name="exit">Ends the process with a code.</param>
    internal StopSignals(TimeSpan time, Action<int> exit) => (this.time, this.exit) = (time, exit);

    /// <summary>From now on there is something to bring to its end; until now the first signal ended the process.</summary>
    public void OnFirst(ILogger log, Action act)
    {
        lock (gate)
            (this.log, this.act) = (log, act);
    }

    /// <summary>What is left of the time for an end in good order; all of it where no signal came.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (gate)
                return signalled ? time - TimeProvider.System.GetElapsedTime(signalledAt) : time;
        }
    }

    /// <summary>A signal came.</summary>
    public bool Heard
    {
        get
        {
            lock (gate)
                return signalled;
        }
    }

    /// <summary>From now until <see cref="StartClock"/> the way out may take as long as it does.</summary>
    /// <param name="wish">What it began with. A signal behind an operator's wish cuts its wait short: that one's time runs on.</param>
    internal void StopClock(StopWish wish)
    {
        if (wish.ByOperator)
            return;
        lock (gate)
        {
            deadline?.Lift();
            deadline = null;
        }
    }

    /// <summary>After a signal: the time for an end in good order begins now.</summary>
    public void StartClock()
    {
        lock (gate)
        {
            if (!signalled || deadline is not null)
                return;
            signalledAt = TimeProvider.System.GetTimestamp();
            deadline = ExitDeadline.Start(time, log!, exit);
        }
    }

    public void Dispose() => registrations.ForEach(registration => registration.Dispose());

    /// <summary>As a signal does.</summary>
    internal void Hear()
    {
        lock (gate)
        {
            if (signalled)
            {
                exit(1);
                return;
            }
            (signalled, signalledAt) = (true, TimeProvider.System.GetTimestamp());
            // Nothing has begun yet.
            if (act is null)
            {
                exit(0);
                return;
            }
            deadline = ExitDeadline.Start(time, log!, exit);
            act();
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        Hear();
    }
}
