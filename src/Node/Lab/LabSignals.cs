using System.Runtime.InteropServices;

namespace AkkaOverlay.Node.Lab;

/// <summary>
/// SIGINT, SIGTERM and SIGHUP ask for the end, and a second one for a quick one. None of them ends the process by itself: what the lab
/// made has to be removed first.
/// </summary>
internal sealed class LabSignals : IDisposable
{
    private readonly CancellationTokenSource stop;
    private readonly CancellationTokenSource hurry = new();
    private readonly PosixSignalRegistration[] registrations;
    private int received;

    /// <param name="alsoStop">Asks for the end too.</param>
    public LabSignals(CancellationToken alsoStop)
    {
        stop = CancellationTokenSource.CreateLinkedTokenSource(alsoStop);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
        ];
    }

    public CancellationToken Stop => stop.Token;

    public CancellationToken Hurry => hurry.Token;

    /// <summary>128 and the signal's number, as a shell has it; 130 where it was no signal.</summary>
    public int ExitCode { get; private set; } = 130;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        stop.Dispose();
        hurry.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref received) > 1)
        {
            hurry.Cancel();
            return;
        }
        ExitCode = 128 + context.Signal switch { PosixSignal.SIGTERM => 15, PosixSignal.SIGHUP => 1, _ => 2 };
        stop.Cancel();
    }
}
