using System.Net;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Explain;
using Google.Protobuf;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Between a packet's way and its classes of <c>nodes.proto</c>. A place or a state of a newer release is shown as unknown.</summary>
internal static class PathMapping
{
    public static Proto.ExplainPath ToProto(NodeProtocol.ExplainPath question) => new()
    {
        Owner = question.Owner.ToProto(),
        From = ByteString.CopyFrom(question.From.GetAddressBytes()),
        To = ByteString.CopyFrom(question.To.GetAddressBytes()),
        Side = (Proto.PathSide)question.Side,
        Outer = question.Outer is { } outer ? ByteString.CopyFrom(outer.GetAddressBytes()) : ByteString.Empty,
        OuterSize = (uint)question.OuterSize,
    };

    public static NodeProtocol.ExplainPath ToDomain(Proto.ExplainPath proto)
    {
        var (from, to) = (Address(proto.From), Address(proto.To));
        if (from.AddressFamily != to.AddressFamily)
            throw new FormatException($"{from} and {to} are not of one family.");
        return new NodeProtocol.ExplainPath(
            proto.Owner.ToNodeId(), from, to, Enum.IsDefined((PathSide)proto.Side) ? (PathSide)proto.Side : PathSide.Unknown, proto.Outer.IsEmpty ? null : Address(proto.Outer), checked((int)proto.OuterSize));
    }

    public static Proto.PathExplained ToProto(NodeProtocol.PathExplained answer)
    {
        var proto = new Proto.PathExplained { Node = answer.Node.ToProto(), Host = answer.Host, OuterSize = (uint)answer.OuterSize };
        foreach (var step in answer.Steps)
            proto.Steps.Add(ToProto(step));
        return proto;
    }

    public static NodeProtocol.PathExplained ToDomain(Proto.PathExplained proto) =>
        new(proto.Node.ToNodeId(), proto.Host, checked((int)proto.OuterSize), proto.Steps.Select(ToDomain).ToEquatableArray());

    private static Proto.PathStep ToProto(PathStep step)
    {
        var proto = new Proto.PathStep { Place = step.Place, State = (Proto.StepState)step.State, Actual = step.Actual };
        if (step.Wanted is { } wanted)
            proto.Wanted = wanted;
        if (step.Reason is { } reason)
            proto.Reason = reason;
        if (step.Mend is { } mend)
            proto.Mend = mend;
        return proto;
    }

    private static PathStep ToDomain(Proto.PathStep proto) => new(
        proto.Place,
        Enum.IsDefined((StepState)proto.State) ? (StepState)proto.State : StepState.Unknown,
        proto.Actual,
        proto.HasWanted ? proto.Wanted : null,
        proto.HasReason ? proto.Reason : null,
        proto.HasMend ? proto.Mend : null);

    private static IPAddress Address(ByteString octets) => octets.Length is 4 or 16 ? new IPAddress(octets.Span) : throw new FormatException($"An address has 4 or 16 octets, not {octets.Length}.");
}
