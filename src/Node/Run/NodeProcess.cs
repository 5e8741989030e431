using Akka.Actor;
using Akka.Actor.Setup;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Drain;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Cloud;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Netfilter;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Probing;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Metrics;
using AkkaOverlay.Node.Options;
using AkkaOverlay.Node.Page;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// The node from start to end: the host's actor system first, so that what the host remembers is at work at once, then the management API and the cluster.
/// No way out of here removes a route or a device, but for a lease that was given back.
/// </summary>
public sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(120);

    /// <summary>Told to leave, and the ledger could not be asked: the lease stays. Its own code, so that a supervisor leaves the node down as its operator wants it.</summary>
    private const int LeftWithItsLease = 3;

    private readonly NodePlan plan;
    private readonly StopSignals signals;
    private readonly ILoggerFactory loggers;
    private readonly ILogger log;
    private readonly LeaseDecision lease = new();
    private readonly TaskCompletionSource<StopWish> stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable> owned = [];
    private readonly Guid incarnation = Guid.NewGuid();
    private volatile Underlay underlay;
    private TunnelKeys? tunnelKeys;
    private ExtensionFile? extension;
    private IActorRef explainer = ActorRefs.Nobody;
    private ViewSettings view = ViewSettings.None;
    private IActorRef probes = ActorRefs.Nobody;
    private volatile IActorRef drain = ActorRefs.Nobody;
    private IActorRef reporter = ActorRefs.Nobody;

    public NodeProcess(NodePlan plan, StopSignals signals, ILoggerFactory loggers)
    {
        this.plan = plan;
        this.signals = signals;
        underlay = plan.Underlay;
        this.loggers = loggers;
        log = loggers.CreateLogger("node");
    }

    /// <returns>The process's exit code.</returns>
    /// <exception cref="StartException">The node cannot start.</exception>
    public async Task<int> RunAsync()
    {
        var options = plan.Options;
        log.LogInformation(
            "akka-overlay {Version}: {Network}, node {Node} ({Name}), {Role}, {Address}:{Port}, underlay {Device} mtu {Mtu}",
            NodeVersion.Text, options.Network.ToString(), plan.Node, options.NodeName, plan.Seat is null ? "plain" : "core", plan.Address, options.Port, plan.Underlay.Device, plan.Underlay.Mtu);
        foreach (string warning in plan.Warnings)
            log.LogWarning("{Warning}", warning);
        // Before anything is made: a socket that is taken means that another node runs here.
        await using var api = ApiServer.Bind(plan.SocketPath, options.ApiListen, options.ApiToken, loggers);
        await using var systemd = new SystemdNotifier(NotifySettings.Take(), log);
        EnableForwarding();
        signals.OnFirst(log, () => OnStopWanted(StopWish.Signal));

        tunnelKeys = TunnelKeyFile.Open(options.StateDirectory, TimeProvider.System);
        extension = new ExtensionFile(options.StateDirectory, BootId.Read().ToString(), NamespaceIdentity.OfThread());
        using var meter = new MeterReader();
        var system = ActorSystem.Create(HostSystem.Name, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(HostSystem.Configuration), new LoggingSetup(loggers)));
        RestartCounting.StartIn(system);
        IActorRef supervisor = ActorRefs.Nobody;
        var forwarders = system.ActorOf(ForwarderPoolActor.Props(ForwarderOptions(), ForwarderLoop.Start, tunnelKeys), "forwarders");
        probes = system.ActorOf(ProbeManagerActor.Props(new ProbeSettings(options.Probes, plan.Node, options.NodeName, RtnetlinkSocket.Open, ProbeSocket.Open, TimeProvider.System)), "probes");
        var host = system.ActorOf(HostNetworkActor.Props(HostSettings(() => supervisor, forwarders)), "network");
        reporter = system.ActorOf(NetworkReporterActor.Props(plan.Node, host, probes, TimeProvider.System, (now, next) => new NextNetwork(plan).Objection(now, next, underlay)), "network-reporter");
        explainer = system.ActorOf(PathExplainerActor.Props(host, forwarders, RtnetlinkSocket.Open), "path-explainer");
        using var livePage = new LivePage(system, host, new ProbedWays(probes));
        view = livePage.View;
        WatchKernel(host);
        drain = system.ActorOf(DrainActor.Props(host, RtnetlinkSocket.Open, TimeProvider.System, options.Bridge), "drain");
        supervisor = system.ActorOf(
            OverlaySupervisor.Props(OverlaySettings, host, loggers, TimeProvider.System, OnLeaveWanted), "overlay");
        var started = supervisor.Ask<object>(OverlaySupervisor.Start.Instance, StartTimeout);
        var queries = new NodeQueries(host, forwarders, supervisor, probes, options.Network, options.RouteTable);
        systemd.Start(queries.StatusModel);
        using var metrics = new MetricsPage(queries, meter);
        var ledger = new LedgerQueries(supervisor);
        using var page = new PageQueries(queries, ledger, view.Host, view.Events, new PageSettings(options.Network.IsDefault ? null : options.Network.Text, plan.Seeds.Seeds.Count));
        await api.StartAsync(queries, new ClusterQueries(supervisor), ledger, new ExplainQueries(host, supervisor, explainer), metrics, page);
        // A signal does not wait until the start has come to something.
        if (await Task.WhenAny(started, stop.Task) == started && await started is Status.Failure failure)
            throw new StartException(failure.Cause.GetBaseException().Message, failure.Cause);

        var departure = new Departure(options, signals, lease, host, supervisor, drain, log);
        await departure.PrepareAsync(await stop.Task);
        await systemd.StoppingAsync("leaving the cluster; routes and tunnels stay unless the lease is given back");
        bool asAsked = await departure.LeaveAsync();
        await api.StopAsync();
        await system.Terminate();
        log.LogInformation("Stopped");
        return asAsked ? 0 : LeftWithItsLease;
    }

    public void Dispose()
    {
        plan.Claim.Dispose();
        foreach (var item in owned)
            item.Dispose();
        owned.Clear();
    }

    /// <summary>The first wish counts; those behind it can only make its wait for containers shorter.</summary>
    private void OnStopWanted(StopWish wish)
    {
        if (!stop.TrySetResult(wish) && wish.Further is { } limit)
            drain.Tell(new DrainActor.Shorten(limit));
    }

    /// <returns>Why this node does not leave for good; null where it does.</returns>
    private string? OnLeaveWanted(TimeSpan? limit)
    {
        if (lease.OperatorWants() is { } objection)
            return objection;
        OnStopWanted(StopWish.Operator(limit));
        return null;
    }

    private HostSettings HostSettings(Func<IActorRef> supervisor, IActorRef forwarders) => new(
        plan.Node,
        plan.Options.NodeName,
        plan.Underlay,
        plan.Files,
        BootId.Read().ToString(),
        plan.Options.Firewall.Masquerade,
        RtnetlinkSocket.Open,
        TimeProvider.System)
    {
        Forwarders = forwarders,
        Probes = probes,
        TunnelKey = tunnelKeys?.Key.PublicKey,
        OpenWireGuard = tunnelKeys is { Key: var key } ? () => new WireGuardTunnels(WireGuardSocket.Open, key) : null,
        Firewall = plan.Options.Firewall,
        Name = plan.Options.Network,
        RouteTable = plan.Options.RouteTable,
        Bridge = plan.Options.Bridge,
        VxlanLayout = plan.Options.VxlanLayout,
        OpenCloud = CloudProviders.Open,
        Extension = extension,
        SelectUnderlay = new UnderlayFollower(plan).Select,
        NetworkKnown = OnNetworkKnown,
        UnderlayChanged = now =>
        {
            var before = underlay;
            underlay = now;
            // Where the others reach this host is part of its membership and of its lease: both begin anew.
            if (before.Public != now.Public || before.Local != now.Local)
                supervisor().Tell(new OverlaySupervisor.BeginAnew(Abruptly: true));
        },
    };

    private ForwarderOptions ForwarderOptions() => Kernel.Forwarding.ForwarderOptions.Default with
    {
        Queues = plan.Options.UdpQueues,
        ThreadPerDirection = plan.Options.UdpThreadPerDirection,
        Spin = plan.Options.UdpSpin ?? TimeSpan.Zero,
        // With one processor, or the quota of one, whoever asks keeps everybody else waiting.
        Converse = plan.Options.UdpSpin is null && Environment.ProcessorCount > 1,
    };

    private OverlaySettings OverlaySettings()
    {
        using IRtnetlink kernel = RtnetlinkSocket.Open();
        var (address, bind) = Preflight.AddressesOf(plan.Seat, underlay, kernel);
        return new OverlaySettings(
            address,
            bind,
            plan.Options.Port,
            plan.Seeds,
            plan.Journal is null ? null : CoreSettings(plan.Journal),
            plan.Options.Roles,
            new ClaimSettings(plan.Node, plan.Options.NodeName, underlay, plan.Files.LoadLease(), plan.Network) { Incarnation = incarnation, TunnelKey = tunnelKeys?.Key.PublicKey, Published = () => extension?.Last.Published })
        {
            Name = plan.Options.Network,
            Explainer = explainer,
            View = view,
            Probes = probes,
            Reporter = reporter,
        };
    }

    private CoreSettings CoreSettings(ILedgerJournal journal) => new(journal, plan.Network!, plan.ClusterFiles)
    {
        Bootstrap = plan.Options.Bootstrap,
        LeaseTimes = new LeaseTimes(plan.Options.LeaseTtl, plan.Options.Quarantine),
    };

    private void WatchKernel(IActorRef host)
    {
        var monitor = new RtnetlinkMonitor();
        owned.Add(monitor);
        monitor.Start(change => host.Tell(change), failure => log.LogError("Kernel events are not heard any more ({Reason}): the audit goes on", failure.Message));
        WatchFirewall(host);
    }

    private void WatchFirewall(IActorRef host)
    {
        try
        {
            var monitor = new NetfilterMonitor();
            owned.Add(monitor);
            monitor.Start(change => host.Tell(change), failure => log.LogError("The firewall's events are not heard any more ({Reason}): the audit goes on", failure.Message));
        }
        catch (NetlinkException e)
        {
            log.LogWarning("This kernel does not tell of changes to nftables ({Reason}): they are seen by the audit only", e.Message);
        }
    }

    private void EnableForwarding()
    {
        try
        {
            Forwarding.Enable(plan.Network, plan.Underlay.Device, log);
        }
        catch (IOException e)
        {
            throw new StartException(e.Message, e);
        }
    }

    private void OnNetworkKnown(NetworkConfig network)
    {
        if (plan.Options.VxlanLayout == VxlanLayout.Compact && network.BackEnd is VxlanConfig { Learning: true } or VxlanConfig { Gbp: true })
            log.LogWarning("--vxlan-layout compact does not go with Learning or GBP: this host stays classic");
        if (plan.Options.Bridge is not null && !BackEndRegistry.CanBeApart(network))
            log.LogError("No peer can be reached: {Reason}", Preflight.CannotBeApart(network));
        try
        {
            Forwarding.Enable(network, underlay.Device, log);
        }
        catch (IOException e)
        {
            log.LogError("Containers may not be reached: {Reason}", e.Message);
        }
    }
}
