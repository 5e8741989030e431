using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Node.Doctor;

/// <summary>
/// What belongs to another akka-overlay network of this host, by what the kernel itself shows (docs/decisions/21-networks-side-by-side.md), so that it is seen also where that network's directories are
/// not at the usual place, or its node does not run. Pure.
/// </summary>
internal static class OthersObjects
{
    /// <summary>
    /// A device of another network: its node's id gives its MAC address or alias, or its routes or rules name it, or it holds the containers' gateway of that network.
    /// </summary>
    public static bool Has(DoctorFacts facts, Link link)
    {
        if (facts.Node is { } node && BackEndRegistry.Owns(node, link))
            return false;
        return facts.Beside.Nodes.Any(other => BackEndRegistry.Owns(other, link))
            || (BackEndRegistry.IsMarked(link) && !IsDefaultsAlone(facts, link))
            || facts.Routes.Any(route => route.Interface == link.Index && Has(facts, route))
            || facts.Rules.Any(rule => rule.IncomingInterface == link.Name && rule.Protocol == RouteReconciler.OverlayProtocol && !facts.Name.HasTable(rule.Table))
            || facts.Addresses.Any(held => held.Interface == link.Index && facts.Beside.Subnets.Any(subnet => subnet.AddressAt(1).Equals(held.Address) && !facts.Own.Contains(subnet)));
    }

    /// <summary>A route of another network: of our protocol number, in a table that is not ours.</summary>
    public static bool Has(DoctorFacts facts, Route route) => route.Protocol == RouteReconciler.OverlayProtocol && !facts.Name.HasTable(route.Table);

    /// <summary>No named network has a device of that name: seen from the default network, it is its own or nobody's.</summary>
    public static bool IsDefaultsAlone(DoctorFacts facts, Link link) => facts.Name.IsDefault && link.Name == UdpBackEnd.Device;
}
