using System.Runtime.InteropServices;

namespace AkkaOverlay.Node.Cli;

/// <summary>Ctrl-C and SIGTERM as the proper end of a command that else goes on for ever.</summary>
internal sealed class Interrupt : IDisposable
{
    private readonly CancellationTokenSource source;
    private readonly PosixSignalRegistration[] registrations;

    /// <param name="also">Ends it too.</param>
    public Interrupt(CancellationToken also)
    {
        source = CancellationTokenSource.CreateLinkedTokenSource(also);
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal), PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal)];
    }

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
            registration.Dispose();
        source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        source.Cancel();
    }
}
