using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Wire;

/// <summary>An operator's wish that a node leaves. Without a wait it is as an earlier release wrote it.</summary>
internal static class DrainMapping
{
    public static Proto.LeaveOverlay ToProto(NodeProtocol.LeaveOverlay message)
    {
        var proto = new Proto.LeaveOverlay();
        if (message.Drain is { } drain)
            proto.DrainSeconds = checked((uint)drain.TotalSeconds);
        return proto;
    }

    public static NodeProtocol.LeaveOverlay ToDomain(Proto.LeaveOverlay proto) =>
        new() { Drain = proto.HasDrainSeconds ? TimeSpan.FromSeconds(proto.DrainSeconds) : null };
}
