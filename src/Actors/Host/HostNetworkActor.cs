using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Host;

/// <summary>What a host's network is made with.</summary>
/// <param name="OpenKernel">A socket of its own for each manager.</param>
public sealed record HostSettings(
    NodeId Node,
    string NodeName,
    Underlay Underlay,
    HostFiles Files,
    string BootId,
    bool IpMasq,
    Func<IRtnetlink> OpenKernel,
    TimeProvider Time);

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
/// </summary>
public sealed class HostNetworkActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan SaveDelay = TimeSpan.FromMilliseconds(500);

    private readonly HostSettings settings;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Dictionary<string, HostProtocol.ManagerReport> reports = [];

    private IActorRef tunnels = ActorRefs.Nobody;
    private IActorRef routes = ActorRefs.Nobody;
    private IActorRef claimant = ActorRefs.Nobody;
    private HostProtocol.HopsReady? hopsReady;
    private HostProtocol.HopsInUse? hopsInUse;

    private LeaseSubnets? remembered;
    private Lease? lease;
    private bool leaseLive;
    private bool ended;
    private string? refusal;
    private LedgerView ledger = LedgerView.Unknown;
    private HostProtocol.SetGoal? goal;
    private bool saveScheduled;
    private bool replanQueued;
    private bool announcedReady;

    public HostNetworkActor(HostSettings settings)
    {
        this.settings = settings;
        Receive<HostProtocol.LeaseHeld>(OnLeaseHeld);
        Receive<HostProtocol.LeaseRefused>(OnLeaseRefused);
        Receive<HostProtocol.LeaseEnded>(_ => OnLeaseEnded());
        Receive<HostProtocol.LedgerSeen>(OnLedgerSeen);
        Receive<HostProtocol.GoalWanted>(_ => Brief(Sender));
        Receive<HostProtocol.HopsReady>(message =>
        {
            hopsReady = message;
            routes.Forward(message);
        });
        Receive<HostProtocol.HopsInUse>(message =>
        {
            hopsInUse = message;
            tunnels.Forward(message);
        });
        Receive<HostProtocol.ManagerReport>(OnReport);
        Receive<RtnetlinkEvent>(change =>
        {
            tunnels.Tell(change);
            routes.Tell(change);
        });
        Receive<HostProtocol.GetStatus>(_ => Sender.Tell(Status()));
        Receive<HostProtocol.GetLedger>(_ => Sender.Tell(ledger));
        ReceiveAsync<HostProtocol.GetObjects>(async query => Sender.Tell(await AllObjects(query)));
        Receive<SaveFeed>(_ => Save());
        Receive<PlanAgain>(_ => Replan());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(HostSettings settings) => Akka.Actor.Props.Create(() => new HostNetworkActor(settings));

    protected override void PreStart()
    {
        var held = settings.Files.LoadLease();
        remembered = held?.Subnets;
        if (held is not null && settings.Files.LoadFeed(settings.BootId) is { } saved && saved.Leases.TryGetValue(settings.Node, out var mine)
            && mine.Subnets == held.Subnets && mine.Generation == held.Generation)
        {
            log.Info("Started again in the same boot: {Count} leases of revision {Revision} are used until the ledger answers", saved.Leases.Count, saved.Revision);
            lease = mine;
            ledger = saved;
        }
        tunnels = Context.ActorOf(TunnelManagerActor.Props(settings.Node, settings.OpenKernel, settings.Time), "tunnel-manager");
        routes = Context.ActorOf(RouteManagerActor.Props(settings.OpenKernel, settings.Time), "route-manager");
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
        if (lease?.Subnets != held.Lease.Subnets || remembered != held.Lease.Subnets || lease?.Generation != held.Lease.Generation)
        {
            settings.Files.SaveLease(new HeldLease(held.Lease.Subnets, held.Lease.Generation));
            remembered = held.Lease.Subnets;
        }
        lease = held.Lease;
        leaseLive = true;
        ended = false;
        if (ledger.Network is null)
            ledger = ledger with { Network = held.Network };
        if (news)
            Replan();
    }

    private void OnLeaseRefused(HostProtocol.LeaseRefused refused)
    {
        claimant = Sender;
        if (refusal != refused.Text)
            log.Error("No lease: {Reason}; trying again", refused.Text);
        refusal = refused.Text;
    }

    private void OnLeaseEnded()
    {
        log.Info("Lease {Subnets} given back", lease?.Subnets.ToString() ?? "(none)");
        lease = null;
        leaseLive = false;
        ended = true;
        remembered = null;
        settings.Files.ForgetLease();
        settings.Files.ForgetFeed();
        settings.Files.DeleteSubnetFile();
        Replan();
    }

    private void OnLedgerSeen(HostProtocol.LedgerSeen seen)
    {
        if (ended)
            return;
        ledger = new LedgerView(true, seen.Epoch, seen.Revision, seen.Network, seen.Leases);
        if (leaseLive && lease is not null && seen.Revision >= lease.Generation && seen.Leases.GetValueOrDefault(settings.Node)?.Generation != lease.Generation)
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

    private void Replan()
    {
        replanQueued = false;
        HostProtocol.SetGoal? next = null;
        if (ended)
            next = new HostProtocol.SetGoal(HostPlan.Nothing, MayRemove: true);
        else if (lease is not null && ledger.Network is { } network)
        {
            var host = new HostFacts(settings.Node, settings.Underlay, network.Config);
            var plan = Planner.Plan(host, lease, ledger.Leases.Values);
            next = new HostProtocol.SetGoal(plan, MayRemove: leaseLive && ledger.Live);
        }
        if (next is null || next == goal)
            return;
        goal = next;
        reports.Clear();
        tunnels.Tell(goal);
        routes.Tell(goal);
    }

    private void Brief(IActorRef manager)
    {
        if (goal is not null)
            manager.Tell(goal);
        if (manager.Equals(routes) && hopsReady is not null)
            manager.Tell(hopsReady);
        if (manager.Equals(tunnels) && hopsInUse is not null)
            manager.Tell(hopsInUse);
    }

    private void OnReport(HostProtocol.ManagerReport report)
    {
        reports[report.Manager] = report;
        if (goal is null || !ReferenceEquals(report.PlanSeen, goal.Plan))
            return;
        if (lease is not null && ledger.Network is { } network && report is { Manager: "tunnels", MissingDevices: 0 })
        {
            string content = SubnetEnv.Format(network.Config, lease.Subnets, goal.Plan.Mtu, settings.IpMasq);
            if (settings.Files.WriteSubnetFile(content))
                log.Info("Wrote {File}: {Subnets}, MTU {Mtu}", settings.Files.SubnetFile, lease.Subnets, goal.Plan.Mtu);
        }
        if (!announcedReady && Status() is { Ready: true } status)
        {
            announcedReady = true;
            log.Info("Ready: {Subnets}, {Peers} peers", lease?.Subnets, status.Plan.Peers.Length);
        }
    }

    private HostStatus Status()
    {
        var components = ImmutableArray.Create(
            new Component("lease", lease is not null, lease is null ? refusal ?? "waiting for the allocator" : $"{lease.Subnets}{(leaseLive ? "" : " (remembered)")}"),
            new Component("ledger", ledger.Network is not null && (ledger.Live || ledger.Leases.Count > 0),
                ledger.Live ? $"revision {ledger.Revision}, {ledger.Leases.Count} leases" : ledger.Leases.Count > 0 ? "as remembered from before" : "waiting for the first snapshot"),
            Managed("tunnels"),
            Managed("routes"));
        return new HostStatus(
            settings.Node,
            settings.NodeName,
            components.All(component => component.Ready),
            components,
            lease,
            ledger.Network,
            goal?.Plan ?? HostPlan.Nothing,
            settings.Underlay,
            reports.Values.Sum(report => report.Written));
    }

    private Component Managed(string manager)
    {
        if (goal is null || !reports.TryGetValue(manager, out var report) || !ReferenceEquals(report.PlanSeen, goal.Plan))
            return new Component(manager, false, "waiting");
        if (report.Errors.Length > 0)
            return new Component(manager, false, string.Join("; ", report.Errors.Take(3)));
        int missing = report.Missing + report.MissingDevices;
        return new Component(manager, missing == 0, missing == 0 ? "as wanted" : $"{missing} not in place");
    }

    private async Task<HostProtocol.Objects> AllObjects(HostProtocol.GetObjects query)
    {
        var answers = await Task.WhenAll(
            tunnels.Ask<HostProtocol.Objects>(query, TimeSpan.FromSeconds(5)),
            routes.Ask<HostProtocol.Objects>(query, TimeSpan.FromSeconds(5)));
        return new HostProtocol.Objects([.. answers.SelectMany(answer => answer.Rows)]);
    }

    private void Save()
    {
        saveScheduled = false;
        if (ended || !ledger.Live)
            return;
        try
        {
            settings.Files.SaveFeed(settings.BootId, ledger);
        }
        catch (IOException e)
        {
            log.Warning("The ledger's copy cannot be kept: {Reason}", e.Message);
        }
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
