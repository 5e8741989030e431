using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Plan;

/// <summary>
/// What an outer packet may have: the smallest MTU among this host's underlay and those of all peers that it has a way to, as their leases say. Pure.
/// </summary>
/// <param name="Octets">Where the configuration leaves it to the hosts.</param>
public sealed record UnderlayMtu(int Octets)
{
    /// <summary>The peers that it is of, for an operator; null where it is this host's own.</summary>
    public string? Reason { get; init; }

    /// <summary>Peers whose word is not taken, for an operator; null where there are none.</summary>
    public string? Refused { get; init; }

    internal static UnderlayMtu Of(HostFacts host, IReadOnlyList<Way> ways, IEnumerable<Lease> peers)
    {
        int own = host.Underlay.Mtu;
        Way[] open = [.. ways.Where(way => way.Host.Network.BackEnd.OuterMtu is null)];
        var smaller = peers.Where(peer => peer.UnderlayMtu < own && open.Any(way => way.Reaches(peer))).ToImmutableArray();
        if (smaller.IsEmpty)
            return new UnderlayMtu(own);
        int least = LeastFrom(host, open);
        Lease[] taken = [.. smaller.Where(peer => peer.UnderlayMtu >= least)];
        int smallest = taken.Min(peer => peer.UnderlayMtu) ?? own;
        return new UnderlayMtu(smallest)
        {
            Reason = Names(taken.Where(peer => peer.UnderlayMtu == smallest)) is { } names ? $"the underlay of {names} has {smallest}" : null,
            Refused = Names(smaller.Where(peer => peer.UnderlayMtu < least)) is { } refused ? $"the underlay of {refused} has less than the {least} that are needed, and is not followed" : null,
        };
    }

    /// <summary>A way as it is with this MTU.</summary>
    internal Way For(Way way) => way with { Host = way.Host with { OuterMtu = way.Host.Network.BackEnd.OuterMtu ?? Octets } };

    /// <summary>
    /// Nobody's word makes the containers' MTU smaller than every host must take (RFC 791), or than what Linux carries IPv6 on: one host that is broken, or lies,
    /// would take the network from all.
    /// </summary>
    private static int LeastFrom(HostFacts host, Way[] open) =>
        (host.Network.IPv6 is null ? BackEndConfig.MinMtu : BackEndConfig.MinMtuForIPv6) + open.Max(way => way.BackEnd.HeadersOn(way.Host));

    private static string? Names(IEnumerable<Lease> leases)
    {
        string[] names = [.. leases.Select(lease => lease.NodeName).Order(StringComparer.Ordinal)];
        return names.Length == 0 ? null : names.Length == 1 ? names[0] : $"{names[0]} and {names.Length - 1} more";
    }
}
