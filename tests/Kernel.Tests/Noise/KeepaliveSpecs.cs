using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class KeepaliveSpecs : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void Who_only_receives_says_every_ten_seconds_that_it_is_there()
    {
        _hosts.Handshake();
        _hosts.Settle();
        int keepalives = 0;
        for (int second = 0; second < 60; second++)
        {
            _hosts.Now += TimeSpan.FromSeconds(1);
            _hosts.Use(_hosts.ToRight, _hosts.Right);
            foreach (var send in _hosts.ToLeft.Tick(_hosts.Now).OfType<KeyExchangeOutput.Send>())
            {
                keepalives++;
                Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Left, send.Datagram.Span, []));
            }
            Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
        }
        Assert.InRange(keepalives, 5, 6);
    }

    [Fact]
    public void Keepalives_are_not_answered()
    {
        _hosts.Handshake();
        _hosts.Settle();
        _hosts.Use(_hosts.ToRight, _hosts.Right);
        int sent = 0;
        for (int second = 0; second < 100; second++)
        {
            _hosts.Now += TimeSpan.FromSeconds(1);
            foreach (var send in _hosts.ToLeft.Tick(_hosts.Now).OfType<KeyExchangeOutput.Send>())
            {
                sent++;
                Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Left, send.Datagram.Span, []));
            }
            Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
        }
        Assert.Equal(1, sent);
    }

    [Fact]
    public void Silence_for_fifteen_seconds_after_a_packet_is_taken_for_a_lost_session()
    {
        _hosts.Handshake();
        _hosts.Settle();
        _hosts.Seal(_hosts.ToRight, "into the void"u8);
        Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
        _hosts.Now += TimeSpan.FromSeconds(14);
        Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
        _hosts.Now += TimeSpan.FromSeconds(1);
        Assert.Contains(_hosts.ToRight.Tick(_hosts.Now), Outputs.IsInitiation);
    }

    [Fact]
    public void A_host_that_sends_nothing_asks_for_nothing()
    {
        _hosts.Handshake();
        _hosts.Settle();
        for (int second = 0; second < 170; second++)
        {
            _hosts.Now += TimeSpan.FromSeconds(1);
            Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
            Assert.Empty(_hosts.ToLeft.Tick(_hosts.Now));
        }
    }
}
