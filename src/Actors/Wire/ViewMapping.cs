using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Between a host's view of itself and its classes of <c>view.proto</c>. A state or kind of a newer release is shown as unknown.</summary>
internal static class ViewMapping
{
    public static Proto.HostDescribed ToProto(ViewProtocol.HostDescribed answer)
    {
        var view = answer.View;
        var proto = new Proto.HostDescribed
        {
            Number = answer.Number,
            Node = view.Node.ToProto(),
            Host = view.Host,
            Version = view.Version,
            UpMs = Milliseconds(view.UpFor),
            Peers = (uint)view.Peers,
            Mtu = (uint)view.Mtu,
        };
        if (view.Problem is { } problem)
            proto.Problem = problem;
        if (view.Traffic is { } traffic)
        {
            proto.Traffic = new Proto.TunnelTraffic
            {
                Device = traffic.Device,
                ReceivedBytes = traffic.ReceivedBytes,
                ReceivedPackets = traffic.ReceivedPackets,
                SentBytes = traffic.SentBytes,
                SentPackets = traffic.SentPackets,
            };
        }
        foreach (var way in view.Ways)
            proto.Ways.Add(new Proto.PeerWay { Peer = way.Peer.ToProto(), State = (int)way.State, RoundTripUs = (uint)way.RoundTripMicroseconds });
        foreach (var happened in view.Events)
        {
            proto.Events.Add(new Proto.OverlayEvent
            {
                Number = happened.Number,
                Kind = (int)happened.Kind,
                Weight = (int)happened.Weight,
                Host = happened.Host,
                Text = happened.Text,
                AgeMs = Milliseconds(happened.Age),
            });
        }
        return proto;
    }

    public static ViewProtocol.HostDescribed ToDomain(Proto.HostDescribed proto) => new(proto.Number, new HostView(
        proto.Node.ToNodeId(),
        proto.Host,
        proto.Version,
        Time(proto.UpMs),
        proto.HasProblem ? proto.Problem : null,
        checked((int)proto.Peers),
        checked((int)proto.Mtu),
        proto.Traffic is { } traffic ? new TunnelTraffic(traffic.Device, traffic.ReceivedBytes, traffic.ReceivedPackets, traffic.SentBytes, traffic.SentPackets) : null,
        proto.Ways.Select(way => new PeerWay(way.Peer.ToNodeId(), Known((WayState)way.State), checked((int)way.RoundTripUs))).ToEquatableArray(),
        proto.Events.Select(happened => new OverlayEvent(
            happened.Number, Known((EventKind)happened.Kind), Known((EventWeight)happened.Weight), happened.Host, happened.Text, Time(happened.AgeMs))).ToEquatableArray()));

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    /// <exception cref="FormatException">No time is negative here, or longer than can be said.</exception>
    private static TimeSpan Time(long milliseconds) => milliseconds is >= 0 and <= long.MaxValue / TimeSpan.TicksPerMillisecond
        ? new TimeSpan(milliseconds * TimeSpan.TicksPerMillisecond)
        : throw new FormatException($"{milliseconds} ms cannot be.");

    private static T Known<T>(T value) where T : struct, Enum => Enum.IsDefined(value) ? value : default;
}
