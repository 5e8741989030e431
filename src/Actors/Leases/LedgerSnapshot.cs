using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Wire;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>A whole <see cref="LeaseTable"/> at one revision: what the journal's events up to it come to. A table made of it decides as the first one would.</summary>
/// <param name="Network">Null before the network was founded.</param>
public sealed record LedgerSnapshot(long Revision, NetworkVersion? Network, EquatableArray<Lease> Leases, SpaceSnapshot IPv4, SpaceSnapshot IPv6) : IOverlayMessage
{
    public NetworkStanding Standing { get; init; } = NetworkStanding.Plain;
}

/// <summary>What the leases alone do not say of one family's subnets.</summary>
/// <param name="Free">In the order in which they are given out, with the revision at which each became free.</param>
/// <param name="LastOwners">Who comes back to which subnet.</param>
public sealed record SpaceSnapshot(
    EquatableArray<(IpPrefix Subnet, long Since)> Free,
    EquatableArray<(IpPrefix Subnet, NodeId Owner)> LastOwners,
    EquatableArray<(IpPrefix Subnet, Quarantine Quarantine)> Quarantines,
    EquatableArray<(IpPrefix Subnet, string Host)> Reservations);
