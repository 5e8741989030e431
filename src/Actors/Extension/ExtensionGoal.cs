using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Extension;

/// <summary>What is to be run for another host, and what undoes it.</summary>
/// <param name="Subnets">That host's.</param>
public sealed record ExtensionPeer(EquatableArray<IpPrefix> Subnets, PreparedCommand? Add, PreparedCommand? Remove)
{
    public string Name => NameOf(Subnets);

    public static string NameOf(IEnumerable<IpPrefix> subnets) => string.Join(" and ", subnets);
}

/// <summary>The commands that are to have been carried out on one host, each with its exact parameters.</summary>
/// <param name="PreText">The Pre command as the configuration has it: what it printed counts for hosts of any address.</param>
/// <param name="TimeLimit">Of each command.</param>
public sealed record ExtensionGoal(
    ExtensionCommand? PreText,
    PreparedCommand? Pre,
    PreparedCommand? Post,
    PreparedCommand? Shutdown,
    TimeSpan TimeLimit,
    IReadOnlyDictionary<NodeId, ExtensionPeer> Peers)
{
    /// <returns>Null for another back end.</returns>
    /// <param name="leases">All leases; the own one is passed over.</param>
    public static ExtensionGoal? Of(HostFacts host, Lease mine, IEnumerable<Lease> leases)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(mine);
        if (host.Network.BackEnd is not ExtensionConfig config)
            return null;
        PreparedCommand? Own(ExtensionCommand? command, LeaseSubnets? subnets) => PreparedCommand.Of(command, host.Network, host.Underlay.Public, subnets, null);
        var peers = new Dictionary<NodeId, ExtensionPeer>();
        foreach (var peer in leases)
        {
            if (peer.Owner == host.Node || peer.OfferOf<ExtensionOffer>() is not { } offer)
                continue;
            PreparedCommand? For(ExtensionCommand? command) => PreparedCommand.Of(command, host.Network, peer.Public, peer.Subnets, offer.Data);
            peers[peer.Owner] = new ExtensionPeer(peer.Subnets.All.ToEquatableArray(), For(config.SubnetAddCommand), For(config.SubnetRemoveCommand));
        }
        return new ExtensionGoal(
            config.PreStartupCommand,
            Own(config.PreStartupCommand, null),
            Own(config.PostStartupCommand, mine.Subnets),
            Own(config.ShutdownCommand, mine.Subnets),
            TimeSpan.FromSeconds(config.CommandTimeout),
            peers);
    }

    public bool Equals(ExtensionGoal? other) =>
        other is not null && PreText == other.PreText && Pre == other.Pre && Post == other.Post && Shutdown == other.Shutdown && TimeLimit == other.TimeLimit
        && Peers.Count == other.Peers.Count && Peers.All(peer => other.Peers.GetValueOrDefault(peer.Key) == peer.Value);

    public override int GetHashCode() => HashCode.Combine(Pre, Post, Shutdown, Peers.Count);
}
