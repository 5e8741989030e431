using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ForeignRuleCheck : ICheck
{
    public string Name => "foreign-rules";

    public IReadOnlyList<int> Traps => [7];

    public string LooksAt => "policy rules of others that lead packets for the overlay to another table, or refuse them";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        uint[] kernels = [0, 32766, 32767];
        foreach (var rule in facts.Rules.Where(rule => !kernels.Contains(rule.Priority) && rule.Protocol != RouteReconciler.OverlayProtocol))
        {
            // A rule for what comes in by another device does not concern us.
            if (rule.IncomingInterface is { } input && !facts.Bridges.Concat(facts.Tunnels).Any(link => link.Name == input))
                continue;
            if (rule.FwMark is not null || !facts.Networks.Any(network => network.Family == rule.Family && (rule.Destination?.Overlaps(network) ?? true) && (rule.Source?.Overlaps(network) ?? true)))
                continue;
            string selector = $"{(rule.Source is { } source ? $"from {source} " : "")}{(rule.Destination is { } destination ? $"to {destination} " : "")}";
            string mend = $"ip {(rule.Family == System.Net.Sockets.AddressFamily.InterNetwork ? "" : "-6 ")}rule del priority {rule.Priority}";
            if (rule.Action is RuleAction.Blackhole or RuleAction.Prohibit or RuleAction.Unreachable)
                yield return Bite($"rule {rule.Priority}: {selector}{rule.Action.ToString().ToLowerInvariant()}", "it refuses packets for containers of the overlay", mend);
            else if (rule is { Action: RuleAction.ToTable, SuppressPrefixLength: null } && rule.Table != Route.MainTable && facts.Routes.Any(route => route.Table == rule.Table && facts.Networks.Any(network => network.Family == route.Destination.Family && route.Destination.Overlaps(network) && route.Protocol != RouteReconciler.OverlayProtocol)))
                yield return Bite($"rule {rule.Priority}: {selector}lookup {rule.Table}, where a route leads elsewhere", "packets for containers of the overlay do not come to our routes", mend);
        }
    }
}
