using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ForeignRouteCheck : ICheck
{
    public string Name => "foreign-routes";

    public IReadOnlyList<int> Traps => [];

    public string LooksAt => "routes of others in our table that are as specific as ours or more, and so come before them; not those inside this host's own subnet. Of other tables: foreign-rules";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        var order = new RoutingOrder(facts);
        foreach (var route in facts.Routes.Where(route => route.Protocol != RouteReconciler.OverlayProtocol && order.IsOurTable(route.Table) && IsForwarding(facts, route)))
        {
            // Those are the containers', whoever leads there.
            if (facts.Own.Any(own => own.Contains(route.Destination)))
                continue;
            bool takes = order.TakesFromOurs(route);
            if (!takes && !order.WouldTake(route))
                continue;
            string type = route.Type == RouteType.Unicast ? "" : $"{route.Type.ToString().ToLowerInvariant()} ";
            string table = route.Table == Route.MainTable ? "" : $" table {route.Table}";
            string where = route.Gateway is { } gateway ? $" via {gateway}" : route.Interface != 0 ? $" dev {facts.NameOf(route.Interface)}" : "";
            string what = $"route {type}{route.Destination}{where}{table} (proto {route.Protocol}) is not ours";
            string mend = $"ip {(route.Destination.IsIPv4 ? "" : "-6 ")}route del {type}{route.Destination}{where}{table}";
            yield return takes
                ? Bite(what, "packets for containers of the overlay go there instead", mend)
                : Note(what, "no host has that subnet now; packets for the one that gets it would go there instead", mend);
        }
    }

    /// <summary>Leaves out what the kernel makes for addresses: that of another bridge is check overlap's.</summary>
    private static bool IsForwarding(DoctorFacts facts, Route route)
    {
        if (route.Type is RouteType.Multicast or RouteType.Local or RouteType.Broadcast or RouteType.Anycast)
            return false;
        bool isKernels = route is { Type: RouteType.Unicast, Protocol: 2 };
        return !isKernels || facts.Link(route.Interface) is not { } link || !(link.Kind == "bridge" || facts.Tunnels.Contains(link) || OthersObjects.Has(facts, link));
    }
}
