using System.Diagnostics;
using AkkaOverlay.Kernel.Namespaces;

namespace AkkaOverlay.EndToEnd.Tests;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public override string ToString() => $"exit {ExitCode}\nstdout: {Output}\nstderr: {Error}";
}

/// <summary>Runs the product and its witnesses as processes of their own.</summary>
internal static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The published executable; the build's own where there is none.</summary>
    public static string Executable { get; } = FindExecutable();

    /// <summary>Runs akka-overlay.</summary>
    public static Task<CommandResult> AkkaOverlay(params IEnumerable<string> arguments) => Run(null, Executable, arguments);

    /// <summary>Runs a program, in a network namespace where one is given. Killed after half a minute.</summary>
    public static async Task<CommandResult> Run(NetworkNamespace? inside, string program, params IEnumerable<string> arguments)
    {
        using var process = Start(inside, program, arguments);
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            return new CommandResult(process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} did not end within {Patience.TotalSeconds} s");
        }
    }

    public static Process Start(NetworkNamespace? inside, string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        return inside is null ? Process.Start(start)! : inside.StartProcess(start);
    }

    private static string FindExecutable()
    {
        if (Environment.GetEnvironmentVariable("AKKA_OVERLAY_EXECUTABLE") is { Length: > 0 } named)
            return named;
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string published = Path.Combine(directory.FullName, "artifacts", "akka-overlay", "akka-overlay");
            if (File.Exists(published))
                return published;
        }
        return Path.Combine(AppContext.BaseDirectory, "akka-overlay");
    }
}
