using System.Net;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Leases;

/// <summary>One host's hold on its subnets, as the ledger has it.</summary>
public sealed record Lease
{
    public required NodeId Owner { get; init; }

    /// <summary>For people; by default the host name. Two hosts may share one.</summary>
    public required string NodeName { get; init; }

    public required LeaseSubnets Subnets { get; init; }

    /// <summary>The ledger's revision at which these subnets were granted: tells this hold from an earlier one of the same owner.</summary>
    public required long Generation { get; init; }

    public HostAddresses Public { get; init; }

    /// <summary>Octets that the owner's underlay takes, as it says; null where it does not say: its release is an earlier one.</summary>
    public int? UnderlayMtu { get; init; }

    public EquatableArray<Offer> Offers { get; init; }

    public T? OfferOf<T>() where T : Offer
    {
        foreach (var offer in Offers)
        {
            if (offer is T match)
                return match;
        }
        return null;
    }
}

/// <summary>The subnets of a lease: one per family that the network has.</summary>
public readonly record struct LeaseSubnets(IpPrefix? IPv4, IpPrefix? IPv6)
{
    public IEnumerable<IpPrefix> All
    {
        get
        {
            if (IPv4 is { } v4)
                yield return v4;
            if (IPv6 is { } v6)
                yield return v6;
        }
    }

    public override string ToString() => string.Join(" and ", All);
}

/// <summary>The addresses at which the other hosts reach a host: outer destinations of the tunnels.</summary>
public readonly record struct HostAddresses(IPAddress? IPv4, IPAddress? IPv6);
