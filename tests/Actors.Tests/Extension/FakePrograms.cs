using System.Collections.Concurrent;
using AkkaOverlay.Kernel.Programs;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>Writes down what it is asked to run.</summary>
internal sealed class FakePrograms : IProgramRunner
{
    private int running;

    public ConcurrentQueue<string> Ran { get; } = [];

    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string? Failing { get; set; }

    public string? Hanging { get; set; }

    public string Output { get; set; } = "";

    public int Running => Volatile.Read(ref running);

    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancel)
    {
        string line = string.Join(' ', call.Command);
        Ran.Enqueue(line);
        Interlocked.Increment(ref running);
        if (Hanging is { } hanging && line.StartsWith(hanging, StringComparison.Ordinal))
            await Release.Task;
        Interlocked.Decrement(ref running);
        return Failing is { } failing && line.StartsWith(failing, StringComparison.Ordinal)
            ? new ProgramResult(null, 7, "", "first line\nsecond\u001b[2J line\n")
            : new ProgramResult(null, 0, Output, "");
    }
}
