using System.Net;
using AkkaOverlay.Actors.Probes;
using Google.Protobuf;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Between what hosts say of probes and its classes of <c>probes.proto</c>.</summary>
internal static class ProbeMapping
{
    public static Proto.ProbeAnnouncement ToProto(ProbeProtocol.Announcement said)
    {
        var proto = new Proto.ProbeAnnouncement
        {
            Node = said.Node.ToProto(),
            Name = said.Name,
            Token = said.Token.Value,
            Mtu = (uint)said.Mtu,
            Reason = said.Reason ?? "",
            AnswerWanted = said.AnswerWanted,
        };
        foreach (var endPoint in said.EndPoints)
            proto.EndPoints.Add(new Proto.ProbeEndPoint { Address = ByteString.CopyFrom(endPoint.Address.GetAddressBytes()), Port = (uint)endPoint.Port });
        return proto;
    }

    public static ProbeProtocol.Announcement ToDomain(Proto.ProbeAnnouncement proto) => new(
        proto.Node.ToNodeId(),
        proto.Name,
        proto.EndPoints.Select(ToDomain).ToEquatableArray(),
        new ProbeToken(proto.Token),
        proto.Mtu <= ushort.MaxValue ? (int)proto.Mtu : throw new FormatException($"An MTU of {proto.Mtu} cannot be."),
        proto.Reason.Length > 0 ? proto.Reason : null,
        proto.AnswerWanted);

    private static IPEndPoint ToDomain(Proto.ProbeEndPoint proto) =>
        proto.Address.Length is 4 or 16 && proto.Port is > 0 and <= ushort.MaxValue
            ? new IPEndPoint(new IPAddress(proto.Address.Span), (int)proto.Port)
            : throw new FormatException($"An end point of {proto.Address.Length} octets and port {proto.Port} cannot be.");
}
