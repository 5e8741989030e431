using static AkkaOverlay.Node.Metrics.MetricType;

namespace AkkaOverlay.Node.Metrics;

/// <summary>Every metric that a node has, in the order of its page. docs/metrics.md, the alert rules and the dashboard are checked against this list.</summary>
public static class Catalogue
{
    private static readonly string[] Kinds = ["link", "address", "neighbour", "fdb", "nexthop", "wireguard", "rule", "route"];

    // This host.
    public static readonly MetricFamily BuildInfo = new("akka_overlay_build_info", Gauge, "Always 1: release of the node and of .NET.", "version", "dotnet");
    public static readonly MetricFamily HostInfo = new("akka_overlay_host_info", Gauge, "Always 1: who this host is and what it holds; subnets are empty without a lease.", "node", "name", "back_end", "subnet", "ipv6_subnet");
    public static readonly MetricFamily Ready = new("akka_overlay_ready", Gauge, "1 where every component is ready, as /ready says.");
    public static readonly MetricFamily ComponentReady = new("akka_overlay_component_ready", Gauge, "1 where this component is ready.", "component");
    public static readonly MetricFamily SourceUp = new("akka_overlay_scrape_source_up", Gauge, "0 where a part of this page could not be had in time: its metrics are missing.", "source");

    // The ledger as this host has it.
    public static readonly MetricFamily Leases = new("akka_overlay_leases", Gauge, "Leases in the ledger as this host has it.");
    public static readonly MetricFamily PoolSize = new("akka_overlay_pool_size", Gauge, "Subnets that the network can lease.", "family");
    public static readonly MetricFamily LedgerLive = new("akka_overlay_ledger_live", Gauge, "1 where the ledger was heard in this run, 0 where it is remembered from before.");
    public static readonly MetricFamily LedgerRevision = new("akka_overlay_ledger_revision", Gauge, "Revision of the ledger that this host has.");
    public static readonly MetricFamily FeedAge = new("akka_overlay_feed_age_seconds", Gauge, "Since the allocator last said that this host has all there is, or sent news; up to 6 s while all is well. Missing before the first word.");

    // The allocator, where it is on this host.
    public static readonly MetricFamily Allocator = new("akka_overlay_allocator", Gauge, "1 where the allocator runs on this host and has the ledger open.");
    public static readonly MetricFamily AllocatorRevision = new("akka_overlay_allocator_revision", Gauge, "Allocator's host only: the ledger's last revision.");
    public static readonly MetricFamily PoolSubnets = new("akka_overlay_pool_subnets", Gauge, "Allocator's host only: subnets of the pool by state; together they are the pool.", "family", "state");
    public static readonly MetricFamily AllocatorStarts = new("akka_overlay_allocator_starts_total", Counter, "Times that an allocator opened the ledger on this host.");
    public static readonly MetricFamily JournalWrite = new("akka_overlay_journal_write_seconds", Histogram, "Allocator's host: from handing events to the journal until it acknowledged them (a majority of the seats, the file, the database).");
    public static readonly MetricFamily JournalFailures = new("akka_overlay_journal_failures_total", Counter, "Times that the ledger could not be written or read on this host; an allocator elsewhere that takes over is such a time.");

    // The cluster.
    public static readonly MetricFamily ClusterUp = new("akka_overlay_cluster_up", Gauge, "1 where this host is a full member of the cluster.");
    public static readonly MetricFamily ClusterMembers = new("akka_overlay_cluster_members", Gauge, "Members of the cluster as this host sees them, by status.", "status");
    public static readonly MetricFamily ClusterUnreachable = new("akka_overlay_cluster_unreachable_members", Gauge, "Members that cannot be reached, as this host has heard.");
    public static readonly MetricFamily ClusterJoins = new("akka_overlay_cluster_joins_total", Counter, "Times that this process began to join the cluster: more than 1 where it was put out.");

    // The kernel.
    public static readonly MetricFamily Peers = new("akka_overlay_peers", Gauge, "Peers' subnets by the back end that they are reached by, and the state of what they stand on in this kernel.", "back_end", "state");
    public static readonly MetricFamily PeerProblem = new("akka_overlay_peer_problem", Gauge, "1 for each peer's subnet whose state is not ok, by name, at most 20 of them.", "peer", "subnet", "state");
    public static readonly MetricFamily KernelObjects = new("akka_overlay_kernel_objects", Gauge, "Kernel objects of ours by kind and state, compared now; all but the stale ones are wanted.", "kind", "state");
    public static readonly MetricFamily KernelWrites = new("akka_overlay_kernel_writes_total", Counter, "Changes that the kernel made for us, by kind of object.", "kind") { FromStart = Rows(Kinds) };
    public static readonly MetricFamily KernelFailures = new("akka_overlay_kernel_failures_total", Counter, "Changes that the kernel refused, by kind of object; each is tried again.", "kind") { FromStart = Rows(Kinds) };
    public static readonly MetricFamily Repairs = new("akka_overlay_repairs_total", Counter, "Objects put back that were in place before, by kind.", "kind") { FromStart = Rows(Kinds) };
    public static readonly MetricFamily RepairTime = new("akka_overlay_repair_seconds", Histogram, "From the kernel's event about an object of ours until it was put right.");

