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
    private bool signalled;
    private long signalledAt;
    private ILogger? log;
    private Action? act;
    private ExitDeadline? deadline;

    public StopSignals()
    {
        foreach (var signal in new[] { PosixSignal.SIGTERM, PosixSignal.SIGINT })
            registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

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
                return signalled ? ExitDeadline.AfterSignal - TimeProvider.System.GetElapsedTime(signalledAt) : ExitDeadline.AfterSignal;
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
    public void StopClock()
    {
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
            deadline = ExitDeadline.Start(ExitDeadline.AfterSignal, log!, Environment.Exit);
        }
    }

    public void Dispose() => registrations.ForEach(registration => registration.Dispose());

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (gate)
        {
            if (signalled)
                Environment.Exit(1);
            (signalled, signalledAt) = (true, TimeProvider.System.GetTimestamp());
            // Nothing has begun yet.
            if (act is null)
                Environment.Exit(0);
            deadline = ExitDeadline.Start(ExitDeadline.AfterSignal, log!, Environment.Exit);
            act();
        }
    }
}
