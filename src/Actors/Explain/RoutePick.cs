using System.Net;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Explain;

/// <summary>Says in ip(8)'s words what the kernel chose, and who is to blame where it is not what was wanted.</summary>
internal static class RoutePick
{
    private static readonly uint[] KernelsOwn = [0, 32766, 32767];

    public static string Describe(PathFacts facts, RouteAnswer answer)
    {
        if (answer.Way is not { } way)
            return answer.Refusal is { } refusal ? refusal.Text : "no answer";
        string to = way.Type == RouteType.Local ? "local" : way.Gateway is { } gateway ? $"via {gateway} dev {facts.NameOf(way.Interface)}" : $"dev {facts.NameOf(way.Interface)}";
        return answer.Match is { } match ? $"{to} ({Text(match)})" : to;
    }

    /// <summary>Why the kernel does otherwise than wanted, and the command against it.</summary>
    public static (string Reason, string? Mend) Blame(PathFacts facts, RouteAnswer answer, IPAddress source, IPAddress destination)
    {
        string family = facts.IsIPv4 ? "ip" : "ip -6";
        if (Diverting(facts, answer, source, destination) is { } rule)
            return ($"policy rule {rule.Priority} ({Act(rule)}), which is not ours, comes first", $"{family} rule {(rule.IsNarrowed ? "show" : "del")} priority {rule.Priority}");
        if (answer.Match is { Protocol: RouteReconciler.OverlayProtocol } ours)
            return ($"only our own route to the other hosts fits: {Text(ours)}", null);
        if (answer.Match is { } match)
            return ($"a route of somebody else is more specific, or comes first: {Text(match)}", $"{family} route del {match.Destination}{Table(match)}");
        if (facts.Refusing.OrderByDescending(route => route.Destination.Length).FirstOrDefault() is { } refusing && answer.Way is null)
            return ($"a route refuses it: {Text(refusing)}", $"{family} route del {Type(refusing)}{refusing.Destination}{Table(refusing)}");
        return ("no route leads there", null);
    }

    public static string Text(Route route) =>
        $"{Type(route)}{(route.Destination.Length == 0 ? "default" : route.Destination.ToString())}, table {TableName(route.Table)}, proto {Maker(route.Protocol)}";

    private static Rule? Diverting(PathFacts facts, RouteAnswer answer, IPAddress source, IPAddress destination) => facts.Rules
        .Where(rule => rule.Protocol != RouteReconciler.OverlayProtocol && !KernelsOwn.Contains(rule.Priority))
        .Where(rule => rule.Family == destination.AddressFamily && (rule.Source?.Contains(source) ?? true) && (rule.Destination?.Contains(destination) ?? true))
        .Where(rule => rule.IncomingInterface is not { } input || facts.Links.Any(link => link.Name == input))
        // Of one that says more than is known here nobody can tell that it was this packet's.
        .OrderBy(rule => rule.IsNarrowed).ThenBy(rule => rule.Priority)
        .FirstOrDefault(rule => answer.Way is null
            ? rule.Action is RuleAction.Blackhole or RuleAction.Prohibit or RuleAction.Unreachable || LeadsToRefusal(facts, rule)
            : rule.Action == RuleAction.ToTable && rule.Table == (answer.Match ?? answer.Way).Table);

    private static bool LeadsToRefusal(PathFacts facts, Rule rule) => rule.Action == RuleAction.ToTable && facts.Refusing.Any(route => route.Table == rule.Table);

    private static string Act(Rule rule) => rule.Action == RuleAction.ToTable ? $"lookup {rule.Table}" : rule.Action.ToString().ToLowerInvariant();

    private static string Type(Route route) => route.Type is RouteType.Unicast or RouteType.Local ? "" : $"{route.Type.ToString().ToLowerInvariant()} ";

    private static string Table(Route route) => route.Table == Route.MainTable ? "" : $" table {route.Table}";

    private static string TableName(uint table) => table switch
    {
        254 => "main",
        255 => "local",
        253 => "default",
        _ => table.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };

    private static string Maker(byte protocol) => protocol switch
    {
        2 => "kernel",
        3 => "boot",
        4 => "static",
        RouteReconciler.OverlayProtocol => "77, ours",
        _ => protocol.ToString(System.Globalization.CultureInfo.InvariantCulture),
    };
}
