using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
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
/// FirewallManager gets every goal too (<see cref="HostManagers"/>). A next hop goes to RouteManager once the guard lets its peer through (<see cref="FirewallGate"/>).
/// </summary>
public sealed class HostNetworkActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan SaveDelay = TimeSpan.FromMilliseconds(500);

    private readonly HostSettings settings;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly HostMemory memory;
    private readonly ManagerReports reports = new();
    private readonly FirewallGate gate;
    private readonly PartGates parts = new();
    private readonly Changeover changeover;
    private readonly Offering offering;
    private readonly HostStatusMaker statusMaker;

    private HostManagers managers = null!;
    private HostProtocol.HopsReady? hopsReady;

    private OwnLease own = OwnLease.Unknown;
    private Underlay underlay;
    private string? underlayProblem;
    private NetworkConfig? networkKnown;
    private CarriedLeases carried = CarriedLeases.None;
    private LedgerView ledger = LedgerView.Unknown;
    private long? ledgerHeard;
    private HostProtocol.SetGoal? goal;
    private bool saveScheduled;
    private bool replanQueued;
    private bool announcedReady;
    private string? draining;
    private bool devicesStand;
    private ImmutableDictionary<AvoidedWay, Avoidance> avoided = ImmutableDictionary<AvoidedWay, Avoidance>.Empty;

    public HostNetworkActor(HostSettings settings)
    {
        this.settings = settings;
        memory = new HostMemory(settings.Files, settings.BootId, log);
        gate = new FirewallGate(settings.Firewall is not null, settings.IpMasq);
        changeover = new Changeover(settings.Time);
        offering = new Offering(settings, changeover);
        statusMaker = new HostStatusMaker(settings, reports, memory, gate, parts, changeover);
        underlay = settings.Underlay;
        Receive<HostProtocol.LeaseHeld>(OnLeaseHeld);
        Receive<HostProtocol.LeaseRefused>(OnLeaseRefused);
        Receive<HostProtocol.LeaseEnded>(_ => OnLeaseEnded());
        Receive<HostProtocol.LedgerSeen>(OnLedgerSeen);
        Receive<HostProtocol.LedgerConfirmed>(_ => ledgerHeard = settings.Time.GetTimestamp());
        Receive<HostProtocol.GoalWanted>(_ => managers.Brief(Sender, goal, gate.Through(hopsReady)));
        Receive<HostProtocol.HopsReady>(message =>
        {
            hopsReady = message;
            managers.Tell(gate.Through(hopsReady));
        });
        Receive<HostProtocol.FirewallReport>(OnFirewallReport);
        Receive<HostProtocol.PartReport>(OnPartReport);
        Receive<NetfilterEvent>(change => managers.Tell(change));
        Receive<RtnetlinkEvent>(change => managers.Tell(change));
        Receive<HostProtocol.HopsInUse>(message => managers.Forward(message));
        Receive<HostProtocol.Forwarded>(message =>
        {
            managers.Forward(message);
            OfferWhatStands();
        });
        Receive<HostProtocol.ManagerReport>(OnReport);
        Receive<UnderlaySeen>(OnUnderlaySeen);
        Receive<HostProtocol.Draining>(message => draining = message.Detail);
        Receive<HostProtocol.GetStatus>(_ => Sender.Tell(Status()));
        Receive<HostProtocol.GetLedger>(_ => Sender.Tell(ledger with { Age = ledgerHeard is { } heard ? settings.Time.GetElapsedTime(heard) : null }));
        Receive<HostProtocol.GetObjects>(query => managers.Ask(query).PipeTo(Sender));
        Receive<HostSignals.SaveFeed>(_ => Save());
        Receive<HostSignals.PlanAgain>(_ => Replan());
        Receive<HostProtocol.WaysAvoided>(message =>
        {
            avoided = message.Avoided;
            memory.Keep(avoided);
            Replan();
        });
        Receive<HostSignals.ChangeoverGoesOn>(_ => OnChangeoverGoesOn());
        Receive<HostSignals.CarriedLongEnough>(_ =>
        {
            carried = CarriedLeases.None;
            Replan();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(HostSettings settings) => Akka.Actor.Props.Create(() => new HostNetworkActor(settings));

    protected override void PreStart()
    {
        if (memory.Recall() is { } recalled)
        {
            own = new OwnLease(recalled.Lease, Live: false);
            ledger = recalled.Ledger;
            log.Info("Started again in the same boot: {Count} leases of revision {Revision} are used until the ledger answers", ledger.Leases.Count, ledger.Revision);
        }
        avoided = memory.RecallWays();
        managers = new HostManagers(Context, settings, avoided);
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
        bool isAnotherMtu = now.Mtu != underlay.Mtu;
        underlay = now;
        settings.UnderlayChanged?.Invoke(now);
        if (isAnotherMtu)
            offering.Claim(underlay);
        Replan();
    }

    private void OnLeaseHeld(HostProtocol.LeaseHeld held)
    {
        offering.Claimant = Sender;
        if (held.Conflict is { } conflict)
            log.Error("Lease conflict: {Conflict}. Containers with addresses of the former subnet must be restarted", conflict);
        bool news = own.Lease != held.Lease || !own.Live;
        if (!own.Live)
            log.Info("Lease {Subnets} confirmed (generation {Generation})", held.Lease.Subnets, held.Lease.Generation);
        own = new OwnLease(held.Lease, Live: true);
        if (ledger.Network is null)
            ledger = ledger with { Network = held.Network };
        changeover.Heard(held.Lease, ledger.Network.Config.BackEnd);
        offering.Mend(underlay, held.Lease, ledger.Network.Config);
        memory.Keep(held.Lease, ledger);
        if (news)
            Replan();
    }

    private void OnLeaseRefused(HostProtocol.LeaseRefused refused)
    {
        offering.Claimant = Sender;
        if (own.Refusal != refused.Text)
            log.Error("No lease: {Reason}; trying again", refused.Text);
        own = own with { Refusal = refused.Text };
        if (!refused.IsClone || own.IsAnothers)
            return;
        log.Error("What this host made of the lease {Subnets} goes: it is another host's", own.Subnets);
        own = own.TakenForAnothers();
        memory.Forget();
        Replan();
    }

    private void OnLeaseEnded()
    {
        log.Info("Lease {Subnets} given back", own.Subnets);
        own = own.GivenBack();
        memory.Forget();
        Replan();
    }

    private void OnLedgerSeen(HostProtocol.LedgerSeen seen)
    {
        ledgerHeard = settings.Time.GetTimestamp();
        if (own.Ended)
            return;
        var before = ledger;
        if (CarriedLeases.BeginWith(before, seen))
            Timers.StartSingleTimer(nameof(HostSignals.CarriedLongEnough), HostSignals.CarriedLongEnough.Instance, CarriedLeases.Time);
        carried = carried.After(before, seen);
        ledger = new LedgerView(true, seen.Epoch, seen.Revision, seen.Network, seen.Leases);
        if (own.IsMissingIn(seen, before, settings.Node))
        {
            log.Warning("The ledger has no lease of generation {Generation} for this host any more: claiming again", own.Lease?.Generation);
            offering.Claim(underlay);
        }
        // What this host offers may have changed with it.
        if (before.Network is { } known && known.Config != seen.Network.Config)
        {
            changeover.Begin(known.Config.BackEnd, seen.Network.Config.BackEnd);
            offering.Claim(underlay, seen.Network.Config.BackEnd);
        }
        if (!replanQueued)
        {
            // Behind the ledgers that wait already: when a whole cluster starts they come by the thousand, and the last one says it all.
            replanQueued = true;
            Self.Tell(HostSignals.PlanAgain.Instance);
        }
        if (!saveScheduled)
        {
            saveScheduled = true;
            Timers.StartSingleTimer(nameof(HostSignals.SaveFeed), HostSignals.SaveFeed.Instance, SaveDelay);
        }
    }

    private void Replan()
    {
        replanQueued = false;
        HostProtocol.SetGoal? next = null;
        if (own.IsOver)
        {
            gate.Forget();
            next = new HostProtocol.SetGoal(HostPlanner.Nothing(settings), MayRemove: true);
        }
        else if (own.Lease is { } lease && ledger.Network is { } network)
        {
            if (networkKnown != network.Config)
            {
                networkKnown = network.Config;
                settings.NetworkKnown?.Invoke(network.Config);
            }
            var leases = ledger.Leases.Values.Concat(carried.Beside(ledger.Leases)).ToList();
            next = new HostProtocol.SetGoal(HostPlanner.Plan(settings, underlay, network.Config, new Ways(changeover, avoided), lease, leases), MayRemove: own.Live && ledger.Live);
        }
        if (changeover.Next(settings.Time.GetTimestamp()) is { } delay)
            Timers.StartSingleTimer(nameof(HostSignals.ChangeoverGoesOn), HostSignals.ChangeoverGoesOn.Instance, delay);
        if (next is null || next == goal)
        {
            WriteSubnetFile();
            return;
        }
        SayWhatPeersTake(goal?.Plan.UnderlayMtu, next.Plan.UnderlayMtu);
        goal = next;
        reports.Clear();
        devicesStand = false;
        managers.Tell(goal);
    }

    private void SayWhatPeersTake(UnderlayMtu? before, UnderlayMtu now)
    {
        if (now.Reason is { } reason && reason != before?.Reason)
            log.Info("Outer packets have at most {Mtu} octets: {Reason}", now.Octets, reason);
        if (now.Refused is { } refused && refused != before?.Refused)
            log.Warning("MTU: {Refused}", refused);
    }

    private void OnFirewallReport(HostProtocol.FirewallReport report)
    {
        if (gate.Take(report))
            managers.Tell(gate.Through(hopsReady));
        WriteSubnetFile();
        AnnounceReady();
    }

    private void OnPartReport(HostProtocol.PartReport report)
    {
        parts.Take(report);
        if (report is HostProtocol.ExtensionReport && own is { Live: true, Lease: { } lease } && ledger.Network is { } network)
            offering.Mend(underlay, lease, network.Config);
        AnnounceReady();
    }

    private void OnReport(HostProtocol.ManagerReport report)
    {
        reports.Add(report);
        if (goal is null || !ReferenceEquals(report.PlanSeen, goal.Plan))
            return;
        if (report is { Manager: "tunnels" })
            devicesStand = report.MissingDevices == 0;
        OfferWhatStands();
        WriteSubnetFile();
        AnnounceReady();
    }

    /// <summary>Another back end is told to the others once it takes packets here.</summary>
    private void OfferWhatStands()
    {
        if (devicesStand && !replanQueued && goal is not null && managers.AreForwarded(goal.Plan) && changeover.DevicesStand())
            offering.Claim(underlay, ledger.Network!.Config.BackEnd);
    }

    private void OnChangeoverGoesOn()
    {
        if (changeover.GoOn(ledger.Network!.Config.BackEnd, ledger.Leases.Values.Where(lease => lease.Owner != settings.Node)))
            offering.Claim(underlay, ledger.Network!.Config.BackEnd);
        Replan();
    }

    /// <summary>Once the devices stand, and masquerading where it was asked for; and no container shall begin with an MTU that a peer makes smaller a moment later.</summary>
    private void WriteSubnetFile()
    {
        if (goal is not null && own.Lease is { } lease && ledger is { KnowsPeers: true, Network: { } network } && devicesStand && !replanQueued && gate.LetsSubnetFileBeWritten())
            memory.WriteSubnetFile(network.Config, lease.Subnets, goal.Plan.Mtu, settings.IpMasq);
    }

    private void AnnounceReady()
    {
        if (!announcedReady && Status() is { Ready: true } status)
        {
            announcedReady = true;
            log.Info("Ready: {Subnets}, {Peers} peers", own.Subnets, status.Plan.Reached.Select(subnet => subnet.Node).Distinct().Count());
        }
    }

    private HostStatus Status() => statusMaker.Make(own, ledger, replanQueued ? null : goal?.Plan, goal?.Plan, (underlay, underlayProblem), managers.Forwarded, draining);

    private void Save()
    {
        saveScheduled = false;
        if (!own.IsOver && ledger.Live)
            memory.Keep(ledger, own.Lease);
    }
}
