using AkkaOverlay.Kernel.Firewall;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Doctor;

/// <summary>Which devices leave checksums to hardware, where ethtool(8) is there to say so.</summary>
internal static class OffloadFacts
{
    public static IReadOnlySet<string> Read(IEnumerable<Link> links) =>
        links.Where(link => FirewallReader.Run("ethtool", "-k", link.Name) is (0, var features) && IsOn(features)).Select(link => link.Name).ToHashSet();

    internal static bool IsOn(string features) =>
        features.Split('\n', StringSplitOptions.TrimEntries).Any(line => line.StartsWith("tx-checksum-ip-generic: on", StringComparison.Ordinal));
}
