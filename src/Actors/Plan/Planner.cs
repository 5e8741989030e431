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
        var plan = new PlanBuilder(host.Underlay.Mtu);
        bool possible = !host.IsApart || BackEndRegistry.CanBeApart(host.Network);
        foreach (var backEnd in possible ? BackEndRegistry.InUse(host.Network) : [])
            backEnd.AddDevices(host, mine, plan);
        foreach (var peer in leases)
        {
            if (possible && peer.Owner != host.Node && BackEndRegistry.Choose(host, peer) is { } backEnd)
                backEnd.AddPeer(host, peer, plan);
        }
        IpPrefix[] networks = [.. new[] { host.Network.IPv4, host.Network.IPv6 }.OfType<SubnetPool>().Select(pool => pool.Network)];
        if (host.Bridge is { } bridge)
            Apart.Complete(host.Node, bridge, mine, networks, plan);
        else if (host.HasOwnTable && host.Network.BackEnd is UdpConfig or WireGuardConfig)
            Apart.PassOver(host.Node, mine, plan);
        var made = plan.Build();
        return made with { Networks = [.. networks], Incoming = host.Bridge is null ? [] : [host.Bridge, .. made.Links.Select(link => link.Name)] };
    }

    /// <summary>What this host says of itself in its lease: every back end of the configuration that it can serve.</summary>
    public static EquatableArray<Offer> Offers(HostFacts host) =>
        BackEndRegistry.InUse(host.Network).Select(backEnd => backEnd.MakeOffer(host)).OfType<Offer>().ToEquatableArray();
}

/// <summary>Collects what the back ends want.</summary>
public sealed class PlanBuilder(int underlayMtu)
{
    private readonly ImmutableArray<WantedLink>.Builder links = ImmutableArray.CreateBuilder<WantedLink>();
    private readonly ImmutableArray<WantedAddress>.Builder addresses = ImmutableArray.CreateBuilder<WantedAddress>();
    private readonly ImmutableArray<TunnelPeer>.Builder peers = ImmutableArray.CreateBuilder<TunnelPeer>();
    private readonly ImmutableArray<WantedRoute>.Builder routes = ImmutableArray.CreateBuilder<WantedRoute>();
    private readonly ImmutableArray<ReachedSubnet>.Builder reached = ImmutableArray.CreateBuilder<ReachedSubnet>();

    public void Add(WantedLink link) => links.Add(link);

    public void Add(WantedAddress address) => addresses.Add(address);

    public void Add(TunnelPeer peer) => peers.Add(peer);

    public void Add(WantedRoute route) => routes.Add(route);

    public void Add(ReachedSubnet subnet) => reached.Add(subnet);

    public HostPlan Build()
    {
        int mtu = links.Aggregate(underlayMtu, (smallest, link) => Math.Min(smallest, link.Mtu));
        return new HostPlan(links.ToImmutable(), addresses.ToImmutable(), peers.ToImmutable(), routes.ToImmutable(), mtu) { Reached = reached.ToImmutable() };
    }
}
