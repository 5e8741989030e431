using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Actors.TunnelManager;

/// <summary>The peers that one wireguard device shall have, which the kernel knows by their public keys alone; and those that it cannot have, and why.</summary>
internal sealed class WireGuardPeers
{
    private readonly Dictionary<PublicKey, WireGuardTunnelPeer> possible = [];
    private readonly List<(WireGuardTunnelPeer Peer, NetlinkError Why)> impossible = [];

    /// <param name="peers">Behind <paramref name="link"/>.</param>
    /// <param name="networks">The overlay's whole networks.</param>
    public WireGuardPeers(WantedWireGuard link, IEnumerable<WireGuardTunnelPeer> peers, IReadOnlyCollection<IpPrefix> networks)
    {
        foreach (var peer in peers.OrderByDescending(peer => peer.Generation))
        {
            if (WhyNot(link, peer, networks) is { } why)
                impossible.Add((peer, new NetlinkError(0, $"{peer} of host {peer.Node}: {why}")));
            else
                possible.Add(peer.Key, peer);
        }
    }

    public IReadOnlyCollection<WireGuardTunnelPeer> Possible => possible.Values;

    public IReadOnlyList<(WireGuardTunnelPeer Peer, NetlinkError Why)> Impossible => impossible;

    public bool Has(PublicKey key) => possible.ContainsKey(key);

    private string? WhyNot(WantedWireGuard link, WireGuardTunnelPeer peer, IReadOnlyCollection<IpPrefix> networks)
    {
        const string mend = "delete tunnel-key in the state directory of one of them and start it again";
        // The kernel takes such a peer without a word, and makes none (drivers/net/wireguard/netlink.c, set_peer).
        if (peer.Key == link.Key)
            return $"it has this host's own key: {mend}";
        // The way there would lead into the tunnel itself.
        if (networks.Any(network => network.Contains(peer.EndPoint.Address)))
            return "its end point is an overlay address: give that host a --public-ip outside of the network";
        return possible.TryGetValue(peer.Key, out var newer) ? $"host {newer.Node}, whose lease is newer, has the same key: {mend}" : null;
    }
}
