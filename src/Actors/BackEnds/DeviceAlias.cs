using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>What our devices without a MAC address say of whose they are (IFLA_IFALIAS): flannel's own of the same names have none.</summary>
internal static class DeviceAlias
{
    private const string Start = "akka-overlay ";

    public static string Of(NodeId node) => $"{Start}{node}";

    /// <summary>Some node's.</summary>
    public static bool IsOn(Link link) => link.Alias?.StartsWith(Start, StringComparison.Ordinal) == true;
}
