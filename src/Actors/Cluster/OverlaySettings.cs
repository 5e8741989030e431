using System.Net;
using Akka.Actor;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster.Downing;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>What the overlay actor system is made with.</summary>
/// <param name="Address">Where the others reach this node's Akka port.</param>
/// <param name="Bind">Where it listens; differs from <paramref name="Address"/> behind NAT.</param>
/// <param name="Core">What a core host has in addition; null on a plain one.</param>
/// <param name="Roles">The operator's own, beside "core".</param>
public sealed record OverlaySettings(
    IPAddress Address,
    IPAddress Bind,
    int Port,
    SeedList Seeds,
    CoreSettings? Core,
    IReadOnlyList<string> Roles,
    ClaimSettings Claim)
{
    public const string CoreRole = "core";

    /// <summary>Hosts of different networks never join each other.</summary>
    public NetworkName Name { get; init; }

    /// <summary>Of the host's own system: says what this host does with a packet.</summary>
    public IActorRef Explainer { get; init; } = ActorRefs.Nobody;

    public ViewSettings View { get; init; } = ViewSettings.None;

    /// <summary>Of the host's own system: says how far this host is with a configuration.</summary>
    public IActorRef Reporter { get; init; } = ActorRefs.Nobody;

    /// <summary>Of the host's own system: probes the peers.</summary>
    public IActorRef Probes { get; init; } = ActorRefs.Nobody;
}

/// <param name="Journal">Where the ledger is written.</param>
/// <param name="Network">From this host's net-conf.json: becomes the ledger's where it has none.</param>
/// <param name="Files">The cluster's id and this seat's vote.</param>
public sealed record CoreSettings(ILedgerJournal Journal, NetworkConfig Network, ClusterFiles Files)
{
    /// <summary>The operator wants the cluster formed with a majority of the seats, blank ones among them.</summary>
    public bool Bootstrap { get; init; }

    public DowningTimes Downing { get; init; } = new();

    public LeaseTimes LeaseTimes { get; init; } = LeaseTimes.Default;
}
