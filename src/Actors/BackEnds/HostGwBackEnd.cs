using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// Plain routes between hosts on one link; nothing is encapsulated. On a host, for a peer with 10.244.2.0/24 at 192.168.7.2:
/// <code>
/// ip route                       10.244.2.0/24 via 192.168.7.2 dev eth0 proto 77
/// </code>
/// </summary>
public sealed class HostGwBackEnd : IBackEnd
{
    public string Name => HostGwOffer.Name;

    /// <summary>Null behind NAT: nobody can use an address as gateway that is not on the link.</summary>
    public Offer? MakeOffer(HostFacts host) => host.Underlay.Local == host.Underlay.Public ? new HostGwOffer() : null;

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        // Its packets leave by the underlay's own device.
    }

    public bool Reaches(HostFacts host, Lease peer) => peer.OfferOf<HostGwOffer>() is not null;

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        foreach (var subnet in peer.Subnets.All)
        {
            var gateway = subnet.IsIPv4 ? peer.Public.IPv4 : peer.Public.IPv6;
            if (gateway is null)
                continue;
            var hop = new NextHop(host.Underlay.Device, gateway);
            plan.Add(new DirectPeer(peer.Owner, hop));
            plan.Add(new WantedRoute(peer.Owner, subnet, hop, OnLink: false));
            plan.Add(new ReachedSubnet(peer.Owner, subnet, hop, Name));
        }
    }
}
