namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>How a program ended, and what it printed.</summary>
/// <param name="ProcessId">Its former process id: under this the kernel reports what it changed.</param>
public sealed record ToolResult(int ExitCode, string Output, string Error, int ProcessId)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>The first line that the program wrote on its standard error: the reason, in one line.</summary>
    public string Reason => Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? $"exit status {ExitCode}";
}

/// <summary>A program that is not there, or that did not end in time.</summary>
public sealed class ToolException(string message, bool isMissing = false) : Exception(message)
{
    public bool IsMissing { get; } = isMissing;
}
