using System.Globalization;

namespace AkkaOverlay.Kernel.Proc;

/// <summary>What a network device has carried since it was made (/proc/net/dev, proc_net(5)). Octets are those of the packets inside a tunnel.</summary>
public sealed record DeviceCounters(long ReceivedBytes, long ReceivedPackets, long SentBytes, long SentPackets)
{
    /// <summary>Every device of the calling process's network namespace, by name.</summary>
    /// <exception cref="IOException">There is no such file: /proc is not mounted.</exception>
    public static IReadOnlyDictionary<string, DeviceCounters> Read() => Parse(File.ReadAllText("/proc/net/dev"));

    internal static IReadOnlyDictionary<string, DeviceCounters> Parse(string table)
    {
        var devices = new Dictionary<string, DeviceCounters>();
        foreach (string line in table.Split('\n'))
        {
            // The heading has no colon; a device's name may hold one (an old alias), its counters never do.
            int colon = line.LastIndexOf(':');
            if (colon < 0)
                continue;
            string[] fields = line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length >= 10 && TryCount(fields[0], out long inBytes) && TryCount(fields[1], out long inPackets) && TryCount(fields[8], out long outBytes) && TryCount(fields[9], out long outPackets))
                devices[line[..colon].Trim()] = new DeviceCounters(inBytes, inPackets, outBytes, outPackets);
        }
        return devices;
    }

    private static bool TryCount(string text, out long count) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count);
}
