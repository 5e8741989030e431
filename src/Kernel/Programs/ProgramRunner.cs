using System.ComponentModel;
using System.Diagnostics;

namespace AkkaOverlay.Kernel.Programs;

/// <summary>
/// Starts programs in the namespaces of this process, each in a session of its own where setsid(1) is there (util-linux, busybox), so that what it started ends
/// with it at the time limit, and no signal from this process's terminal reaches it.
/// </summary>
public sealed class ProgramRunner : IProgramRunner
{
    public const int MaxOutput = 16_384;

    private const string DefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly string[] Inherited = ["PATH", "HOME", "LANG"];

    private static readonly string[] SystemFolders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];

    public async Task<ProgramResult> RunAsync(ProgramCall call, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(call);
        string program = call.Command[0];
        string? file = program[0] == '/' ? program : ProgramSearch.Find(program, []);
        if (file is null || !ProgramSearch.IsExecutable(file))
            return Failed(file is null ? $"{program} is not in PATH" : $"{program} is no file that can be executed");
        string? setsid = ProgramSearch.Find("setsid", SystemFolders);
        try
        {
            using var process = Process.Start(StartInfo(call, setsid, file))!;
            var printed = await new RunningProgram(process, leadsGroup: setsid is not null) { MaxOutput = MaxOutput }.FinishAsync(call.Input, call.TimeLimit, cancel).ConfigureAwait(false);
            return printed is { } end ? new ProgramResult(null, process.ExitCode, end.Output, end.Error) : Failed($"did not end within {call.TimeLimit.TotalSeconds:0.#} s and was killed");
        }
        catch (Win32Exception e)
        {
            return Failed($"{program} cannot be started: {e.Message}");
        }
    }

    private static ProgramResult Failed(string why) => new(why, -1, "", "");

    private static ProcessStartInfo StartInfo(ProgramCall call, string? setsid, string file)
    {
        var words = call.Command.Skip(1);
        var start = setsid is null ? new ProcessStartInfo(file, words) : new ProcessStartInfo(setsid, words.Prepend(file));
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.WorkingDirectory = "/";
        start.Environment.Clear();
        start.Environment["PATH"] = DefaultPath;
        foreach (string name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }
        foreach (var (name, value) in call.Environment)
            start.Environment[name] = value;
        return start;
    }
}
