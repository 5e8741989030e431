namespace AkkaOverlay.Cni.Tests;

/// <summary>A network namespace by ip(8), as a container runtime would name it; gone with the test, also when it fails.</summary>
internal sealed class Namespace : IDisposable
{
    private const string Prefix = "ao-cni-";
    private static int s_count;

    /// <summary>Takes away what a run that was killed left behind.</summary>
    static Namespace()
    {
        foreach (string name in Directory.Exists("/run/netns") ? Directory.GetFiles("/run/netns", Prefix + "*").Select(file => System.IO.Path.GetFileName(file)) : [])
        {
            if (!Directory.Exists($"/proc/{name.Split('-')[2]}"))
                Ip("netns", "delete", name);
        }
    }

    public Namespace()
    {
        Ip("netns", "add", Name);
        In("ip", "link", "set", "lo", "up");
    }

    public string Name { get; } = $"{Prefix}{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";

    public string Path => $"/run/netns/{Name}";

    /// <summary>Runs a program inside, and fails where it does.</summary>
    public string In(string program, params string[] arguments) => Ip(["netns", "exec", Name, program, .. arguments]);

    public Answer Try(string program, IReadOnlyDictionary<string, string> environment, string input, params string[] arguments) =>
        Executable.Run("ip", ["netns", "exec", Name, program, .. arguments], environment, input);

    public void Dispose() => Ip("netns", "delete", Name);

    private static string Ip(params string[] arguments)
    {
        var ended = Executable.Run("ip", arguments, new Dictionary<string, string>());
        Assert.True(ended.Status == 0, $"ip {string.Join(' ', arguments)}: {ended}");
        return ended.Output;
    }
}
