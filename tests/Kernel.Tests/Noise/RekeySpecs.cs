using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>When sessions are replaced and when they end.</summary>
public sealed class RekeySpecs : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void During_a_rekey_the_responder_goes_on_with_the_old_session_until_the_new_one_is_confirmed()
    {
        _hosts.Handshake();
        var old = _hosts.ToLeft.Sending;
        byte[] keepalive = Rekey();
        Assert.Same(old, _hosts.ToLeft.Sending);
        Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Left, _hosts.Seal(_hosts.ToLeft, "old"u8), new byte[3]));
        Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Right, keepalive, []));
        Assert.NotSame(old, _hosts.ToLeft.Sending);
        _hosts.AssertOneSession();
    }

    [Fact]
    public void What_was_under_way_on_the_old_session_still_arrives()
    {
        _hosts.Handshake();
        byte[] underWay = _hosts.Seal(_hosts.ToRight, "late"u8), back = _hosts.Seal(_hosts.ToLeft, "late"u8);
        Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Right, Rekey(), []));
        Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Right, underWay, new byte[4]));
        Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Left, back, new byte[4]));
    }

    [Fact]
    public void Only_the_initiator_replaces_a_session_by_its_age_and_only_when_it_is_used()
    {
        _hosts.Handshake();
        _hosts.Now += SessionLimits.RekeyAfter;
        _hosts.Settle();
        Assert.DoesNotContain(_hosts.ToRight.Tick(_hosts.Now), Outputs.IsInitiation);
        _hosts.Use(_hosts.ToLeft, _hosts.Left);
        Assert.DoesNotContain(_hosts.ToLeft.Tick(_hosts.Now), Outputs.IsInitiation);
        _hosts.Use(_hosts.ToRight, _hosts.Right);
        Assert.Contains(_hosts.ToRight.Tick(_hosts.Now), Outputs.IsInitiation);
    }

    [Fact]
    public void A_younger_session_is_not_replaced()
    {
        _hosts.Handshake();
        _hosts.Now += SessionLimits.RekeyAfter - TimeSpan.FromSeconds(1);
        _hosts.Settle();
        _hosts.Use(_hosts.ToRight, _hosts.Right);
        Assert.DoesNotContain(_hosts.ToRight.Tick(_hosts.Now), Outputs.IsInitiation);
    }

    [Fact]
    public void An_initiator_that_only_receives_replaces_a_session_before_it_ends()
    {
        _hosts.Handshake();
        _hosts.Now += TimeSpan.FromSeconds(164);
        _hosts.Settle();
        _hosts.Use(_hosts.ToLeft, _hosts.Left);
        Assert.DoesNotContain(_hosts.ToRight.Tick(_hosts.Now), Outputs.IsInitiation);
        _hosts.Now += TimeSpan.FromSeconds(1);
        _hosts.Use(_hosts.ToLeft, _hosts.Left);
        Assert.Contains(_hosts.ToRight.Tick(_hosts.Now), Outputs.IsInitiation);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Either_side_replaces_a_session_that_is_half_used_up(bool initiator)
    {
        _hosts.Handshake();
        _hosts.Now += TimeSpan.FromSeconds(6);
        var peer = initiator ? _hosts.ToRight : _hosts.ToLeft;
        peer.Sending!.TryReserve((1 << 27) - 2, 1432, _hosts.Now, out _);
        Assert.DoesNotContain(peer.Tick(_hosts.Now), Outputs.IsInitiation);
        peer.Sending!.TryReserve(2, 1432, _hosts.Now, out _);
        Assert.Contains(peer.Tick(_hosts.Now), Outputs.IsInitiation);
    }

    [Fact]
    public void Who_cannot_seal_all_of_a_block_initiates_at_once()
    {
        _hosts.Handshake();
        _hosts.Now += TimeSpan.FromSeconds(6);
        Assert.Equal(ReserveResult.Reserved, _hosts.ToRight.Sending!.TryReserve((1 << 28) - 10, 1432, _hosts.Now, out _));
        Assert.Equal(ReserveResult.Exhausted, _hosts.ToRight.Sending.TryReserve(40, 1432, _hosts.Now, out _));
        Assert.Contains(_hosts.ToRight.WantToSend(_hosts.Now), Outputs.IsInitiation);
    }

    [Fact]
    public void Who_has_a_usable_session_does_not_initiate()
    {
        _hosts.Handshake();
        _hosts.Now += TimeSpan.FromSeconds(60);
        Assert.Empty(_hosts.ToRight.WantToSend(_hosts.Now));
        Assert.Empty(_hosts.ToLeft.WantToSend(_hosts.Now));
    }

    [Fact]
    public void A_session_of_180_seconds_is_zeroed_on_both_sides()
    {
        _hosts.Handshake();
        var (left, right) = (_hosts.ToRight.Sending!, _hosts.ToLeft.Sending!);
        _hosts.Now += SessionLimits.RejectAfter;
        Assert.Contains(new KeyExchangeOutput.Retired(left), _hosts.ToRight.Tick(_hosts.Now));
        Assert.Contains(new KeyExchangeOutput.Retired(right), _hosts.ToLeft.Tick(_hosts.Now));
        Assert.Null(_hosts.ToRight.Sending);
        Assert.Equal(0, _hosts.Left.Sessions.Count + _hosts.Right.Sessions.Count);
        Assert.False(left.Seal(0, [], new byte[32], 0));
        Assert.Equal(KeyExchangeState.None, _hosts.ToRight.StateAt(_hosts.Now));
    }

    [Fact]
    public void A_session_that_was_never_confirmed_is_zeroed_too()
    {
        _hosts.AnswerOf(_hosts.Right, _hosts.ToRight.WantToSend(_hosts.Now).Datagram());
        Assert.Equal(1, _hosts.Right.Sessions.Count);
        _hosts.Now += SessionLimits.RejectAfter;
        Assert.IsType<KeyExchangeOutput.Retired>(Assert.Single(_hosts.ToLeft.Tick(_hosts.Now)));
        Assert.Equal(0, _hosts.Right.Sessions.Count);
    }

    /// <summary>The left host replaces the session; what it sends then would confirm the new one.</summary>
    private byte[] Rekey()
    {
        _hosts.Settle();
        _hosts.Now += SessionLimits.RekeyAfter;
        _hosts.Use(_hosts.ToRight, _hosts.Right);
        byte[] initiation = _hosts.ToRight.Tick(_hosts.Now).OfType<KeyExchangeOutput.Send>().Select(send => send.Datagram.ToArray())
            .Single(datagram => WireFormat.TypeOf(datagram) == DatagramType.Initiation);
        return _hosts.AnswerOf(_hosts.Left, _hosts.AnswerOf(_hosts.Right, initiation));
    }
}
