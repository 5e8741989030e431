using Akka.Actor;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.TunnelManager;
using AkkaOverlay.Kernel.Netfilter;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Programs;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Host;

/// <summary>What a host's network is made with.</summary>
/// <param name="Underlay">At the start.</param>
/// <param name="IpMasq">What subnet.env says, once it is so.</param>
/// <param name="OpenKernel">A socket of its own for each manager.</param>
public sealed record HostSettings(
    NodeId Node,
    string NodeName,
    Underlay Underlay,
    HostFiles Files,
    string BootId,
    bool IpMasq,
    Func<IRtnetlink> OpenKernel,
    TimeProvider Time)
{
    /// <summary>Where our routes go: 254 is main. With another one a rule leads the overlay's networks there.</summary>
    public uint RouteTable { get; init; } = Route.MainTable;

    /// <summary>Which of the networks on this host it is: says which routes, rules and nexthop ids are this process's.</summary>
    public NetworkName Name { get; init; }

    /// <summary>The bridge of the containers of a network that is kept apart from others with the same addresses; null where it is not.</summary>
    public string? Bridge { get; init; }

    /// <summary>How vxlan peers are laid out in this host's kernel.</summary>
    public VxlanLayout VxlanLayout { get; init; }

    /// <summary>This host's static public key; null where it has none.</summary>
    public PublicKey? TunnelKey { get; init; }

    /// <summary>Opens generic netlink with this host's key; null where there is nobody to make wireguard's peers.</summary>
    public Func<WireGuardTunnels>? OpenWireGuard { get; init; }

    /// <summary>The pool of packet forwarders, which is nobody's child here.</summary>
    public IActorRef Forwarders { get; init; } = ActorRefs.Nobody;

    /// <summary>Who probes the peers: nobody's child here either.</summary>
    public IActorRef Probes { get; init; } = ActorRefs.Nobody;

    /// <summary>This host's packet filter; null where there is none.</summary>
    public FirewallOptions? Firewall { get; init; }

    /// <summary>Runs the packet filter's programs.</summary>
    public IToolRunner Tools { get; init; } = new ToolRunner();

    /// <summary>What speaks to the cloud of a back end; null where nobody can.</summary>
    public Func<BackEndConfig, ICloudRoutes>? OpenCloud { get; init; }

    /// <summary>What the operator's commands have done; null where there is nobody to run them.</summary>
    public ExtensionFile? Extension { get; init; }

    /// <summary>Runs the operator's commands.</summary>
    public IProgramRunner Programs { get; init; } = new ProgramRunner();

    /// <summary>Chooses the underlay anew; null where it never changes.</summary>
    public Func<UnderlaySeen>? SelectUnderlay { get; init; }

    /// <summary>Told of the network's configuration when it becomes known and when it changes: the host may have to forward another family.</summary>
    public Action<NetworkConfig>? NetworkKnown { get; init; }

    /// <summary>Told of every other underlay, so that the cluster hears of the new addresses.</summary>
    public Action<Underlay>? UnderlayChanged { get; init; }
}
