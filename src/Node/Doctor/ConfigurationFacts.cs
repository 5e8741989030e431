namespace AkkaOverlay.Node.Doctor;

/// <summary>What other programs of this machine are told, and which of them run.</summary>
internal static class ConfigurationFacts
{
    /// <summary>As systemd and NetworkManager search them.</summary>
    private static readonly (string Folder, string Pattern)[] Folders =
    [
        ("/usr/lib/systemd/network", "*.link"), ("/etc/systemd/network", "*.link"), ("/run/systemd/network", "*.link"),
        ("/usr/lib/systemd/network", "*.network"), ("/etc/systemd/network", "*.network"), ("/run/systemd/network", "*.network"),
        ("/usr/lib/systemd/networkd.conf.d", "*.conf"), ("/etc/systemd/networkd.conf.d", "*.conf"), ("/run/systemd/networkd.conf.d", "*.conf"),
        ("/usr/lib/NetworkManager/conf.d", "*.conf"), ("/etc/NetworkManager/conf.d", "*.conf"), ("/run/NetworkManager/conf.d", "*.conf"),
    ];

    private static readonly string[] Single = ["/etc/systemd/networkd.conf", "/etc/NetworkManager/NetworkManager.conf", "/etc/docker/daemon.json"];

    public static IReadOnlyDictionary<string, string> Configuration()
    {
        var found = new Dictionary<string, string>();
        var paths = Single.Concat(Folders.Where(folder => Directory.Exists(folder.Folder)).SelectMany(folder => Directory.GetFiles(folder.Folder, folder.Pattern)));
        foreach (string path in paths)
        {
            if (Text(path) is { } text)
                found[path] = text;
        }
        return found;
    }

    /// <summary>Names of running programs. They are cut to 15 octets: "systemd-network".</summary>
    public static IReadOnlySet<string> Processes() =>
        Directory.GetDirectories("/proc").Where(folder => char.IsAsciiDigit(Path.GetFileName(folder)[0])).Select(folder => Text(Path.Combine(folder, "comm"))?.Trim()).OfType<string>().ToHashSet();

    public static string? Vendor() => Text("/sys/class/dmi/id/sys_vendor")?.Trim();

    public static bool HasTun()
    {
        try
        {
            using var device = new FileStream("/dev/net/tun", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Null where it is not there, or not for us; a process may end at any moment.</summary>
    public static string? Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
