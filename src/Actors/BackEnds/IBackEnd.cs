using System.Collections.Immutable;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// One way to carry packets between two hosts: pure functions from leases and configuration to wanted kernel objects. Chosen per pair of hosts, so
/// several can be at work on one host.
/// </summary>
public interface IBackEnd
{
    /// <summary>The name in net-conf.json and in offers.</summary>
    string Name { get; }

    /// <summary>Octets that it puts around a packet at most; 0 where it puts none.</summary>
    int HeadersOn(HostFacts host) => 0;

    /// <summary>What this host tells the others; null where it cannot serve this back end.</summary>
    Offer? MakeOffer(HostFacts host);

    /// <summary>Devices and addresses that this host needs, whoever the peers are.</summary>
    void AddDevices(HostFacts host, Lease mine, PlanBuilder plan);

    /// <summary>True where the peer can be reached this way.</summary>
    bool Reaches(HostFacts host, Lease peer);

    /// <summary>What this host needs for one peer.</summary>
    void AddPeer(HostFacts host, Lease peer, PlanBuilder plan);
}

/// <summary>What a back end may know of the host that it runs on.</summary>
public sealed record HostFacts(NodeId Node, Underlay Underlay, NetworkConfig Network)
{
    /// <summary>Octets that an outer packet of this back end may have.</summary>
    public int OuterMtu { get; init; } = Underlay.Mtu;

    public VxlanLayout VxlanLayout { get; init; }

    /// <summary>Which of the networks on this host it is.</summary>
    public NetworkName Name { get; init; }

    /// <summary>
    /// The bridge of this host's containers, where the network is kept apart from others that may have the same addresses; null where it is not.
    /// </summary>
    public string? Bridge { get; init; }

    /// <summary>Our routes have a table of their own.</summary>
    public bool HasOwnTable { get; init; }

    public bool IsApart => Bridge is not null;

    /// <summary>The back end that was in use before the configuration's, while both stand; null where there is one only.</summary>
    public BackEndConfig? Leaving { get; init; }

    /// <summary>With <c>auto</c>: ways that did not get through.</summary>
    public ImmutableDictionary<AvoidedWay, Avoidance> Avoided { get; init; } = ImmutableDictionary<AvoidedWay, Avoidance>.Empty;

    /// <summary>Packets go by <see cref="Leaving"/> still; those that come by the other are taken.</summary>
    public bool HoldsLeaving { get; init; }

    /// <summary>What this host's PreStartupCommand printed; null where none has run.</summary>
    public PublishedData? Published { get; init; }

    /// <summary>
    /// A way that stands beside this one leads the whole network into its device (udp). The kernel takes no gateway of IPv6 that another device's route covers
    /// (net/ipv6/route.c, <c>ip6_route_check_nh_onlink</c>).
    /// </summary>
    public bool IsBesideRouteToAll { get; init; }

    /// <summary>This host's static public key, for networks whose packets are encrypted by the forwarders; null where it has none.</summary>
    public PublicKey? TunnelKey { get; init; }
}

/// <summary>A way to a peer that is not taken while there is another.</summary>
public readonly record struct AvoidedWay(NodeId Peer, string BackEnd);

/// <param name="Order">Grows with each: where every way is avoided, the one that failed longest ago has its turn.</param>
/// <param name="Why">For an operator.</param>
public sealed record Avoidance(long Order, string Why);
