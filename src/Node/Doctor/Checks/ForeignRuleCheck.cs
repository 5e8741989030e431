using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Node.Doctor.Finding;

namespace AkkaOverlay.Node.Doctor.Checks;

internal sealed class ForeignRuleCheck : ICheck
{
    public string Name => "foreign-rules";

    public IReadOnlyList<int> Traps => [7];

    public string LooksAt => "policy rules of others before the one that leads to our routes, which lead packets for the overlay to another table, or refuse them";

    public IEnumerable<Finding> Look(DoctorFacts facts)
    {
        var order = new RoutingOrder(facts);
        foreach (var rule in facts.Rules.Where(rule => !RoutingOrder.IsKernels(rule) && rule.Protocol != RouteReconciler.OverlayProtocol && order.ComesBeforeOurs(rule) && Concerns(facts, rule)))
        {
            string family = rule.Family == System.Net.Sockets.AddressFamily.InterNetwork ? "ip" : "ip -6";
            string selector = $"{(rule.Source is { } source ? $"from {source} " : "")}{(rule.Destination is { } destination ? $"to {destination} " : "")}{(rule.IsNarrowed ? "and more " : "")}";
            string? found = rule.Action is RuleAction.Blackhole or RuleAction.Prohibit or RuleAction.Unreachable ? rule.Action.ToString().ToLowerInvariant()
                : rule.Action == RuleAction.ToTable && !order.IsOurTable(rule.Table) && LeadsAway(facts, rule) ? $"lookup {rule.Table}, where a route leads elsewhere"
                : null;
            if (found is null)
                continue;
            string why = rule.Action == RuleAction.ToTable ? "packets for containers of the overlay do not come to our routes" : "it refuses packets for containers of the overlay";
            yield return rule.IsNarrowed
                ? Note($"rule {rule.Priority}: {selector}{found}", $"{why}, where they fit what is not looked at here (ports, users, an outgoing device, \"not\" …)", $"{family} rule show priority {rule.Priority}")
                : Bite($"rule {rule.Priority}: {selector}{found}", why, $"{family} rule del priority {rule.Priority}");
        }
    }

    /// <summary>Packets for the overlay may fit it. One for what comes in by another device, or carries a mark, is somebody else's affair.</summary>
    private static bool Concerns(DoctorFacts facts, Rule rule) =>
        rule.FwMark is null
        && (rule.IncomingInterface is not { } input || facts.Bridges.Concat(facts.Tunnels).Any(link => link.Name == input))
        && facts.Networks.Any(network => network.Family == rule.Family && (rule.Destination?.Overlaps(network) ?? true) && (rule.Source?.Overlaps(network) ?? true));

    /// <summary>A throw route goes back to the rules, and so does what the rule suppresses.</summary>
    private static bool LeadsAway(DoctorFacts facts, Rule rule) => facts.Routes.Any(route =>
        route.Table == rule.Table && route.Type != RouteType.Throw && route.Protocol != RouteReconciler.OverlayProtocol
        && (rule.SuppressPrefixLength is not { } suppressed || route.Destination.Length > suppressed)
        && facts.Networks.Any(network => network.Overlaps(route.Destination)) && !facts.Own.Any(own => own.Contains(route.Destination)));
}
