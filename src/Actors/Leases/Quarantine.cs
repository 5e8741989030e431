namespace AkkaOverlay.Actors.Leases;

/// <summary>Why nobody else gets a subnet yet: its lease expired, and packets for the former owner may still be under way.</summary>
/// <param name="Owner">May have it back at once.</param>
/// <param name="NodeName">The owner's, when the lease expired.</param>
/// <param name="Revision">The ledger's revision at which the lease expired.</param>
public sealed record Quarantine(NodeId Owner, string NodeName, long Revision);
