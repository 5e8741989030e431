using System.Globalization;

namespace AkkaOverlay.Kernel;

/// <summary>What the calling thread may do (capabilities(7)).</summary>
public static class Capabilities
{
    /// <summary>linux/capability.h.</summary>
    private const int CAP_NET_ADMIN = 12;

    private const string Field = "CapEff:";

    /// <summary>True where CAP_NET_ADMIN is effective. It counts in the thread's own user namespace.</summary>
    /// <exception cref="IOException">/proc is not there.</exception>
    public static bool HasNetAdmin() => Has(File.ReadAllText("/proc/thread-self/status"), CAP_NET_ADMIN);

    /// <param name="status">The text of /proc/…/status (proc_pid_status(5)).</param>
    /// <param name="capability">CAP_*, 0 to 63.</param>
    internal static bool Has(string status, int capability)
    {
        foreach (var line in status.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Field, StringComparison.Ordinal)
                && ulong.TryParse(line[Field.Length..].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong effective))
            {
                return ((effective >> capability) & 1) != 0;
            }
        }
        return false;
    }
}
