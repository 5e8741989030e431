using System.Collections.Immutable;
using Akka.Actor;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Actors.WayChooser;
using AkkaOverlay.Kernel.Netfilter;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Host;

/// <summary>The actors that put a host's network into its kernel: who of them is told what, and what one that starts anew must hear again.</summary>
internal sealed class HostManagers
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    private readonly IActorRef tunnels;
    private readonly IActorRef routes;
    private readonly IActorRef firewall = ActorRefs.Nobody;
    private readonly IActorRef cloudRoutes = ActorRefs.Nobody;
    private readonly IActorRef extension = ActorRefs.Nobody;
    private readonly IActorRef underlayWatcher = ActorRefs.Nobody;
    private readonly IActorRef forwarders;
    private readonly IActorRef probes;
    private readonly IActorRef ways;
    private HostProtocol.HopsInUse? hopsInUse;

    /// <param name="parent">Whose children they are.</param>
    /// <param name="avoided">Ways that did not get through before this process.</param>
    public HostManagers(IActorRefFactory parent, HostSettings settings, ImmutableDictionary<AvoidedWay, Avoidance> avoided)
    {
        forwarders = settings.Forwarders;
        probes = settings.Probes;
        tunnels = parent.ActorOf(TunnelManagerActor.Props(settings.Node, settings.Name.FirstNexthopId, settings.OpenKernel, settings.Time, settings.OpenWireGuard), "tunnel-manager");
        routes = parent.ActorOf(RouteManagerActor.Props(settings.RouteTable, settings.Name, settings.OpenKernel, settings.Time), "route-manager");
        if (settings.Firewall is { } options)
            firewall = parent.ActorOf(FirewallManagerActor.Props(options, settings.Tools, settings.Time), "firewall-manager");
        if (settings.OpenCloud is { } openCloud)
            cloudRoutes = parent.ActorOf(CloudRouteManagerActor.Props(openCloud), "cloud-route-manager");
        if (settings.Extension is { } record)
            extension = parent.ActorOf(ExtensionManagerActor.Props(record, settings.Programs, settings.Time), "extension-manager");
        ways = parent.ActorOf(WayChooserActor.Props(avoided, settings.Probes, settings.Time), "way-chooser");
        if (settings.SelectUnderlay is { } select)
            underlayWatcher = parent.ActorOf(UnderlayWatcher.Props(select), "underlay-watcher");
    }

    /// <summary>What the packet forwarders last said; null where they said nothing.</summary>
    public HostProtocol.Forwarded? Forwarded { get; private set; }

    /// <summary>True where every device of the plan that needs forwarders has them.</summary>
    public bool AreForwarded(HostPlan plan) => plan.Links.OfType<WantedTun>().All(tun => Forwarded?.Devices.Contains(tun.Name) ?? false);

    public void Tell(HostProtocol.SetGoal goal)
    {
        // First: a peer that is new shall find the guard open.
        firewall.Tell(goal);
        tunnels.Tell(goal);
        routes.Tell(goal);
        forwarders.Tell(goal);
        cloudRoutes.Tell(goal);
        extension.Tell(goal);
        probes.Tell(goal);
        ways.Tell(goal);
    }

    public void Tell(RtnetlinkEvent change)
    {
        tunnels.Tell(change);
        routes.Tell(change);
        underlayWatcher.Tell(change);
        forwarders.Tell(change);
        probes.Tell(change);
    }

    public void Tell(NetfilterEvent change) => firewall.Tell(change);

    /// <param name="hops">Those that routes may use; null where that is not known yet.</param>
    public void Tell(HostProtocol.HopsReady? hops)
    {
        if (hops is not null)
            routes.Tell(hops);
    }

    public void Forward(HostProtocol.HopsInUse message)
    {
        hopsInUse = message;
        tunnels.Forward(message);
    }

    public void Forward(HostProtocol.Forwarded message)
    {
        Forwarded = message;
        tunnels.Forward(message);
    }

    /// <param name="manager">Started, and knows nothing.</param>
    /// <param name="goal">Null where there is none yet.</param>
    public void Brief(IActorRef manager, HostProtocol.SetGoal? goal, HostProtocol.HopsReady? hops)
    {
        if (goal is not null)
            manager.Tell(goal);
        if (manager.Equals(routes))
            Tell(hops);
        if (manager.Equals(tunnels) && hopsInUse is not null)
            manager.Tell(hopsInUse);
        if (manager.Equals(tunnels) && Forwarded is not null)
            manager.Tell(Forwarded);
    }

    /// <summary>Everything of ours, compared with the kernel afresh.</summary>
    public async Task<HostProtocol.Objects> Ask(HostProtocol.GetObjects query)
    {
        var asked = new[] { tunnels, routes, firewall, extension }.Where(manager => !manager.IsNobody());
        var answers = await Task.WhenAll(asked.Select(manager => manager.Ask<HostProtocol.Objects>(query, AnswerTime)));
        return new HostProtocol.Objects([.. answers.SelectMany(answer => answer.Rows)]);
    }
}
