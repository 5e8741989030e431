using Akka.Event;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Actors.PacketForwarder;

/// <summary>Where a peer is now; found again by its key exchange (<see cref="PeerKeyExchange.Tag"/>).</summary>
internal sealed class KeyedPeer
{
    private volatile ForwardingPeer? current;

    public ForwardingPeer? Current
    {
        get => current;
        set => current = value;
    }
}

/// <summary>
/// The peers of the forwarders, kept from plan to plan: counters go on where an address changes, sessions where a plan does. One peer with an impossible key costs
/// nobody else anything.
/// </summary>
internal sealed class ForwarderPeers(ILoggingAdapter log)
{
    private Dictionary<string, ForwardingPeer> peers = [];
    private readonly HashSet<string> complained = [];

    /// <summary>Where the peers' keys are, also when packets are encrypted no more.</summary>
    private NoiseEndpoint? keyed;

    public IReadOnlyCollection<ForwardingPeer> All => peers.Values;

    /// <param name="endpoint">Null where packets are not encrypted: then no peer has keys.</param>
    /// <returns>Each wanted peer that can be sent to.</returns>
    public IReadOnlyList<(UdpPeer Wanted, ForwardingPeer Peer)> Adopt(IEnumerable<UdpPeer> wanted, NoiseEndpoint? endpoint)
    {
        keyed = endpoint ?? keyed;
        var all = wanted.ToList();
        // First of all, for another may have the key of one that goes: a host that is known by another node id now.
        var staying = all.Where(peer => endpoint is not null && peer.Key is not null).Select(peer => peer.Node.ToString()).ToHashSet();
        End(peers.Values.Where(old => !staying.Contains(old.Name)));
        var next = new List<(UdpPeer, ForwardingPeer)>();
        foreach (var peer in all)
        {
            string name = peer.Node.ToString();
            var known = peers.GetValueOrDefault(name);
            if (!TryKeys(name, peer.Key, known, endpoint, out var keys))
                continue;
            var now = known is not null && known.EndPoint.Equals(peer.EndPoint) && Equals(known.OtherSource, peer.OtherSource) && ReferenceEquals(known.Keys, keys)
                ? known : new ForwardingPeer(name, peer.EndPoint, keys, known?.Counters, peer.OtherSource);
            if (keys?.Tag is KeyedPeer slot)
                slot.Current = now;
            next.Add((peer, now));
        }
        var before = peers;
        peers = next.ToDictionary(item => item.Item2.Name, item => item.Item2);
        // And whose new key was refused.
        End(before.Values.Where(old => !ReferenceEquals(peers.GetValueOrDefault(old.Name)?.Keys, old.Keys)));
        return next;
    }

    private void End(IEnumerable<ForwardingPeer> gone)
    {
        foreach (var keys in gone.Select(peer => peer.Keys).OfType<PeerKeyExchange>())
            keyed?.Remove(keys);
    }

    private bool TryKeys(string name, PublicKey? key, ForwardingPeer? known, NoiseEndpoint? endpoint, out PeerKeyExchange? keys)
    {
        keys = null;
        if (endpoint is null)
            return true;
        if (key is not { } theirs)
            return false;
        try
        {
            if (known?.Keys is { } have && ReferenceEquals(endpoint.Find(have.Key), have))
            {
                endpoint.ChangeKey(have, theirs);
                keys = have;
            }
            else
            {
                keys = endpoint.Add(theirs, new KeyedPeer());
            }
            return true;
        }
        catch (ArgumentException e)
        {
            if (complained.Add($"{name} {theirs}"))
                log.Error("No packets to {Peer}: {Reason}", name, e.Message);
            return false;
        }
    }
}
