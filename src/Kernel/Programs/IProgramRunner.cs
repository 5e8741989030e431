namespace AkkaOverlay.Kernel.Programs;

/// <summary>Runs an operator's programs.</summary>
public interface IProgramRunner
{
    /// <summary>Runs one to its end. No shell sees the call, and of this process's environment the program gets nothing but PATH, HOME and LANG.</summary>
    /// <remarks>What it leaves running keeps no reader: whoever prints on these streams later gets SIGPIPE. What a failed one leaves running is killed.</remarks>
    /// <exception cref="OperationCanceledException">It was killed for that, with its process group.</exception>
    Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancel);
}

/// <param name="Command">The program, by its absolute path or its name in PATH, then its arguments.</param>
/// <param name="Environment">Beside PATH, HOME and LANG.</param>
/// <param name="Input">What it reads on its standard input.</param>
/// <param name="TimeLimit">Then it is killed with its process group.</param>
public sealed record ProgramCall(IReadOnlyList<string> Command, IReadOnlyDictionary<string, string> Environment, string Input, TimeSpan TimeLimit);

/// <summary>How a program ended.</summary>
/// <param name="Failure">Why it did not run to its end, in one line; null where it did, whatever its exit status is.</param>
/// <param name="Output">No more than <see cref="ProgramRunner.MaxOutput"/> characters of it; so is <paramref name="Error"/>.</param>
public sealed record ProgramResult(string? Failure, int ExitCode, string Output, string Error)
{
    public bool Succeeded => Failure is null && ExitCode == 0;
}
