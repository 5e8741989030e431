namespace AkkaOverlay.Benchmarks;

/// <summary>The source tree that the benchmarks were built from.</summary>
internal static class SourceTree
{
    /// <summary>The published node; another one by the environment's AKKA_OVERLAY_EXECUTABLE.</summary>
    public static string Executable => Environment.GetEnvironmentVariable("AKKA_OVERLAY_EXECUTABLE") ?? File("artifacts/akka-overlay/akka-overlay");

    /// <param name="path">From the tree's root.</param>
    public static string File(string path)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(directory.FullName, "AkkaOverlay.sln")))
                return Path.Combine(directory.FullName, path);
        }
        throw new FileNotFoundException($"{path}: the benchmarks do not run inside the source tree");
    }
}
