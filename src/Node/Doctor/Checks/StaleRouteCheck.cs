using AkkaOverlay.Actors.RouteManager;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class StaleRouteCheck : ICheck
{
    public string Name => "stale-routes";

    public IReadOnlyList<int> Traps => [9];

    public string LooksAt => "with the node stopped: routes of protocol 77 whose subnet no remembered lease has";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.NodeRuns || facts.Leases.Count == 0)
            yield break;
        foreach (var route in facts.Routes.Where(route => route.Protocol == RouteReconciler.OverlayProtocol && !OthersObjects.Has(facts, route)))
        {
            bool known = facts.Leases.Any(lease => lease.Subnets.All.Contains(route.Destination)) || facts.Networks.Concat(facts.Own).Contains(route.Destination);
            if (!known)
                yield return Bite($"route {route.Destination} is ours, and no lease is known for it", "packets go to a host that may not have the subnet any more", $"systemctl start {facts.Service}, which sweeps it, or {facts.Cli("cleanup")}");
        }
    }
}
