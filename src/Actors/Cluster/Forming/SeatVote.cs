namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>The one vote of a seat.</summary>
/// <param name="Candidate">Akka address of the seat that may form the cluster.</param>
/// <param name="At">When it was given, or given again, on the machine's monotonic clock.</param>
public sealed record SeatVote(string Candidate, TimeSpan At);
