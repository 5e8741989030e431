using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>Subnets only: the host gets its lease and its subnet.env, and no kernel object is made. Somebody else carries the packets.</summary>
public sealed class AllocBackEnd : IBackEnd
{
    public string Name => AllocOffer.Name;

    public Offer MakeOffer(HostFacts host) => new AllocOffer();

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        // None, by definition.
    }

    public bool Reaches(HostFacts host, Lease peer) => false;

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        // Nobody is reached this way.
    }
}
