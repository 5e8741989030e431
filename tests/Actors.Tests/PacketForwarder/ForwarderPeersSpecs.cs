using System.Net;
using Akka.Event;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Actors.Tests.PacketForwarder;

public sealed class ForwarderPeersSpecs : IDisposable
{
    private readonly StaticKey own = StaticKey.Generate();
    private readonly NoiseEndpoint endpoint;
    private readonly ForwarderPeers peers = new(NoLogger.Instance);

    public ForwarderPeersSpecs() => endpoint = new NoiseEndpoint(own, 1);

    public void Dispose()
    {
        endpoint.Dispose();
        own.Dispose();
    }

    [Fact]
    public void A_peer_that_stays_is_the_same_object_and_one_that_moves_keeps_its_counters()
    {
        var first = Adopt(Peer(2)).Single();
        Assert.Same(first, Adopt(Peer(2), Peer(3))[0]);
        var moved = Adopt(Peer(2) with { EndPoint = new IPEndPoint(Samples.Address("192.168.7.99"), 8285) }).Single();
        Assert.NotSame(first, moved);
        Assert.Same(first.Counters, moved.Counters);
        var behind = Adopt(Peer(2) with { OtherSource = Samples.Address("10.0.0.2") }).Single();
        Assert.Equal(Samples.Address("10.0.0.2"), behind.OtherSource);
        Assert.Same(behind, Adopt(Peer(2) with { OtherSource = Samples.Address("10.0.0.2") }).Single());
        Assert.Same(first.Counters, behind.Counters);
        Assert.Empty(Adopt());
        Assert.NotSame(first.Counters, Adopt(Peer(2)).Single().Counters);
    }

    [Fact]
    public void Sessions_are_the_peers_also_where_it_moves_and_another_key_is_the_same_exchange()
    {
        var key = Key();
        var first = Adopt(Peer(2, key)).Single();
        Assert.Same(first.Keys, endpoint.Find(key));
        var moved = Adopt(Peer(2, key) with { EndPoint = new IPEndPoint(Samples.Address("192.168.7.99"), 8285) }).Single();
        Assert.Same(first.Keys, moved.Keys);
        Assert.Same(moved, ((KeyedPeer)moved.Keys!.Tag!).Current);
        var other = Key();
        Assert.Same(first.Keys, Adopt(Peer(2, other)).Single().Keys);
        Assert.Null(endpoint.Find(key));
        Assert.Same(first.Keys, endpoint.Find(other));
        Adopt();
        Assert.Null(endpoint.Find(other));
    }

    [Fact]
    public void A_key_that_cannot_be_costs_its_peer_alone()
    {
        var good = Key();
        // Our own, another peer's, one of small order, and none at all.
        var adopted = Adopt(Peer(2, good), Peer(3, own.PublicKey), Peer(4, good), Peer(5, PublicKey.FromBytes(new byte[32])), Peer(6) with { Key = null });
        Assert.Equal([Samples.Node(2).ToString()], adopted.Select(peer => peer.Name));
        Assert.Same(adopted[0], Adopt(Peer(2, good), Peer(4, good)).Single());
    }

    [Fact]
    public void A_key_that_passes_from_one_peer_to_another_ends_the_sessions_of_the_first()
    {
        var key = Key();
        var first = Adopt(Peer(2, key)).Single();
        Adopt();
        var second = Adopt(Peer(3, key)).Single();
        Assert.NotSame(first.Keys, second.Keys);
        Assert.Same(second.Keys, endpoint.Find(key));
    }

    [Fact]
    public void A_key_that_passes_to_another_peer_in_one_plan_is_that_ones_at_once()
    {
        var key = Key();
        var first = Adopt(Peer(2, key)).Single();
        // The same host, known by another node id.
        var second = Adopt(Peer(3, key)).Single();
        Assert.Equal(Samples.Node(3).ToString(), second.Name);
        Assert.NotSame(first.Keys, second.Keys);
        Assert.Same(second.Keys, endpoint.Find(key));
        // Who has it no more, but stays, is no hindrance either.
        Assert.Equal([Samples.Node(4).ToString()], Adopt(Peer(4, key), Peer(3) with { Key = null }).Select(peer => peer.Name));
    }

    [Fact]
    public void Peers_of_a_network_that_is_encrypted_again_are_as_new()
    {
        var key = Key();
        peers.Adopt([Peer(2, key)], endpoint);
        peers.Adopt([Peer(2, key)], null);
        Assert.Null(endpoint.Find(key));
        Assert.NotNull(Assert.Single(peers.Adopt([Peer(2, key)], endpoint)).Peer.Keys);
    }

    private List<ForwardingPeer> Adopt(params UdpPeer[] wanted) => [.. peers.Adopt(wanted, wanted.Any(peer => peer.Key is not null) || peers.All.Any(peer => peer.Keys is not null) ? endpoint : null).Select(item => item.Peer)];

    private static PublicKey Key()
    {
        using var key = StaticKey.Generate();
        return key.PublicKey;
    }

    private static UdpPeer Peer(int n, PublicKey? key = null) =>
        new(Samples.Node(n), new NextHop("flannel0", null), new IPEndPoint(Samples.Address($"192.168.7.{n}"), 8285), [IpPrefix.Parse($"10.244.{n}.0/24")]) { Key = key };
}
