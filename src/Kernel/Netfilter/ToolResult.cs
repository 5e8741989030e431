namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>How a program ended, and what it printed.</summary>
/// <param name="ProcessId">Its former process id: under this the kernel reports what it changed.</param>
public sealed record ToolResult(int ExitCode, string Output, string Error, int ProcessId)
{
    public bool Succeeded => ExitCode == 0;

    /// <summary>
    /// The reason, in one line: the first that the program wrote on its standard error. Not one with '#', by which iptables says that there is the other kind's
    /// table too; and with the next one where it only names the program ("iptables-restore v1.8.9 (nf_tables): ").
    /// </summary>
    public string Reason => Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').ToList() switch
    {
        [] => $"exit status {ExitCode}",
        [[.., ':'] name, var reason, ..] => $"{name} {reason}",
        [var reason, ..] => reason,
    };
}

/// <summary>A program that is not there, or that did not end in time.</summary>
public sealed class ToolException(string message, bool isMissing = false) : Exception(message)
{
    public bool IsMissing { get; } = isMissing;
}
