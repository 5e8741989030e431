using Akka.Actor;
using Akka.Actor.Setup;
using AkkaOverlay.Actors;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Explain;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Netfilter;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Probing;
using AkkaOverlay.Kernel.Proc;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Api;
using AkkaOverlay.Node.Metrics;
using AkkaOverlay.Node.Options;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Run;

/// <summary>
/// The node from start to end: the host's actor system first, so that what the host remembers is at work at once, then the management API and the cluster.
/// No way out of here removes a route or a device, but for a lease that was given back.
/// </summary>
public sealed class NodeProcess : IDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    /// <summary>At a signal everything must end within 10 s.</summary>
    private static readonly TimeSpan ExitPatience = TimeSpan.FromSeconds(3);

    /// <summary>Longer than another allocator takes to begin where the former one is lost.</summary>
    private static readonly TimeSpan OperatorPatience = TimeSpan.FromSeconds(30);

    /// <summary>Told to leave, and the ledger could not be asked: the lease stays. Its own code, so that a supervisor leaves the node down as its operator wants it.</summary>
    private const int LeftWithItsLease = 3;

    private readonly NodePlan plan;
    private readonly StopSignals signals;
    private readonly ILoggerFactory loggers;
    private readonly ILogger log;
    private readonly TaskCompletionSource<StopReason> stop = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<IDisposable> owned = [];
    private readonly Guid incarnation = Guid.NewGuid();
    private volatile Underlay underlay;
    private TunnelKeys? tunnelKeys;
    private IActorRef explainer = ActorRefs.Nobody;
    private IActorRef probes = ActorRefs.Nobody;
    private IActorRef reporter = ActorRefs.Nobody;

    public NodeProcess(NodePlan plan, StopSignals signals, ILoggerFactory loggers)
    {
        this.plan = plan;
        this.signals = signals;
        underlay = plan.Underlay;
        this.loggers = loggers;
        log = loggers.CreateLogger("node");
    }

    private enum StopReason
    {
        Signal,
        Operator,
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
        await using var api = ApiServer.Bind(plan.SocketPath, loggers);
        await using var systemd = new SystemdNotifier(NotifySettings.Take(), log);
        EnableForwarding();
        signals.OnFirst(log, () => stop.TrySetResult(StopReason.Signal));

        tunnelKeys = TunnelKeyFile.Open(options.StateDirectory, TimeProvider.System);
        using var meter = new MeterReader();
        var system = ActorSystem.Create(HostSystem.Name, ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(HostSystem.Configuration), new LoggingSetup(loggers)));
        RestartCounting.StartIn(system);
        IActorRef supervisor = ActorRefs.Nobody;
        var forwarders = system.ActorOf(ForwarderPoolActor.Props(options.UdpQueues, ForwarderOptions(), ForwarderLoop.Start, tunnelKeys), "forwarders");
        probes = system.ActorOf(ProbeManagerActor.Props(new ProbeSettings(options.Probes, plan.Node, options.NodeName, RtnetlinkSocket.Open, ProbeSocket.Open, TimeProvider.System)), "probes");
        var host = system.ActorOf(HostNetworkActor.Props(HostSettings(() => supervisor, forwarders)), "network");
        reporter = system.ActorOf(NetworkReporterActor.Props(plan.Node, host, probes, TimeProvider.System, (now, next) => new NextNetwork(plan).Objection(now, next, underlay)), "network-reporter");
        explainer = system.ActorOf(PathExplainerActor.Props(host, forwarders, RtnetlinkSocket.Open), "path-explainer");
        WatchKernel(host);
        supervisor = system.ActorOf(
            OverlaySupervisor.Props(OverlaySettings, host, loggers, TimeProvider.System, () => stop.TrySetResult(StopReason.Operator)), "overlay");
        var started = supervisor.Ask<object>(OverlaySupervisor.Start.Instance, StartTimeout);
        var queries = new NodeQueries(host, forwarders, supervisor, probes, options.Network, options.RouteTable);
        systemd.Start(queries.StatusModel);
        using var metrics = new MetricsPage(queries, meter);
        await api.StartAsync(queries, new LedgerQueries(supervisor), new ExplainQueries(host, supervisor, explainer), metrics);
        // A signal does not wait until the start has come to something.
        if (await Task.WhenAny(started, stop.Task) == started && await started is Status.Failure failure)
            throw new StartException(failure.Cause.GetBaseException().Message, failure.Cause);

        var reason = await stop.Task;
        await systemd.StoppingAsync("leaving the cluster; routes and tunnels stay unless the lease is given back");
        bool asAsked = await ShutDown(reason, host, supervisor);
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

    /// <returns>False where an operator wanted the lease back and the ledger could not be reached.</returns>
    private async Task<bool> ShutDown(StopReason reason, IActorRef host, IActorRef supervisor)
    {
        bool asAsked = true;
        bool release = reason == StopReason.Operator || await LeaseFate.ReleasedAtExit(plan.Options.OnExit, log);
        log.LogInformation("Stopping: the lease is {Fate}", release ? "given back" : "kept, routes and tunnels stay");
        if (release)
            asAsked = await GiveLeaseBack(host, supervisor, reason == StopReason.Operator ? OperatorPatience : ExitPatience) || reason != StopReason.Operator;
        try
        {
            await supervisor.Ask<OverlaySupervisor.Stopped>(OverlaySupervisor.Stop.Instance, ClusterPatience());
        }
        catch (AskTimeoutException)
        {
            log.LogWarning("The cluster did not let this node go in time: it will find out by itself");
        }
        return asAsked;
    }

    /// <summary>A start that was slow has used up some of the time, and the rest of the way out needs some.</summary>
    private TimeSpan ClusterPatience()
    {
        var left = signals.Left - TimeSpan.FromSeconds(1.5);
        return left > TimeSpan.FromSeconds(5) ? TimeSpan.FromSeconds(5) : left > TimeSpan.FromSeconds(0.2) ? left : TimeSpan.FromSeconds(0.2);
    }

    private async Task<bool> GiveLeaseBack(IActorRef host, IActorRef supervisor, TimeSpan patience)
    {
        try
        {
            await AskForRelease(supervisor, patience);
            var deadline = TimeSpan.FromSeconds(1.5);
            for (long began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < deadline; await Task.Delay(20))
            {
                var status = await host.Ask<HostStatus>(HostProtocol.GetStatus.Instance, deadline);
                if (status.Components.Where(component => component.Name is "tunnels" or "routes" or "firewall").All(component => component.Ready))
                    return true;
            }
        }
        catch (Exception e) when (e is AskTimeoutException or InvalidOperationException)
        {
            log.LogError("The lease could not be given back ({Reason}): it stays this host's; 'lease release' on another host frees it later", e.Message);
            return false;
        }
        return true;
    }

    /// <summary>Asked again while the overlay system begins anew, which loses the question.</summary>
    private static async Task AskForRelease(IActorRef supervisor, TimeSpan patience)
    {
        for (long began = TimeProvider.System.GetTimestamp(); ; await Task.Delay(500))
        {
            var left = patience - TimeProvider.System.GetElapsedTime(began);
            try
            {
                var once = TimeSpan.FromSeconds(5);
                await supervisor.Ask<HostProtocol.LeaseEnded>(OverlaySupervisor.GiveLeaseBack.Instance, left < once ? left : once);
                return;
            }
            catch (Exception e) when (e is AskTimeoutException or InvalidOperationException && left > TimeSpan.FromSeconds(6))
            {
                // Once more.
            }
        }
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
        Firewall = plan.Options.Firewall,
        Name = plan.Options.Network,
        RouteTable = plan.Options.RouteTable,
        Bridge = plan.Options.Bridge,
        VxlanLayout = plan.Options.VxlanLayout,
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
        ThreadPerDirection = plan.Options.UdpThreadPerDirection,
        Spin = plan.Options.UdpSpin,
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
            new ClaimSettings(plan.Node, plan.Options.NodeName, underlay, plan.Files.LoadLease(), plan.Network) { Incarnation = incarnation, TunnelKey = tunnelKeys?.Key.PublicKey })
        {
            Name = plan.Options.Network,
            Explainer = explainer,
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
