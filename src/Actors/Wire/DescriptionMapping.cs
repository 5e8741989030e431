using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using State = AkkaOverlay.Actors.Wire.Proto.LeaseDescription.Types.State;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Between what an operator is told and its classes of <c>leases.proto</c>.</summary>
internal static class DescriptionMapping
{
    public static Proto.Described ToProto(this LeaseProtocol.Described answer)
    {
        var proto = new Proto.Described { Revision = answer.Revision, Next = answer.Next?.ToProto() };
        foreach (var lease in answer.Leases)
            proto.Leases.Add(lease.ToProto());
        return proto;
    }

    public static LeaseProtocol.Described ToDomain(this Proto.Described proto) =>
        new(proto.Revision, proto.Leases.Select(ToDomain).ToEquatableArray(), proto.Next?.ToSubnet());

    private static Proto.LeaseDescription ToProto(this LeaseDescription described)
    {
        var proto = new Proto.LeaseDescription { Subnets = described.Subnets.ToProto(), State = ToProto(described.State), Lease = described.Lease?.ToProto() };
        if (described.Owner is { } owner)
            proto.Owner = owner.ToProto();
        if (described.Host is { } host)
            proto.Host = host;
        if (described.ReservedFor is { } reservedFor)
            proto.ReservedFor = reservedFor;
        if (described.QuarantineLeft is { } left)
            proto.QuarantineLeftMs = (long)left.TotalMilliseconds;
        if (described.Unseen is { } unseen)
            proto.UnseenMs = (long)unseen.TotalMilliseconds;
        return proto;
    }

    private static LeaseDescription ToDomain(Proto.LeaseDescription proto) => new(
        proto.Subnets.ToDomain(),
        FromProto(proto.State),
        proto.Lease?.ToDomain(),
        proto.Owner.IsEmpty ? null : proto.Owner.ToNodeId(),
        proto.HasHost ? proto.Host : null,
        proto.HasReservedFor ? proto.ReservedFor : null,
        proto.HasQuarantineLeftMs ? Time(proto.QuarantineLeftMs) : null,
        proto.HasUnseenMs ? Time(proto.UnseenMs) : null);

    /// <summary>A hundred years at most: no TimeSpan overflows.</summary>
    private static TimeSpan Time(long milliseconds) => milliseconds is >= 0 and <= 100L * 366 * 24 * 3600 * 1000
        ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new FormatException($"{milliseconds} ms is no time that anything could take.");

    private static State ToProto(LeaseState state) => state switch
    {
        LeaseState.Free => State.Free,
        LeaseState.Held => State.Held,
        LeaseState.Reserved => State.Reserved,
        LeaseState.Quarantined => State.Quarantined,
        _ => State.Unknown,
    };

    private static LeaseState FromProto(State state) => state switch
    {
        State.Free => LeaseState.Free,
        State.Held => LeaseState.Held,
        State.Reserved => LeaseState.Reserved,
        State.Quarantined => LeaseState.Quarantined,
        _ => LeaseState.Unknown,
    };
}
