using AkkaOverlay.Actors.RouteManager;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class DeviceGoneCheck : ICheck
{
    public string Name => "device-gone";

    public IReadOnlyList<int> Traps => [5, 8];

    public string LooksAt => "with subnet.env there: our device, up, and a route to each remembered peer";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        if (facts.Network is null || facts.SubnetEnv.Count == 0)
            yield break;
        foreach (string name in facts.TunnelNames.Take(1))
        {
            if (facts.Link(name) is not { } link)
                yield return Bite($"{name} is not there, but subnet.env is", "containers here reach no other host", facts.NodeRuns ? facts.Cli("routes") : $"systemctl start {facts.Service}");
            else if (!link.Up && !OthersObjects.Has(facts, link))
                yield return Bite($"{name} is down", "containers here reach no other host", $"ip link set {name} up");
        }
        if (facts.NodeRuns)
            yield break;
        int missing = facts.Leases.Count(lease => lease.Owner != facts.Node && lease.Subnets.All.Any(subnet => !facts.Routes.Any(route => route.Protocol == RouteReconciler.OverlayProtocol && !OthersObjects.Has(facts, route) && route.Destination.Contains(subnet))));
        if (missing > 0)
            yield return Bite($"no route to {missing} of {facts.Leases.Count(lease => lease.Owner != facts.Node)} peers, and the node is stopped", "nobody puts them back", $"systemctl start {facts.Service}");
    }
}
