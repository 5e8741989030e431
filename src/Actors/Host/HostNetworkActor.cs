using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Netfilter;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Host;

/// <summary>
/// Joins what the cluster says (this host's lease, everybody's leases, the configuration) with what the kernel shall hold, and keeps both on disk.
/// Lives in the host's own actor system: when the overlay system restarts, it goes on with what it knows.
/// <code>
///                     same boot: what the disk remembers (adds only)
///                      │
///  LeaseHeld ─┐        ▼                     ┌─ SetGoal ──▶ TunnelManager ── HopsReady ─┐
///             ├──▶ HostNetwork ── Planner ───┤                   ▲                       │
///  LedgerSeen ┘   (both live: may sweep)     └─ SetGoal ──▶ RouteManager  ◀──────────────┘
///                                                                └────────── HopsInUse ──▶ TunnelManager
/// </code>
/// FirewallManager gets every goal too. A next hop goes to RouteManager once the guard lets its peer through.
/// </summary>
public sealed class HostNetworkActor : ReceiveActor, IWithTimers
{
    /// <summary>Three renewals.</summary>
    private static readonly TimeSpan CarryTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan SaveDelay = TimeSpan.FromMilliseconds(500);

    private readonly HostSettings settings;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly HostMemory memory;
    private readonly ManagerReports reports = new();

    private IActorRef tunnels = ActorRefs.Nobody;
    private IActorRef routes = ActorRefs.Nobody;
    private IActorRef claimant = ActorRefs.Nobody;
    private IActorRef underlayWatcher = ActorRefs.Nobody;
    private IActorRef firewall = ActorRefs.Nobody;
    private HostProtocol.FirewallReport? firewallReport;
    private ImmutableHashSet<NextHop> guarded = [];
    private HostProtocol.HopsReady? hopsReady;
    private HostProtocol.HopsInUse? hopsInUse;
    private HostProtocol.Forwarded? forwarded;

    private Lease? lease;
    private bool leaseLive;
    private bool ended;
    private bool clone;
    private string? refusal;
    private Underlay underlay;
    private string? underlayProblem;
    private NetworkConfig? networkKnown;
    private ImmutableDictionary<NodeId, Lease> carried = ImmutableDictionary<NodeId, Lease>.Empty;
    private LedgerView ledger = LedgerView.Unknown;
    private long? ledgerHeard;
    private HostProtocol.SetGoal? goal;
    private bool saveScheduled;
    private bool replanQueued;
    private bool announcedReady;
    private bool devicesStand;
    private bool masquerades;

