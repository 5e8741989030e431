using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// The cloud's own network carries the packets (docs/backends-cloud.md): each host puts a route to its subnet there, and sends to the others by whatever route it
/// has to anywhere. Nothing is encapsulated, and no kernel object is made. What the cloud shall hold is <see cref="CloudRoutes.CloudGoal"/>.
/// </summary>
public sealed class CloudBackEnd(string name) : IBackEnd
{
    public string Name => name;

    public Offer MakeOffer(HostFacts host) => new CloudOffer(name);

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        // Its packets leave by the underlay's own device.
    }

    public bool Reaches(HostFacts host, Lease peer) => peer.OfferOf<CloudOffer>() is { } offer && offer.BackEnd == name;

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        foreach (var subnet in peer.Subnets.All)
            plan.Add(new ReachedSubnet(peer.Owner, subnet, new NextHop(host.Underlay.Device, null), Name) { ByCloud = true });
    }
}
