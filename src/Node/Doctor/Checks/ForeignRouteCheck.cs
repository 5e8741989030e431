using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ForeignRouteCheck : ICheck
{
    public string Name => "foreign-routes";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "routes of others into the overlay's network that come before ours";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        var bridges = facts.Bridges.Select(link => link.Index).ToHashSet();
        foreach (var route in facts.Routes.Where(route => route.Destination.Length > 0 && route.Protocol != RouteReconciler.OverlayProtocol && route.Table != 255))
        {
            if (facts.Networks.FirstOrDefault(network => network.Contains(route.Destination)) is not { Address: not null })
                continue;
            // Our own containers' bridge, and what the kernel makes for our own devices.
            if (route.Type == RouteType.Unicast && route.Protocol == 2 && (bridges.Contains(route.Interface) || facts.Tunnels.Any(link => link.Index == route.Interface)))
                continue;
            if (route.Type is RouteType.Multicast or RouteType.Local or RouteType.Broadcast or RouteType.Anycast || route.Protocol == 2 && facts.Link(route.Interface) is { Kind: "bridge" })
                continue;
            string type = route.Type == RouteType.Unicast ? "" : $"{route.Type.ToString().ToLowerInvariant()} ";
            string table = route.Table == Route.MainTable ? "" : $" table {route.Table}";
            string where = route.Gateway is { } gateway ? $" via {gateway}" : route.Interface != 0 ? $" dev {facts.NameOf(route.Interface)}" : "";
            yield return Bite($"route {type}{route.Destination}{where}{table} (proto {route.Protocol}) is not ours", "packets for containers of the overlay go there instead", $"ip {(route.Destination.IsIPv4 ? "" : "-6 ")}route del {type}{route.Destination}{table}");
        }
    }
}
