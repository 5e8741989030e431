using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Actors.Wire;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.Wire;

/// <summary>Random messages of the live page.</summary>
internal static class ViewMessageGen
{
    private static readonly Gen<NodeId> Node = Gen.Guid.Select(id => new NodeId(id));

    private static readonly Gen<TimeSpan> Time = Gen.Long[0, 1_000_000_000_000].Select(milliseconds => TimeSpan.FromMilliseconds(milliseconds));

    private static readonly Gen<TunnelTraffic> Traffic = Gen.Select(MessageGen.Text, Gen.Long, Gen.Long, Gen.Long, Gen.Long)
        .Select((device, inBytes, inPackets, outBytes, outPackets) => new TunnelTraffic(device, inBytes, inPackets, outBytes, outPackets));

    private static readonly Gen<PeerWay> Way = Gen.Select(Node, Gen.Enum<WayState>(), Gen.Int.NonNegative).Select((peer, state, trip) => new PeerWay(peer, state, trip));

    private static readonly Gen<OverlayEvent> Event = Gen.Select(Gen.Long, Gen.Enum<EventKind>(), Gen.Enum<EventWeight>(), MessageGen.Text, MessageGen.Text, Time)
        .Select((number, kind, weight, host, text, age) => new OverlayEvent(number, kind, weight, host, text, age));

    private static readonly Gen<HostView> View = Gen.Select(
            Gen.Select(Node, MessageGen.Text, MessageGen.Text, Time, MessageGen.Text.Null()),
            Gen.Select(Gen.Int.NonNegative, Gen.Int.NonNegative, Traffic.Null()),
            Gen.Select(Way.Array[0, 5], Event.Array[0, 5]))
        .Select((who, what, rest) => new HostView(
            who.Item1, who.Item2, who.Item3, who.Item4, who.Item5, what.Item1, what.Item2, what.Item3, rest.Item1.ToEquatableArray(), rest.Item2.ToEquatableArray()));

    public static readonly Gen<IOverlayMessage>[] ByType =
    [
        Gen.Long.Select(number => (IOverlayMessage)new ViewProtocol.DescribeHost(number)),
        Gen.Select(Gen.Long, View).Select((number, view) => (IOverlayMessage)new ViewProtocol.HostDescribed(number, view)),
    ];
}
