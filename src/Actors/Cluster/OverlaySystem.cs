using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Pattern;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster.Downing;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.LeaseFeed;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.SubnetAllocator;
using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// One life of the clustered actor system: membership, allocator, lease feed, claim. Ends whenever the cluster puts this node out, and is then made anew
/// by <see cref="OverlaySupervisor"/>.
/// </summary>
public sealed class OverlaySystem
{
    private OverlaySystem(ActorSystem system, IActorRef claimant, IActorRef memberOperator, bool isCore, FormationStatus formation, AllocatorStatus allocator)
    {
        System = system;
        Claimant = claimant;
        Operator = memberOperator;
        IsCore = isCore;
        Formation = formation;
        Allocator = allocator;
    }

    public ActorSystem System { get; }

    public IActorRef Claimant { get; }

    /// <summary>Takes what <see cref="OperatorProtocol"/> has.</summary>
    public IActorRef Operator { get; }

    public bool IsCore { get; }

    public FormationStatus Formation { get; }

    public AllocatorStatus Allocator { get; }

    public Akka.Cluster.Cluster Cluster => Akka.Cluster.Cluster.Get(System);

    /// <param name="host">HostNetwork, in the host's own system.</param>
    /// <param name="supervisor">Asked to begin anew, or to leave.</param>
    /// <exception cref="Exception">The port cannot be had, or the journal not be prepared.</exception>
    public static OverlaySystem Start(OverlaySettings settings, IActorRef host, IActorRef supervisor, ILoggerFactory loggers, TimeProvider time)
    {
        if (settings.Core?.Journal.Prepare() is { } mended)
            loggers.CreateLogger("ledger").LogWarning("{Mended}", mended);
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(OverlayConfiguration.Of(settings)), new LoggingSetup(loggers));
        if (settings.Core is { } seat)
            setup = setup.And(new DowningSetup(settings.Seeds.Quorum, seat.Downing));
        var system = ActorSystem.Create(OverlayAddress.SystemName, setup);
        RestartCounting.StartIn(system);
        var cluster = Akka.Cluster.Cluster.Get(system);
        var allocatorStatus = new AllocatorStatus();
        if (settings.Core is { } core)
            StartAllocator(system, core, allocatorStatus);
        var proxySettings = ClusterSingletonProxySettings.Create(system).WithRole(OverlaySettings.CoreRole);
        var allocator = system.ActorOf(ClusterSingletonProxy.Props("/user/allocator", proxySettings), "allocator-proxy");
        system.ActorOf(MembershipLog.Props(cluster), "membership-log");
        system.ActorOf(NodeAgent.Props(cluster, settings.Name, supervisor, settings.Claim.Node, settings.Explainer), NodeAgent.Name);
        var memberOperator = system.ActorOf(MemberOperator.Props(cluster, settings.Name, isCore: settings.Core is not null), MemberOperator.Name);
        settings.View.StartIn(system);
        system.ActorOf(ProbeAgentActor.Props(cluster, settings.Probes), ProbeAgentActor.Name);
        var formation = new FormationStatus();
        if (settings.Core is null)
            system.ActorOf(SeedJoiner.Props(cluster, settings.Seeds, settings.Name, supervisor), "seed-joiner");
        else
            system.ActorOf(FormationActor.Props(cluster, settings, formation, supervisor, time), FormationActor.Name);
        system.ActorOf(ClusterGuard.Props(cluster, settings.Seeds, settings.Name, isCore: settings.Core is not null, supervisor), "guard");
        system.ActorOf(LeaseFeedActor.Props(settings.Claim.Node, allocator, host, settings.Reporter), "lease-feed");
        var claimant = system.ActorOf(ClaimantActor.Props(settings.Claim, allocator, host), "claimant");
        return new OverlaySystem(system, claimant, memberOperator, settings.Core is not null, formation, allocatorStatus);
    }

    private static void StartAllocator(ActorSystem system, CoreSettings core, AllocatorStatus status)
    {
        var fence = core.Journal.Attach(system);
        // Back-off, because a persistent actor stops for good where it cannot write, and the singleton manager would not start it again. The last message
        // ends the back-off too: without it a hand-over would be swallowed.
        var backOff = Backoff.OnStop(
                SubnetAllocatorActor.Props(core.Network, fence, core.Journal.MayForget, core.LeaseTimes, status: status),
                "allocator",
                minBackoff: TimeSpan.FromMilliseconds(500),
                maxBackoff: TimeSpan.FromSeconds(10),
                randomFactor: 0.5,
                maxNrOfRetries: -1)
            .WithFinalStopMessage(message => message is SubnetAllocatorActor.Stop);
        var settings = ClusterSingletonManagerSettings.Create(system).WithRole(OverlaySettings.CoreRole);
        system.ActorOf(ClusterSingletonManager.Props(BackoffSupervisor.Props(backOff), SubnetAllocatorActor.Stop.Instance, settings), "allocator");
    }
}
