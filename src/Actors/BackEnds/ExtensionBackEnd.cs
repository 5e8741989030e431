using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.BackEnds;

/// <summary>
/// The operator's own commands make the network (docs/backends.md): no kernel object is made, and the MTU is the smallest of all peers'
/// underlays. What is to be run is <see cref="ExtensionGoal"/>.
/// </summary>
public sealed class ExtensionBackEnd : IBackEnd
{
    public string Name => ExtensionOffer.Name;

    /// <summary>Null until PreStartupCommand has printed what the others must know.</summary>
    public Offer? MakeOffer(HostFacts host)
    {
        ArgumentNullException.ThrowIfNull(host);
        return host.Network.BackEnd is not ExtensionConfig { PreStartupCommand: { } command } ? new ExtensionOffer("")
            : host.Published is { } published && published.Command == command ? new ExtensionOffer(published.Data)
            : null;
    }

    public void AddDevices(HostFacts host, Lease mine, PlanBuilder plan)
    {
        // The commands' own.
    }

    public bool Reaches(HostFacts host, Lease peer) => peer.OfferOf<ExtensionOffer>() is not null;

    public void AddPeer(HostFacts host, Lease peer, PlanBuilder plan)
    {
        string command = ExtensionStep.Add.NameOf(peer.Subnets.All);
        foreach (var subnet in peer.Subnets.All)
            plan.Add(new ReachedSubnet(peer.Owner, subnet, new NextHop(host.Underlay.Device, null), Name) { Command = command });
    }
}
