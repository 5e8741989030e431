namespace AkkaOverlay.Chaos.Run;

/// <summary>Which akka-overlay is tried: the one that test.sh published, or the build's own.</summary>
public static class NodeExecutable
{
    public static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            string published = Path.Combine(directory.FullName, "artifacts", "akka-overlay", "akka-overlay");
            if (File.Exists(published))
                return published;
        }
        return Path.Combine(AppContext.BaseDirectory, "akka-overlay");
    }
}
