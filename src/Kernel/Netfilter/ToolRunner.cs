using System.ComponentModel;
using System.Diagnostics;
using AkkaOverlay.Kernel.Programs;

namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>Starts programs in the namespaces of this process.</summary>
/// <param name="start">How a process is started; by default simply so.</param>
/// <param name="patience">Longer than a program may wait for the lock of iptables.</param>
public sealed class ToolRunner(Func<ProcessStartInfo, Process?>? start = null, TimeSpan? patience = null) : IToolRunner
{
    private readonly TimeSpan patience = patience ?? TimeSpan.FromSeconds(8);

    /// <summary>Where distributions keep these programs, and a user's PATH need not lead (su(1) without a login).</summary>
    public static IReadOnlyList<string> SystemFolders { get; } = ["/usr/sbin", "/sbin"];

    /// <summary>Looked into behind PATH. None by default: a service's PATH says what it may run.</summary>
    public IReadOnlyList<string> MoreFolders { get; init; } = [];

    public bool Has(string program) => Find(program) is not null;

    public ToolResult Run(string program, IReadOnlyList<string> arguments, string input = "")
    {
        string file = Find(program) ?? throw Missing(program);
        var info = new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        info.Environment["LC_ALL"] = "C";
        try
        {
            using var process = (start is null ? Process.Start(info) : start(info)) ?? throw Missing(program);
            return Finish(process, program, input);
        }
        catch (Win32Exception e)
        {
            throw new ToolException($"{program} cannot be started: {e.Message}");
        }
    }

    private ToolResult Finish(Process process, string program, string input) =>
        new RunningProgram(process) { WaitsForStreams = true }.FinishAsync(input, patience).GetAwaiter().GetResult() is { } printed
            ? new ToolResult(process.ExitCode, printed.Output, printed.Error, process.Id)
            : throw new ToolException($"{program} did not end within {patience.TotalSeconds:0.#} s");

    private string? Find(string program) => ProgramSearch.Find(program, MoreFolders);

    private ToolException Missing(string program) => new($"{program} is not in {string.Join(" or ", MoreFolders.Prepend("PATH"))}", isMissing: true);
}