    public HostNetworkActor(HostSettings settings)
    {
        this.settings = settings;
        memory = new HostMemory(settings.Files, settings.BootId, log);
        underlay = settings.Underlay;
        Receive<HostProtocol.LeaseHeld>(OnLeaseHeld);
        Receive<HostProtocol.LeaseRefused>(OnLeaseRefused);
        Receive<HostProtocol.LeaseEnded>(_ => OnLeaseEnded());
        Receive<HostProtocol.LedgerSeen>(OnLedgerSeen);
        Receive<HostProtocol.LedgerConfirmed>(_ => ledgerHeard = settings.Time.GetTimestamp());
        Receive<HostProtocol.GoalWanted>(_ => Brief(Sender));
        Receive<HostProtocol.HopsReady>(message =>
        {
            hopsReady = message;
            TellHops();
        });
        Receive<HostProtocol.FirewallReport>(OnFirewallReport);
        Receive<NetfilterEvent>(change => firewall.Tell(change));
        Receive<HostProtocol.HopsInUse>(message =>
        {
            hopsInUse = message;
            tunnels.Forward(message);
        });
        Receive<HostProtocol.Forwarded>(message =>
        {
            forwarded = message;
            tunnels.Forward(message);
        });
        Receive<HostProtocol.ManagerReport>(OnReport);
        Receive<RtnetlinkEvent>(change =>
        {
            tunnels.Tell(change);
            routes.Tell(change);
            underlayWatcher.Tell(change);
            settings.Forwarders.Tell(change);
            settings.Probes.Tell(change);
        });
        Receive<UnderlaySeen>(OnUnderlaySeen);
        Receive<HostProtocol.GetStatus>(_ => Sender.Tell(Status()));
        Receive<HostProtocol.GetLedger>(_ => Sender.Tell(ledger with { Age = ledgerHeard is { } heard ? settings.Time.GetElapsedTime(heard) : null }));
        Receive<HostProtocol.GetObjects>(query => AllObjects(query).PipeTo(Sender));
        Receive<SaveFeed>(_ => Save());
        Receive<PlanAgain>(_ => Replan());
        Receive<CarriedLongEnough>(_ =>
        {
            carried = ImmutableDictionary<NodeId, Lease>.Empty;
            Replan();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(HostSettings settings) => Akka.Actor.Props.Create(() => new HostNetworkActor(settings));

    protected override void PreStart()
    {
        if (memory.Recall() is { } recalled)
        {
            (lease, ledger) = recalled;
            log.Info("Started again in the same boot: {Count} leases of revision {Revision} are used until the ledger answers", ledger.Leases.Count, ledger.Revision);
        }
        tunnels = Context.ActorOf(TunnelManagerActor.Props(settings.Node, settings.Name.FirstNexthopId, settings.OpenKernel, settings.Time), "tunnel-manager");
        routes = Context.ActorOf(RouteManagerActor.Props(settings.RouteTable, settings.Name, settings.OpenKernel, settings.Time), "route-manager");
        if (settings.Firewall is { } options)
            firewall = Context.ActorOf(FirewallManagerActor.Props(options, settings.Tools, settings.Time), "firewall-manager");
        if (settings.SelectUnderlay is { } select)
            underlayWatcher = Context.ActorOf(UnderlayWatcher.Props(select), "underlay-watcher");
        Replan();
    }

    private void OnUnderlaySeen(UnderlaySeen seen)
    {
        if (seen.Problem is { } problem && problem != underlayProblem)
            log.Error("No underlay: {Problem}. What works goes on with the last one", problem);
        underlayProblem = seen.Problem;
        if (seen.Underlay is not { } now || now == underlay)
            return;
        log.Info("The underlay is now {Device} with {IPv4} {IPv6}, MTU {Mtu}", now.Device, now.Local.IPv4, now.Local.IPv6, now.Mtu);
        underlay = now;
        settings.UnderlayChanged?.Invoke(now);
        Replan();
    }

    private void OnLeaseHeld(HostProtocol.LeaseHeld held)
    {
        claimant = Sender;
        refusal = null;
        if (held.Conflict is { } conflict)
            log.Error("Lease conflict: {Conflict}. Containers with addresses of the former subnet must be restarted", conflict);
        bool news = lease != held.Lease || !leaseLive;
        if (!leaseLive)
            log.Info("Lease {Subnets} confirmed (generation {Generation})", held.Lease.Subnets, held.Lease.Generation);
        lease = held.Lease;
        leaseLive = true;
        ended = false;
        clone = false;
        if (ledger.Network is null)
            ledger = ledger with { Network = held.Network };
        memory.Keep(lease, ledger);
        if (news)
            Replan();
    }

    private void OnLeaseRefused(HostProtocol.LeaseRefused refused)
    {
        claimant = Sender;
        if (refusal != refused.Text)
            log.Error("No lease: {Reason}; trying again", refused.Text);
        refusal = refused.Text;
        if (!refused.IsClone || clone)
            return;
        // The lease in this state directory is another host's: so is what was made of it. The ledger is followed as before, for the day on which this
        // host gets a lease of its own.
        log.Error("What this host made of the lease {Subnets} goes: it is another host's", lease?.Subnets.ToString() ?? "(none)");
        lease = null;
        leaseLive = false;
        clone = true;
        memory.Forget();
        Replan();
    }

    private void OnLeaseEnded()
    {
        log.Info("Lease {Subnets} given back", lease?.Subnets.ToString() ?? "(none)");
        lease = null;
        leaseLive = false;
        ended = true;
        memory.Forget();
        Replan();
    }

    private void OnLedgerSeen(HostProtocol.LedgerSeen seen)
    {
        ledgerHeard = settings.Time.GetTimestamp();
        if (ended)
            return;
        bool anotherEpoch = ledger.Epoch != Guid.Empty && seen.Epoch != ledger.Epoch;
        if (anotherEpoch && seen.Revision < ledger.Revision)
            CarryOver(ledger.Leases);
        // Whom this ledger has had is carried no more: when that lease ends, it has ended.
        carried = carried.RemoveRange(seen.Leases.Keys);
        ledger = new LedgerView(true, seen.Epoch, seen.Revision, seen.Network, seen.Leases);
        if (leaseLive && lease is not null && (anotherEpoch || seen.Revision >= lease.Generation) && seen.Leases.GetValueOrDefault(settings.Node)?.Generation != lease.Generation)
        {
            log.Warning("The ledger has no lease of generation {Generation} for this host any more: claiming again", lease.Generation);
            claimant.Tell(new HostProtocol.ClaimNow());
        }
        if (!replanQueued)
        {
            // Behind the ledgers that wait already: when a whole cluster starts they come by the thousand, and the last one says it all.
            replanQueued = true;
            Self.Tell(PlanAgain.Instance);
        }
        if (!saveScheduled)
        {
            saveScheduled = true;
            Timers.StartSingleTimer(nameof(SaveFeed), SaveFeed.Instance, SaveDelay);
        }
    }

    /// <summary>
    /// Another allocator whose ledger is behind has another ledger: a restored one, or an empty one after its disk was lost, into which every host claims its own
    /// lease again. Peers that worked until now are given the time for it. One whose subnet somebody else holds now is not.
    /// </summary>
    private void CarryOver(ImmutableDictionary<NodeId, Lease> before)
    {
        carried = carried.SetItems(before);
        Timers.StartSingleTimer(nameof(CarriedLongEnough), CarriedLongEnough.Instance, CarryTime);
    }

    private IEnumerable<Lease> CarriedLeases()
    {
        if (carried.IsEmpty)
            return [];
        var held = ledger.Leases.Values.SelectMany(known => known.Subnets.All).ToHashSet();
        return carried.Values.Where(old => !old.Subnets.All.Any(held.Contains));
    }

    private void Replan()
    {
        replanQueued = false;
        HostProtocol.SetGoal? next = null;
        if (ended || clone)
        {
            masquerades = false;
            next = new HostProtocol.SetGoal(HostPlan.Nothing with { Firewall = settings.Firewall is { } none ? WantedFirewall.Nothing(none.Names) : null }, MayRemove: true);
        }
        else if (lease is not null && ledger.Network is { } network)
        {
            if (networkKnown != network.Config)
            {
                networkKnown = network.Config;
                settings.NetworkKnown?.Invoke(network.Config);
            }
            var host = new HostFacts(settings.Node, underlay, network.Config)
            {
                Name = settings.Name,
                Bridge = settings.Bridge,
                HasOwnTable = settings.RouteTable != Route.MainTable,
                VxlanLayout = settings.VxlanLayout,
                TunnelKey = settings.TunnelKey,
            };
            var leases = ledger.Leases.Values.Concat(CarriedLeases()).ToList();
            var plan = Planner.Plan(host, lease, leases);
            if (settings.Firewall is { } options)
                plan = plan with { Firewall = FirewallPlanner.Plan(options, host, lease, leases) };
            next = new HostProtocol.SetGoal(plan, MayRemove: leaseLive && ledger.Live);
        }
        if (next is null || next == goal)
            return;
        goal = next;
        reports.Clear();
        devicesStand = false;
        // First: a peer that is new shall find the guard open.
        firewall.Tell(goal);
        tunnels.Tell(goal);
        routes.Tell(goal);
        settings.Forwarders.Tell(goal);
        settings.Probes.Tell(goal);
    }

    /// <summary>
    /// No route before the guard lets the peer's packets through, or before it is known that it cannot be told: a guard that failed must not cost more than itself.
    /// </summary>
    private void TellHops()
    {
        if (hopsReady is null || (settings.Firewall is not null && firewallReport is null))
            return;
        routes.Tell(settings.Firewall is null ? hopsReady : new HostProtocol.HopsReady(hopsReady.Hops.Intersect(guarded)));
    }

    private void OnFirewallReport(HostProtocol.FirewallReport report)
    {
        bool another = firewallReport is null || !ReferenceEquals(firewallReport.PlanSeen, report.PlanSeen);
        firewallReport = report;
        if (another)
        {
            var hops = report.PlanSeen.Routes.Select(route => route.Hop).ToImmutableHashSet();
            bool news = !guarded.SetEquals(hops) || guarded.IsEmpty;
            guarded = hops;
            if (news)
                TellHops();
        }
        WriteSubnetFile();
        AnnounceReady();
    }

    private void Brief(IActorRef manager)
    {
        if (goal is not null)
            manager.Tell(goal);
        if (manager.Equals(routes))
            TellHops();
        if (manager.Equals(tunnels) && hopsInUse is not null)
            manager.Tell(hopsInUse);
        if (manager.Equals(tunnels) && forwarded is not null)
            manager.Tell(forwarded);
    }

    private void OnReport(HostProtocol.ManagerReport report)
    {
        reports.Add(report);
        if (goal is null || !ReferenceEquals(report.PlanSeen, goal.Plan))
            return;
        if (report is { Manager: "tunnels" })
            devicesStand = report.MissingDevices == 0;
        WriteSubnetFile();
        AnnounceReady();
    }

    /// <summary>
    /// Once the devices stand, and masquerading where it was asked for: whoever reads that we masquerade leaves it to us.
    /// </summary>
    private void WriteSubnetFile()
    {
        if (goal is null || lease is null || ledger.Network is not { } network || !devicesStand)
            return;
        masquerades |= firewallReport is { Masquerades: true };
        if (settings.Firewall is null || !settings.IpMasq || masquerades)
            memory.WriteSubnetFile(network.Config, lease.Subnets, goal.Plan.Mtu, settings.IpMasq);
    }

    private void AnnounceReady()
    {
        if (!announcedReady && Status() is { Ready: true } status)
        {
            announcedReady = true;
            log.Info("Ready: {Subnets}, {Peers} peers", lease?.Subnets, status.Plan.Peers.Length);
        }
    }

    private HostStatus Status()
    {
        bool planned = goal is not null && !replanQueued;
        var components = ImmutableArray.Create(
            new Component("lease", lease is not null, lease is null ? refusal ?? "waiting for the allocator" : $"{lease.Subnets}{(leaseLive ? "" : " (remembered)")}"),
            ledger.ToComponent(),
            reports.ToComponent("tunnels", planned ? goal!.Plan : null),
            reports.ToComponent("routes", planned ? goal!.Plan : null),
            memory.SubnetFile,
            new Component("underlay", underlayProblem is null, underlayProblem ?? underlay.Device));
        if (goal?.Plan.Links.OfType<WantedTun>().FirstOrDefault() is { } tun)
            components = components.Add(new Component("forwarders", forwarded?.Devices.Contains(tun.Name) ?? false, forwarded?.Detail ?? "waiting"));
        if (settings.Firewall is not null)
            components = components.Add(FirewallComponent(planned));
        return new HostStatus(
            settings.Node,
            settings.NodeName,
            components.All(component => component.Ready),
            components,
            lease,
            ledger.Network,
            goal?.Plan ?? HostPlan.Nothing,
            underlay,
            reports.Written);
    }

    private Component FirewallComponent(bool planned) => planned && firewallReport is { } report && ReferenceEquals(report.PlanSeen, goal!.Plan)
        ? new Component("firewall", report.InPlace, report.Detail)
        : new Component("firewall", false, "waiting");

    private async Task<HostProtocol.Objects> AllObjects(HostProtocol.GetObjects query)
    {
        var asked = new[] { tunnels, routes, firewall }.Where(manager => !manager.IsNobody());
        var answers = await Task.WhenAll(asked.Select(manager => manager.Ask<HostProtocol.Objects>(query, TimeSpan.FromSeconds(5))));
        return new HostProtocol.Objects([.. answers.SelectMany(answer => answer.Rows)]);
    }

    private void Save()
    {
        saveScheduled = false;
        if (!ended && !clone && ledger.Live)
            memory.Keep(ledger, lease);
    }

    private sealed class CarriedLongEnough : IDeadLetterSuppression
    {
        public static readonly CarriedLongEnough Instance = new();
    }

    private sealed class PlanAgain : IDeadLetterSuppression
    {
        public static readonly PlanAgain Instance = new();
    }

    private sealed class SaveFeed : IDeadLetterSuppression
    {
        public static readonly SaveFeed Instance = new();
    }
}
