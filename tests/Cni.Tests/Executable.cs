using System.Diagnostics;

namespace AkkaOverlay.Cni.Tests;

/// <summary>The published program: machine code, as a container runtime starts it.</summary>
internal static class Executable
{
    /// <summary>Null where it was not published.</summary>
    public static string? Published { get; } = Find();

    public static string Path => Published ?? System.IO.Path.Combine(AppContext.BaseDirectory, "akka-overlay-cni");

    /// <summary>Runs a program to its end, which is a minute away at most.</summary>
    public static Answer Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment, string input = "")
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        if (!process.WaitForExit(TimeSpan.FromMinutes(1)))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} does not end");
        }
        return new Answer(process.ExitCode, output.Result, error.Result);
    }

    private static string? Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string published = System.IO.Path.Combine(directory.FullName, "artifacts", "akka-overlay-cni", "akka-overlay-cni");
            if (File.Exists(published))
                return published;
        }
        return null;
    }
}
