using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Plan;

/// <summary>Leases, configuration and this host in; wanted kernel objects out. Pure.</summary>
public static class Planner
{
    /// <param name="mine">This host's own lease.</param>
    /// <param name="leases">All leases; the own one is passed over.</param>
    public static HostPlan Plan(HostFacts host, Lease mine, IEnumerable<Lease> leases)
    {
        bool possible = !host.IsApart || BackEndRegistry.CanBeApart(host.Network);
        IReadOnlyList<Way> ways = possible ? BackEndRegistry.Ways(host) : [];
        Lease[] peers = [.. leases.Where(lease => lease.Owner != host.Node)];
        var underlayMtu = UnderlayMtu.Of(host, ways, peers);
        ways = [.. ways.Select(underlayMtu.For)];
        var plan = new PlanBuilder(underlayMtu);
        foreach (var way in ways)
            way.BackEnd.AddDevices(way.Host, mine, plan);
        foreach (var peer in peers)
            Add(peer, ways, host, plan);
        IpPrefix[] networks = [.. new[] { host.Network.IPv4, host.Network.IPv6 }.OfType<SubnetPool>().Select(pool => pool.Network)];
        if (host.Bridge is { } bridge)
            Apart.Complete(host.Node, bridge, mine, networks, plan);
        else if (host.HasOwnTable && ways.Any(way => way.Host.Network.BackEnd is UdpConfig or WireGuardConfig))
            Apart.PassOver(host.Node, mine, plan);
        var made = plan.Build();
        return made with { Networks = [.. networks], Incoming = host.Bridge is null ? [] : [host.Bridge, .. made.Links.Select(link => link.Name)] };
    }

    /// <summary>What this host says of itself in its lease: every back end in use that it can serve.</summary>
    public static EquatableArray<Offer> Offers(HostFacts host) =>
        BackEndRegistry.Ways(host).Select(way => way.BackEnd.MakeOffer(way.Host)).OfType<Offer>().ToEquatableArray();

    /// <summary>Packets to the peer go by the first way that reaches it. It may send by any other, and is known there too.</summary>
    private static void Add(Lease peer, IReadOnlyList<Way> ways, HostFacts host, PlanBuilder plan)
    {
        Avoidance? Avoided(Way way) => host.Avoided.GetValueOrDefault(new AvoidedWay(peer.Owner, way.BackEnd.Name));
        var reaching = ways.Where(way => way.Reaches(peer)).OrderBy(way => Avoided(way)?.Order ?? 0).ToList();
        if (reaching.Count > 0)
        {
            var first = reaching[0];
            var passedOver = ways.TakeWhile(way => way.BackEnd != first.BackEnd).Select(way => $"{way.BackEnd.Name}: {Avoided(way)?.Why ?? (way.BackEnd.Reaches(way.Host, peer) ? "not on the same link" : "not offered")}");
            plan.Reason = !first.IsChosen ? null : string.Join("; ", passedOver) is { Length: > 0 } why ? why : "on the same link";
            first.BackEnd.AddPeer(first.Host, peer, plan);
        }
        foreach (var way in reaching.Skip(1))
        {
            var other = new PlanBuilder(plan.UnderlayMtu);
            way.BackEnd.AddPeer(way.Host, peer, other);
            plan.AddPeersOf(other);
        }
    }
}

/// <summary>Collects what the back ends want.</summary>
public sealed class PlanBuilder(UnderlayMtu underlayMtu)
{
    private readonly ImmutableArray<WantedLink>.Builder links = ImmutableArray.CreateBuilder<WantedLink>();
    private readonly ImmutableArray<WantedAddress>.Builder addresses = ImmutableArray.CreateBuilder<WantedAddress>();
    private readonly ImmutableArray<TunnelPeer>.Builder peers = ImmutableArray.CreateBuilder<TunnelPeer>();
    private readonly HashSet<TunnelPeer> known = [];
    private readonly ImmutableArray<WantedRoute>.Builder routes = ImmutableArray.CreateBuilder<WantedRoute>();
    private readonly ImmutableArray<ReachedSubnet>.Builder reached = ImmutableArray.CreateBuilder<ReachedSubnet>();

    public UnderlayMtu UnderlayMtu => underlayMtu;

    public void Add(WantedLink link) => links.Add(link);

    public void Add(WantedAddress address) => addresses.Add(address);

    public void Add(TunnelPeer peer)
    {
        peers.Add(peer);
        known.Add(peer);
    }

    public void Add(WantedRoute route) => routes.Add(route);

    /// <summary>Why peers that are added are reached as they are.</summary>
    public string? Reason { get; set; }

    public void Add(ReachedSubnet subnet) => reached.Add(subnet with { Reason = Reason });

    /// <summary>Peers alone: nothing leads to them.</summary>
    public void AddPeersOf(PlanBuilder other)
    {
        ArgumentNullException.ThrowIfNull(other);
        peers.AddRange(other.peers.Where(known.Add));
    }

    public HostPlan Build()
    {
        int mtu = links.Aggregate(underlayMtu.Octets, (smallest, link) => Math.Min(smallest, link.Mtu));
        return new HostPlan(links.ToImmutable(), addresses.ToImmutable(), peers.ToImmutable(), routes.ToImmutable(), mtu) { UnderlayMtu = underlayMtu, Reached = reached.ToImmutable() };
    }
}
