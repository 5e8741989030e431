namespace AkkaOverlay.Kernel.Programs;

/// <summary>Where a program is.</summary>
public static class ProgramSearch
{
    /// <param name="program">A name alone.</param>
    /// <param name="moreFolders">Looked into behind PATH.</param>
    /// <returns>Its file; null where no directory has one that may be executed.</returns>
    public static string? Find(string program, IEnumerable<string> moreFolders) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Concat(moreFolders)
        .Select(directory => Path.Combine(directory, program))
        .FirstOrDefault(IsExecutable);

    public static bool IsExecutable(string file) => !OperatingSystem.IsWindows() && File.Exists(file)
        && (File.GetUnixFileMode(file) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;
}
