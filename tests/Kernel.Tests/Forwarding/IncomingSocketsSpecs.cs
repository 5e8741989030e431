using AkkaOverlay.Kernel.Forwarding;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>Which socket is asked how often, and that none is forgotten.</summary>
public class IncomingSocketsSpecs
{
    private readonly Fake ipv4 = new(4), ipv6 = new(6);
    private readonly IncomingSockets sockets;

    public IncomingSocketsSpecs() => sockets = new IncomingSockets([ipv4, ipv6]);

    [Fact]
    public void Where_packets_come_one_by_one_the_silent_socket_is_asked_each_sixteenth_time()
    {
        ipv4.Answers = Pumped.One;
        for (int i = 0; i < 160; i++)
            Assert.Equal(Pumped.One, sockets.Pump(alone: true));
        Assert.Equal((160, 10), (ipv4.Asked, ipv6.Asked));
    }

    [Fact]
    public void Who_brought_something_where_the_other_did_not_is_asked_each_time()
    {
        ipv6.Answers = Pumped.One;
        int turns = 0;
        while (sockets.Pump(alone: true) == Pumped.Nothing)
            turns++;
        Assert.Equal(IncomingSockets.Seldom - 1, turns);
        (ipv4.Asked, ipv6.Asked) = (0, 0);
        for (int i = 0; i < 160; i++)
            sockets.Pump(alone: true);
        Assert.Equal((10, 160), (ipv4.Asked, ipv6.Asked));
    }

    [Theory]
    [InlineData(Pumped.Train)]
    [InlineData(Pumped.Several)]
    [InlineData(Pumped.Full)]
    internal void Beside_a_lot_all_are_asked(Pumped lot)
    {
        ipv4.Answers = lot;
        for (int i = 0; i < 10; i++)
            Assert.Equal(lot, sockets.Pump(alone: false));
        Assert.Equal(10, ipv6.Asked);
        // What comes there is not lost among it.
        (ipv4.Answers, ipv6.Answers) = (Pumped.Train, Pumped.Full);
        Assert.Equal(Pumped.Full, sockets.Pump(alone: false));
    }

    /// <summary>Else it would have one turn of sixteen, and its buffer would run over.</summary>
    [Fact]
    public void A_socket_that_brings_lots_is_asked_each_time_beside_one_that_brings_packets()
    {
        (ipv4.Answers, ipv6.Answers) = (Pumped.One, Pumped.Full);
        for (int i = 0; i < 160; i++)
            sockets.Pump(alone: false);
        Assert.InRange(ipv6.Asked, 145, 160);
        Assert.Equal(160, ipv4.Asked);
    }

    [Fact]
    public void Beside_a_lot_that_was_sent_all_are_asked()
    {
        for (int i = 0; i < 10; i++)
            sockets.Pump(alone: false, sent: Pumped.Train);
        Assert.Equal((10, 10), (ipv4.Asked, ipv6.Asked));
    }

    [Fact]
    public void After_sleep_the_one_that_is_ready_is_asked_and_nobody_else()
    {
        ipv6.Answers = Pumped.One;
        sockets.Polled(Ready(false, true));
        Assert.Equal(Pumped.One, sockets.Pump(alone: true));
        Assert.Equal((0, 1), (ipv4.Asked, ipv6.Asked));
        sockets.Polled(Ready(true, false));
        Assert.Equal(Pumped.Nothing, sockets.Pump(alone: true));
        Assert.Equal((1, 1), (ipv4.Asked, ipv6.Asked));
        // The signal, or the device.
        sockets.Polled(Ready(false, false));
        sockets.Pump(alone: true);
        Assert.Equal((2, 1), (ipv4.Asked, ipv6.Asked));
    }

    [Fact]
    public void After_sleep_all_that_are_ready_are_asked()
    {
        ipv4.Answers = ipv6.Answers = Pumped.One;
        sockets.Polled(Ready(true, true));
        sockets.Pump(alone: true);
        Assert.Equal((1, 1), (ipv4.Asked, ipv6.Asked));
    }

    [Fact]
    public void One_socket_is_asked_each_time_and_none_is_nothing()
    {
        var only = new IncomingSockets([ipv4]);
        for (int i = 0; i < 40; i++)
            only.Pump(alone: true);
        only.Polled(Ready(true));
        only.Pump(alone: true);
        Assert.Equal(41, ipv4.Asked);
        Assert.Equal(Pumped.Nothing, new IncomingSockets([]).Pump(alone: true));
    }

    private static SystemCalls.PollDescriptor[] Ready(params bool[] ready) => [.. ready.Select(yes => new SystemCalls.PollDescriptor { revents = yes ? SystemCalls.POLLIN : (short)0 })];

    private sealed class Fake(int descriptor) : IIncomingSocket
    {
        public int Descriptor => descriptor;

        public Pumped Answers { get; set; }

        public int Asked { get; set; }

        public Pumped Pump(bool alone)
        {
            Asked++;
            return Answers;
        }
    }
}
