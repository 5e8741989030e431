using System.Net;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed class HandshakeGateSpecs : IKeyExchangeDesk, IDisposable
{
    private readonly StaticKey key = StaticKey.Generate();
    private readonly NoiseEndpoint endpoint;
    private readonly ForwarderEncryption encryption;
    private readonly HandshakeGate gate;
    private readonly ForwardingTable table;
    private TimeSpan now = TimeSpan.FromHours(1);
    private int passed;

    public HandshakeGateSpecs()
    {
        endpoint = new NoiseEndpoint(key, 1);
        encryption = new ForwarderEncryption(endpoint, this);
        gate = new HandshakeGate(encryption);
        using var theirs = StaticKey.Generate();
        var peer = new ForwardingPeer("h2", new IPEndPoint(IPAddress.Parse("192.0.2.2"), 8285), endpoint.Add(theirs.PublicKey), otherSource: IPAddress.Parse("10.0.0.2"));
        table = new ForwardingTable([(IpPrefix.Parse("10.9.2.0/24"), peer)], [], [], 1500);
    }

    public void Dispose()
    {
        endpoint.Dispose();
        key.Dispose();
    }

    [Fact]
    public void Without_the_mac_nothing_passes_and_nothing_is_used_up()
    {
        for (int i = 0; i < 1000; i++)
            Assert.False(Pass("192.0.2.2", hasMac: false));
        Assert.Equal(0, passed);
        Assert.True(Pass("192.0.2.2"));
    }

    [Theory]
    [InlineData("198.51.100.1", "198.51.100.2")]
    [InlineData("2001:db8::1", "2001:db8:0:1::1")]
    public void One_address_has_its_share_and_leaves_the_others_theirs(string greedy, string other)
    {
        Assert.Equal(8, Enumerable.Range(0, 1000).Count(_ => Pass(greedy)));
        Assert.True(Pass(other));
        now += TimeSpan.FromSeconds(1);
        Assert.Equal(5, Enumerable.Range(0, 1000).Count(_ => Pass(greedy)));
    }

    [Fact]
    public void Addresses_of_one_site_have_one_share() =>
        Assert.Equal(8, Enumerable.Range(1, 1000).Count(n => Pass($"2001:db8::{n:x}")));

    [Theory]
    [InlineData("192.0.2.2")]
    [InlineData("10.0.0.2")]
    public void Strangers_of_a_thousand_addresses_leave_room_for_a_peer(string peer)
    {
        Assert.Equal(256, Enumerable.Range(0, 5000).Count(n => Pass($"198.51.{n / 250}.{n % 250}")));
        // Nobody has dealt with one of them.
        now += TimeSpan.FromMinutes(1);
        Assert.False(Pass("203.0.113.1"));
        Assert.True(Pass(peer));
    }

    [Fact]
    public void What_is_refused_costs_the_collector_nothing()
    {
        byte[] sender = Sender("198.51.100.1"), good = Initiation(true), bad = Initiation(false);
        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 20_000; i++)
                gate.TryPass(table, sender, i % 2 == 0 ? good : bad, now);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated();
        Assert.Equal(0, Allocated());
    }

    void IKeyExchangeDesk.Handshake(byte[] datagram) => passed++;

    void IKeyExchangeDesk.Wanted(PeerKeyExchange peer)
    {
    }

    void IKeyExchangeDesk.Opened(SessionEntry entry)
    {
    }

    private bool Pass(string from, bool hasMac = true) => gate.TryPass(table, Sender(from), Initiation(hasMac), now);

    private static byte[] Sender(string from) => SocketAddresses.Pinned(new IPEndPoint(IPAddress.Parse(from), 4711));

    private byte[] Initiation(bool hasMac)
    {
        byte[] initiation = new byte[WireFormat.InitiationLength];
        initiation[0] = (byte)DatagramType.Initiation;
        if (hasMac)
            new Mac1(key.PublicKey).Write(initiation);
        return initiation;
    }
}
