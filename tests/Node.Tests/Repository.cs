namespace AkkaOverlay.Node.Tests;

/// <summary>The source tree that these tests were built from.</summary>
internal static class Repository
{
    public static string File(string path)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(directory.FullName, "AkkaOverlay.sln")))
                return Path.Combine(directory.FullName, path);
        }
        throw new FileNotFoundException($"{path}: these tests do not run inside the source tree");
    }
}
