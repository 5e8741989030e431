namespace AkkaOverlay.Chaos.History;

/// <param name="Run">Counts this host's processes, from 1.</param>
public sealed record HostStarted(double At, string Host, int Run) : Observation;

/// <summary>A process that was asked to end (SIGTERM).</summary>
/// <param name="Seconds">That it took.</param>
/// <param name="Status">Its exit status; null where it had to be killed.</param>
public sealed record HostEnded(double At, string Host, double Seconds, int? Status) : Observation;

/// <summary>A process that was asked to end said that it hung on its way out, and ended by its own deadline: its status is as if nothing had been.</summary>
public sealed record EndForced(double At, string Host) : Observation;

/// <summary>A process that nobody asked to end did.</summary>
public sealed record HostDied(double At, string Host, int Status) : Observation;

/// <summary>A process that was told to leave ended, and not with success: it says that its lease could not be given back.</summary>
/// <param name="Seconds">Since it was first told to.</param>
public sealed record HostCouldNotLeave(double At, string Host, double Seconds, int Status) : Observation;

/// <summary>A process that was told to leave ended with success: its lease is given back, and it stays down until it is started again.</summary>
/// <param name="Node">As whom it left: it may come back as another.</param>
public sealed record HostLeft(double At, string Host, string Node) : Observation;

/// <summary>Somebody told this host to give its lease back: from now on, not before, the ledger may forget it.</summary>
/// <param name="Generation">Of the lease that it said it held a moment before.</param>
public sealed record ReleaseAsked(double At, string Host, string Node, long Generation) : Observation;

/// <summary>A host without a lease got one, so an allocator was at work.</summary>
/// <param name="Seconds">From its start.</param>
public sealed record Granted(double At, string Host, string Node, string Subnet, long Generation, double Seconds) : Observation;

/// <summary>From now on these hosts keep their leases, and every one of them has routes to all others.</summary>
public sealed record SteadyFrom(double At, IReadOnlyDictionary<string, string> Subnets) : Observation;

/// <summary>One act of the schedule, or a part of it.</summary>
/// <param name="Done">False where it could not be done just then.</param>
/// <param name="Seconds">Until it is undone, at most.</param>
/// <param name="Hosts">Those it happens to; of a cut, those that it cuts off from a host of the core, in one direction at least.</param>
public sealed record Acted(double At, string Kind, string Text, bool Done, double Seconds, IReadOnlyList<string> Hosts) : Observation;

/// <param name="LostAt">When each lost one was sent.</param>
public sealed record PingsDone(string From, string To, long Sent, IReadOnlyList<double> LostAt) : Observation;

/// <summary>Nothing is broken any more, and nobody is asked to break anything.</summary>
/// <param name="Patience">Seconds until everything must be well.</param>
public sealed record Healed(double At, double Patience) : Observation;

/// <summary>How it stood when all was well, or when the patience was over.</summary>
public sealed record Settled(double At, IReadOnlyList<EndState> Hosts) : Observation;

/// <param name="Members">Each member's address, incarnation and state in this host's eyes, sorted.</param>
/// <param name="Problem">Why it could not be asked; null where it could.</param>
public sealed record EndState(
    string Host,
    string? Problem,
    bool Ready,
    string? Node,
    string? Subnet,
    IReadOnlyList<string> Members,
    int Unreachable,
    bool Live,
    long Revision,
    IReadOnlyList<LeaseSeen> Leases,
    IReadOnlyList<string> Routes);
