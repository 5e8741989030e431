using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>What our devices without a MAC address say of whose they are (IFLA_IFALIAS): flannel's own of the same names have none.</summary>
internal static class DeviceAlias
{
    private const string Start = "akka-overlay ";

    public static string Of(NodeId node) => $"{Start}{node}";

    /// <summary>True for a device that some node made, of whatever network.</summary>
    public static bool IsSomeNodes(string? alias) => alias?.StartsWith(Start, StringComparison.Ordinal) == true;
}
