using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Tests.Noise;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

public sealed unsafe class WaitingRoomSpecs : IKeyExchangeDesk, IDisposable
{
    private readonly TwoHosts hosts = new();
    private readonly ForwarderCounters counters = new();
    private readonly WaitingRoom room;
    private int wanted;

    public WaitingRoomSpecs() => room = new WaitingRoom(new ForwarderEncryption(hosts.Left, this), counters);

    public void Dispose() => hosts.Dispose();

    [Fact]
    public void Packets_are_given_in_their_order_once_there_is_a_session()
    {
        for (byte n = 1; n <= 3; n++)
            Assert.True(Add(n));
        Assert.Equal(1, wanted);
        Assert.Empty(room.Ready(hosts.Now));
        hosts.Handshake();
        Assert.Equal([hosts.ToRight], room.Ready(hosts.Now));
        Assert.True(room.Holds(hosts.ToRight));
        Assert.Equal([1, 2, 3], room.Take(hosts.ToRight, hosts.Now)!.Select(waiting => (int)waiting.Packet[0]));
        Assert.False(room.Holds(hosts.ToRight));
        Assert.Null(room.Take(hosts.ToRight, hosts.Now));
    }

    [Fact]
    public void A_peer_that_never_answers_leaves_nothing_behind_when_its_traffic_ends()
    {
        Add(1);
        Add(2);
        hosts.Now += TimeSpan.FromSeconds(4);
        Assert.True(room.IsToLookAt(hosts.Now));
        Assert.Empty(room.Ready(hosts.Now));
        Assert.True(room.IsEmpty);
        Assert.Equal(2, counters[ForwarderDrop.NoSession]);
    }

    [Fact]
    public void What_waited_too_long_is_not_sent_and_makes_room()
    {
        for (byte n = 0; n < 64; n++)
            Assert.True(Add(n));
        Assert.False(Add(64));
        hosts.Now += TimeSpan.FromSeconds(4);
        Assert.True(Add(65));
        Assert.Equal([65], room.Take(hosts.ToRight, hosts.Now)!.Select(waiting => (int)waiting.Packet[0]));
        Assert.Equal(64, counters[ForwarderDrop.NoSession]);
    }

    [Fact]
    public void It_is_looked_at_when_something_came_and_now_and_then()
    {
        Assert.False(room.IsToLookAt(hosts.Now));
        Add(1);
        Assert.True(room.IsToLookAt(hosts.Now));
        room.Ready(hosts.Now);
        Assert.False(room.IsToLookAt(hosts.Now));
        hosts.Now += TimeSpan.FromMilliseconds(200);
        Assert.True(room.IsToLookAt(hosts.Now));
    }

    [Fact]
    public void A_look_costs_the_collector_nothing()
    {
        Add(1);
        long Allocated()
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                room.Holds(hosts.ToRight);
                room.Ready(hosts.Now);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated();
        Assert.Equal(0, Allocated());
    }

    void IKeyExchangeDesk.Handshake(byte[] datagram)
    {
    }

    void IKeyExchangeDesk.Wanted(PeerKeyExchange peer) => wanted++;

    void IKeyExchangeDesk.Opened(SessionEntry entry)
    {
    }

    private bool Add(byte octet) => room.TryAdd(hosts.ToRight, &octet, 1, hosts.Now);
}
