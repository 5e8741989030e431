using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>What our devices without a MAC address say of whose they are (IFLA_IFALIAS): flannel's own of the same names have none.</summary>
internal static class DeviceAlias
{
    public static string Of(NodeId node) => $"akka-overlay {node}";
}