    // Probes through the overlay.
    public static readonly MetricFamily ProbePaths = new("akka_overlay_probe_paths", Gauge, "Paths through the overlay (a peer by one IP version) that this host probes, by state; not_probed are peers of which nothing is known.", "state");
    public static readonly MetricFamily ProbeFailing = new("akka_overlay_probe_failing", Gauge, "Paths that fail in the data plane (loss, full_size_lost, dead) while the control plane is fine.");
    public static readonly MetricFamily ProbeProblem = new("akka_overlay_probe_problem", Gauge, "1 for each of them, by name.", "peer", "address", "state");
    public static readonly MetricFamily ProbeLoss = new("akka_overlay_probe_loss_ratio", Gauge, "Lost of the last 64 questions at most, 0 to 1, of both sizes; for each path, some 20 of them.", "peer", "address");
    public static readonly MetricFamily ProbeRoundTrip = new("akka_overlay_probe_rtt_seconds", Gauge, "Round trip through the overlay, smoothed, for each path.", "peer", "address");
    public static readonly MetricFamily ProbePackets = new("akka_overlay_probe_packets_total", Counter, "Probes of this host: question_sent, answer_received, answer_sent.", "kind");

    // The packet forwarders (back end udp).
    public static readonly MetricFamily ForwarderQueues = new("akka_overlay_forwarder_queues", Gauge, "Back end udp: queues of the TUN device that are served, and that are not.", "state");
    public static readonly MetricFamily ForwarderRestarts = new("akka_overlay_forwarder_loop_restarts_total", Counter, "Back end udp: forwarding loops that ended by themselves and were started again.");
    public static readonly MetricFamily ForwarderPackets = new("akka_overlay_forwarder_packets_total", Counter, "Back end udp: inner packets forwarded.", "direction");
    public static readonly MetricFamily ForwarderBytes = new("akka_overlay_forwarder_bytes_total", Counter, "Back end udp: octets of these packets, IP headers included.", "direction");
    public static readonly MetricFamily ForwarderDrops = new("akka_overlay_forwarder_drops_total", Counter, "Back end udp: packets not forwarded, by reason.", "reason");
    public static readonly MetricFamily ForwarderCalls = new("akka_overlay_forwarder_system_calls_total", Counter, "Back end udp: system calls that moved packets.", "call");
    public static readonly MetricFamily ForwarderIcmp = new("akka_overlay_forwarder_icmp_errors_total", Counter, "Back end udp: ICMP errors given to senders on this host.");
    public static readonly MetricFamily ForwarderJoins = new("akka_overlay_forwarder_joins_refused_total", Counter, "Back end udp: joined packets that the kernel did not take; their parts were written one by one.");

    // The process.
    public static readonly MetricFamily ActorRestarts = new("akka_overlay_actor_restarts_total", Counter, "Actors that failed and were started again, by actor system and path below /user; Akka's own together as akka.", "system", "actor");
    public static readonly MetricFamily Cpu = new("process_cpu_seconds_total", Counter, "User and system time of the process.");
    public static readonly MetricFamily Resident = new("process_resident_memory_bytes", Gauge, "Memory of the process that is in RAM.");
    public static readonly MetricFamily Virtual = new("process_virtual_memory_bytes", Gauge, "Address space of the process.");
    public static readonly MetricFamily StartTime = new("process_start_time_seconds", Gauge, "When the process started, since the epoch.");
    public static readonly MetricFamily OpenFds = new("process_open_fds", Gauge, "Open file descriptors.");
    public static readonly MetricFamily MaxFds = new("process_max_fds", Gauge, "Limit of open file descriptors.");
    public static readonly MetricFamily Threads = new("process_threads", Gauge, "Threads of the process.");
    public static readonly MetricFamily Heap = new("dotnet_gc_heap_bytes", Gauge, "Managed heap after the last collection.");
    public static readonly MetricFamily GcPause = new("dotnet_gc_pause_seconds_total", Counter, "Time for which the garbage collector held all managed threads.");

    public static IReadOnlyList<MetricFamily> All { get; } =
    [
        BuildInfo, HostInfo, Ready, ComponentReady, SourceUp,
        Leases, PoolSize, LedgerLive, LedgerRevision, FeedAge,
        Allocator, AllocatorRevision, PoolSubnets, AllocatorStarts, JournalWrite, JournalFailures,
        ClusterUp, ClusterMembers, ClusterUnreachable, ClusterJoins,
        Peers, PeerProblem, KernelObjects, KernelWrites, KernelFailures, Repairs, RepairTime,
        ProbePaths, ProbeFailing, ProbeProblem, ProbeLoss, ProbeRoundTrip, ProbePackets,
        ForwarderQueues, ForwarderRestarts, ForwarderPackets, ForwarderBytes, ForwarderDrops, ForwarderCalls, ForwarderIcmp, ForwarderJoins,
        ActorRestarts, Cpu, Resident, Virtual, StartTime, OpenFds, MaxFds, Threads, Heap, GcPause,
    ];

    private static string[][] Rows(string[] values) => [.. values.Select(value => new[] { value })];
}
