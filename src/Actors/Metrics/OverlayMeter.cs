using System.Diagnostics.Metrics;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Metrics;

/// <summary>
/// What happens in this process, counted as it happens. What only <em>is</em> (leases, peers, objects) is not here: whoever wants to know asks the actors.
/// Names are those of Prometheus; docs/metrics.md explains each. Nothing of it is on a packet's path.
/// </summary>
public static class OverlayMeter
{
    public const string Name = "AkkaOverlay";

    private static readonly Meter Meter = new(Name);

    private static readonly Counter<long> KernelWrites = Meter.CreateCounter<long>("akka_overlay_kernel_writes_total");
    private static readonly Counter<long> KernelFailures = Meter.CreateCounter<long>("akka_overlay_kernel_failures_total");
    private static readonly Counter<long> Repairs = Meter.CreateCounter<long>("akka_overlay_repairs_total");
    private static readonly Counter<long> ActorRestarts = Meter.CreateCounter<long>("akka_overlay_actor_restarts_total");

    /// <summary>Once for each comparison that put something right: from the first kernel event until the kernel had acknowledged all of it.</summary>
    public static readonly Histogram<double> RepairTime = Meter.CreateHistogram(
        "akka_overlay_repair_seconds", advice: Buckets(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60));

    /// <summary>From handing events to the journal until it has acknowledged the last of them: a majority of the seats, the file, or the database.</summary>
    public static readonly Histogram<double> JournalWrite = Meter.CreateHistogram(
        "akka_overlay_journal_write_seconds", advice: Buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10));

    public static readonly Counter<long> JournalFailures = Meter.CreateCounter<long>("akka_overlay_journal_failures_total");

    /// <summary>An allocator on this host has opened the ledger.</summary>
    public static readonly Counter<long> AllocatorStarts = Meter.CreateCounter<long>("akka_overlay_allocator_starts_total");

    /// <summary>Lives of the clustered actor system in this process: more than one where the cluster put this host out.</summary>
    public static readonly Counter<long> OverlayStarts = Meter.CreateCounter<long>("akka_overlay_cluster_joins_total");

    public static void KernelWrote(string kind) => KernelWrites.Add(1, Kind(kind));

    public static void KernelRefused(string kind) => KernelFailures.Add(1, Kind(kind));

    public static void Repaired(string kind) => Repairs.Add(1, Kind(kind));

    /// <param name="restarts">0 makes it known that there is such an actor.</param>
    public static void ActorRestarted(string system, string actor, int restarts) =>
        ActorRestarts.Add(restarts, new KeyValuePair<string, object?>("system", system), new KeyValuePair<string, object?>("actor", actor));

    /// <summary>The kind of object that a change is about: the same words as in <see cref="Reconcile.ObjectStatus"/>.</summary>
    public static string KindOf(RtnetlinkChange change) => change switch
    {
        RtnetlinkChange.PutAddress or RtnetlinkChange.DeleteAddress => "address",
        RtnetlinkChange.PutRoute or RtnetlinkChange.DeleteRoute => "route",
        RtnetlinkChange.PutNeighbour or RtnetlinkChange.DeleteNeighbour => "neighbour",
        RtnetlinkChange.PutFdb or RtnetlinkChange.DeleteFdb => "fdb",
        RtnetlinkChange.PutRule or RtnetlinkChange.DeleteRule => "rule",
        RtnetlinkChange.PutNexthop or RtnetlinkChange.DeleteNexthop => "nexthop",
        _ => "link",
    };

    private static KeyValuePair<string, object?> Kind(string kind) => new("kind", kind);

    private static InstrumentAdvice<double> Buckets(params double[] seconds) => new() { HistogramBucketBoundaries = seconds };
}
