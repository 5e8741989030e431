namespace AkkaOverlay.Actors.Reconcile;

/// <summary>One kernel object of ours as an operator sees it: what is wanted and what is there.</summary>
/// <param name="Kind">"link", "address", "neighbour", "fdb", "nexthop", "rule", "route", "firewall" or "command".</param>
/// <param name="State">"ok", "missing", "differs", "stale", "waiting" (for its next hop) or "failed".</param>
/// <param name="Error">The kernel's words where it refused the object.</param>
public sealed record ObjectStatus(string Kind, string Name, string? Wanted, string? Actual, string State, string? Error = null);
