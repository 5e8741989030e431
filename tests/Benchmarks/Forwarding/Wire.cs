using System.Diagnostics;
using AkkaOverlay.Node.Lab;

namespace AkkaOverlay.Benchmarks.Forwarding;

/// <summary>What the cable between two hosts does with what is larger than its MTU.</summary>
internal enum Wire
{
    /// <summary>Packets of the MTU's size cross it one by one, as on a network card without tunnel offloads.</summary>
    Packet,

    /// <summary>Packets of 64 KiB cross it whole: a veth as it comes.</summary>
    Super,
}

internal static class Wires
{
    private static readonly string[] Features = ["tso", "tx-udp-segmentation", "tx-udp_tnl-segmentation", "tx-udp_tnl-csum-segmentation"];

    public static void Set(LabNetwork network, Wire wire)
    {
        foreach (var host in network.Hosts)
        {
            string[] arguments = ["-K", "eth0", .. Features.SelectMany(feature => new[] { feature, wire == Wire.Super ? "on" : "off" }), "gro", wire == Wire.Super ? "off" : "on"];
            using var ethtool = host.Host.StartProcess(new ProcessStartInfo("ethtool", arguments) { RedirectStandardError = true, RedirectStandardOutput = true });
            string said = ethtool.StandardError.ReadToEnd();
            ethtool.WaitForExit();
            if (ethtool.ExitCode != 0)
                throw new InvalidOperationException($"ethtool {string.Join(' ', arguments)}: {said}");
        }
    }
}
