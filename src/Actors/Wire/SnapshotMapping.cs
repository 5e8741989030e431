using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Wire;

/// <summary>Between <see cref="LedgerSnapshot"/> and its class of <c>leases.proto</c>.</summary>
internal static class SnapshotMapping
{
    public static Proto.LedgerSnapshot ToProto(this LedgerSnapshot snapshot)
    {
        var proto = new Proto.LedgerSnapshot
        {
            Revision = snapshot.Revision,
            Network = snapshot.Network?.ToProto(),
            Ipv4 = snapshot.IPv4.ToProto(),
            Ipv6 = snapshot.IPv6.ToProto(),
            NetworkNote = snapshot.Standing.ToProto(),
            FormerNetwork = snapshot.Standing.Trial?.Former.ToProto(),
        };
        foreach (var lease in snapshot.Leases)
            proto.Leases.Add(lease.ToProto());
        return proto;
    }

    public static LedgerSnapshot ToDomain(this Proto.LedgerSnapshot proto) => new(
        proto.Revision,
        proto.Network?.ToDomain(),
        proto.Leases.Select(lease => lease.ToDomain()).ToEquatableArray(),
        proto.Ipv4.ToDomain(),
        proto.Ipv6.ToDomain())
    {
        Standing = proto.NetworkNote.ToStanding(proto.FormerNetwork),
    };

    private static Proto.LedgerSnapshot.Types.Space ToProto(this SpaceSnapshot space)
    {
        var proto = new Proto.LedgerSnapshot.Types.Space();
        foreach (var (subnet, since) in space.Free)
            proto.Free.Add(new Proto.LedgerSnapshot.Types.Free { Subnet = subnet.ToProto(), Since = since });
        foreach (var (subnet, owner) in space.LastOwners)
            proto.LastOwners.Add(new Proto.LedgerSnapshot.Types.LastOwner { Subnet = subnet.ToProto(), Owner = owner.ToProto() });
        foreach (var (subnet, quarantine) in space.Quarantines)
        {
            proto.Quarantines.Add(new Proto.LedgerSnapshot.Types.Quarantine
            {
                Subnet = subnet.ToProto(),
                Owner = quarantine.Owner.ToProto(),
                NodeName = quarantine.NodeName,
                Revision = quarantine.Revision,
            });
        }
        foreach (var (subnet, host) in space.Reservations)
            proto.Reservations.Add(new Proto.Reserve { Subnet = subnet.ToProto(), Host = host });
        return proto;
    }

    private static SpaceSnapshot ToDomain(this Proto.LedgerSnapshot.Types.Space? space) => space is null
        ? throw new FormatException("A snapshot lacks one family's subnets.")
        : new SpaceSnapshot(
            space.Free.Select(item => (item.Subnet.ToSubnet(), item.Since)).ToEquatableArray(),
            space.LastOwners.Select(item => (item.Subnet.ToSubnet(), item.Owner.ToNodeId())).ToEquatableArray(),
            space.Quarantines.Select(item => (item.Subnet.ToSubnet(), new Quarantine(item.Owner.ToNodeId(), item.NodeName, item.Revision))).ToEquatableArray(),
            space.Reservations.Select(item => (item.Subnet.ToSubnet(), item.Host)).ToEquatableArray());
}
