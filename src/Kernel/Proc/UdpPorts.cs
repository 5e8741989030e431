using System.Globalization;

namespace AkkaOverlay.Kernel.Proc;

/// <summary>UDP ports that somebody listens on, the kernel's own tunnels among them (/proc/net/udp, proc_net(5)).</summary>
public static class UdpPorts
{
    /// <summary>Of the calling process's network namespace.</summary>
    public static IReadOnlySet<int> Read()
    {
        var ports = new HashSet<int>();
        foreach (string file in new[] { "/proc/net/udp", "/proc/net/udp6" })
        {
            if (File.Exists(file))
                ports.UnionWith(Parse(File.ReadAllText(file)));
        }
        return ports;
    }

    internal static IEnumerable<int> Parse(string table)
    {
        foreach (string line in table.Split('\n').Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 2 && int.TryParse(fields[1].AsSpan(fields[1].IndexOf(':') + 1), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int port))
                yield return port;
        }
    }
}
