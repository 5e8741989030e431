using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Host;

/// <summary>What a host has learned of the ways to its peers.</summary>
/// <param name="Avoided">With <c>auto</c>: those that did not get through.</param>
internal readonly record struct Ways(Changeover Changeover, ImmutableDictionary<AvoidedWay, Avoidance> Avoided);

/// <summary>The whole plan of one host: its network's and its packet filter's.</summary>
internal static class HostPlanner
{
    /// <param name="leases">Everybody's.</param>
    public static HostPlan Plan(HostSettings settings, Underlay underlay, NetworkConfig network, Ways ways, Lease own, IReadOnlyList<Lease> leases)
    {
        var host = new HostFacts(settings.Node, underlay, network)
        {
            Name = settings.Name,
            Bridge = settings.Bridge,
            HasOwnTable = settings.RouteTable != Route.MainTable,
            VxlanLayout = settings.VxlanLayout,
            TunnelKey = settings.TunnelKey,
            Leaving = ways.Changeover.Leaving,
            HoldsLeaving = ways.Changeover.Holds(settings.Time.GetTimestamp()),
            Avoided = ways.Avoided,
            Published = settings.Extension?.Last.Published,
        };
        var plan = Planner.Plan(host, own, leases) with { Cloud = CloudGoal.Of(host, own, leases), Extension = ExtensionGoal.Of(host, own, leases) };
        return settings.Firewall is { } options ? plan with { Firewall = FirewallPlanner.Plan(options, host, own, leases) } : plan;
    }

    /// <summary>Whether a lease of this host says what it can be reached by, and its MTU where it says one; by kinds, for addresses may be on their way. What a command printed is on no way.</summary>
    public static bool AreOffered(HostSettings settings, Underlay underlay, NetworkConfig network, EquatableArray<BackEndConfig> served, Lease held) => (held.UnderlayMtu ?? underlay.Mtu) == underlay.Mtu && served
        .SelectMany(backEnd => Planner.Offers(new HostFacts(settings.Node, underlay, network with { BackEnd = backEnd }) { TunnelKey = settings.TunnelKey, Published = settings.Extension?.Last.Published }))
        .Select(Offered).ToHashSet().SetEquals(held.Offers.Select(Offered));

    private static object Offered(Offer offer) => offer is ExtensionOffer ? offer : offer.BackEnd;

    /// <summary>Everything of ours is stale.</summary>
    public static HostPlan Nothing(HostSettings settings) =>
        HostPlan.Nothing with { Firewall = settings.Firewall is { } options ? WantedFirewall.Nothing(options.Names) : null };
}
