using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class PeerKeyExchangeSpecs : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void A_responder_does_not_send_before_the_initiator_has_confirmed()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        byte[] response = _hosts.AnswerOf(_hosts.Right, initiation);
        Assert.Null(_hosts.ToLeft.Sending);
        byte[] keepalive = _hosts.AnswerOf(_hosts.Left, response);
        Assert.Null(_hosts.ToLeft.Sending);

        var entry = _hosts.Right.Sessions.Find(WireFormat.IndexOfData(keepalive))!;
        Assert.Equal(OpenResult.Opened, entry.Session!.TryOpen(keepalive, [], out _, _hosts.Now, 0));
        Assert.Equal<KeyExchangeOutput>([new KeyExchangeOutput.Confirmed(entry.Session)], entry.Peer.Confirm(entry.Session));
        Assert.Same(entry.Session, _hosts.ToLeft.Sending);
        Assert.Empty(entry.Peer.Confirm(entry.Session));
    }

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
    public void An_initiation_is_sent_again_every_five_seconds_with_another_ephemeral_key_until_90_have_passed()
    {
        var begun = _hosts.Now;
        var sent = new List<(TimeSpan At, string Ephemeral)> { (begun, EphemeralOf(_hosts.ToRight.WantToSend(begun).Datagram())) };
        bool gaveUp = false;
        for (int tenths = 1; tenths < 1200; tenths++)
        {
            _hosts.Now = begun + TimeSpan.FromMilliseconds(100 * tenths);
            foreach (var output in _hosts.ToRight.Tick(_hosts.Now))
            {
                if (output is KeyExchangeOutput.Send send)
                    sent.Add((_hosts.Now, EphemeralOf(send.Datagram.ToArray())));
                gaveUp |= output is KeyExchangeOutput.GaveUp;
            }
        }

        Assert.True(gaveUp);
        Assert.Equal(KeyExchangeState.None, _hosts.ToRight.StateAt(_hosts.Now));
        Assert.Equal(0, _hosts.Left.Sessions.Count);
        Assert.InRange(sent.Count, 17, 18);
        Assert.Equal(sent.Count, sent.Select(one => one.Ephemeral).Distinct().Count());
        Assert.All(sent.Zip(sent.Skip(1)), pair => Assert.InRange(pair.Second.At - pair.First.At, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5.5)));
        // By chance, so that hosts that begin together do not go on together.
        Assert.True(sent.Zip(sent.Skip(1), (first, second) => second.At - first.At).Distinct().Count() > 1);
        Assert.InRange(sent[^1].At - begun, TimeSpan.FromSeconds(80), TimeSpan.FromSeconds(90));
        Assert.NotEmpty(_hosts.ToRight.WantToSend(_hosts.Now).Datagram());
    }

    [Fact]
    public void Asking_often_initiates_no_more_often()
    {
        Assert.Single(_hosts.ToRight.WantToSend(_hosts.Now));
        for (int i = 0; i < 100; i++)
            Assert.Empty(_hosts.ToRight.WantToSend(_hosts.Now + TimeSpan.FromMilliseconds(i * 49)));
        Assert.Equal(KeyExchangeState.Initiating, _hosts.ToRight.StateAt(_hosts.Now));
    }

    [Fact]
    public void While_somebody_wants_to_send_nobody_gives_up()
    {
        int sent = 0;
        for (int second = 0; second < 300; second++)
        {
            _hosts.Now += TimeSpan.FromSeconds(1);
            sent += _hosts.ToRight.WantToSend(_hosts.Now).Length + _hosts.ToRight.Tick(_hosts.Now).Length;
        }
        Assert.InRange(sent, 49, 60);
    }

    [Fact]
    public void Only_the_initiator_replaces_a_session_by_its_age_and_only_when_it_is_used()
    {
        _hosts.Handshake();
        _hosts.Now += SessionLimits.RekeyAfter;
        Settle();
        Assert.DoesNotContain(_hosts.ToRight.Tick(_hosts.Now), IsInitiation);
        Use(_hosts.ToLeft, _hosts.Left);
        Assert.DoesNotContain(_hosts.ToLeft.Tick(_hosts.Now), IsInitiation);
        Use(_hosts.ToRight, _hosts.Right);
        Assert.Contains(_hosts.ToRight.Tick(_hosts.Now), IsInitiation);
    }

    [Fact]
    public void A_younger_session_is_not_replaced()
    {
        _hosts.Handshake();
        _hosts.Now += SessionLimits.RekeyAfter - TimeSpan.FromSeconds(1);
        Settle();
        Use(_hosts.ToRight, _hosts.Right);
        Assert.DoesNotContain(_hosts.ToRight.Tick(_hosts.Now), IsInitiation);
    }

    [Fact]
    public void An_initiator_that_only_receives_replaces_a_session_before_it_ends()
    {
        _hosts.Handshake();
        _hosts.Now += TimeSpan.FromSeconds(164);
        Settle();
        Use(_hosts.ToLeft, _hosts.Left);
        Assert.DoesNotContain(_hosts.ToRight.Tick(_hosts.Now), IsInitiation);
        _hosts.Now += TimeSpan.FromSeconds(1);
        Use(_hosts.ToLeft, _hosts.Left);
        Assert.Contains(_hosts.ToRight.Tick(_hosts.Now), IsInitiation);
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
        Assert.DoesNotContain(peer.Tick(_hosts.Now), IsInitiation);
        peer.Sending!.TryReserve(2, 1432, _hosts.Now, out _);
        Assert.Contains(peer.Tick(_hosts.Now), IsInitiation);
    }

    [Fact]
    public void Who_cannot_seal_all_of_a_block_initiates_at_once()
    {
        _hosts.Handshake();
        _hosts.Now += TimeSpan.FromSeconds(6);
        Assert.Equal(ReserveResult.Reserved, _hosts.ToRight.Sending!.TryReserve((1 << 28) - 10, 1432, _hosts.Now, out _));
        Assert.Equal(ReserveResult.Exhausted, _hosts.ToRight.Sending.TryReserve(40, 1432, _hosts.Now, out _));
        Assert.Contains(_hosts.ToRight.WantToSend(_hosts.Now), IsInitiation);
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

    [Fact]
    public void Who_only_receives_says_every_ten_seconds_that_it_is_there()
    {
        _hosts.Handshake();
        Settle();
        int keepalives = 0;
        for (int second = 0; second < 60; second++)
        {
            _hosts.Now += TimeSpan.FromSeconds(1);
            Use(_hosts.ToRight, _hosts.Right);
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
        Settle();
        Use(_hosts.ToRight, _hosts.Right);
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
        Settle();
        _hosts.Seal(_hosts.ToRight, "into the void"u8);
        Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
        _hosts.Now += TimeSpan.FromSeconds(14);
        Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
        _hosts.Now += TimeSpan.FromSeconds(1);
        Assert.Contains(_hosts.ToRight.Tick(_hosts.Now), IsInitiation);
    }

    [Fact]
    public void A_host_that_sends_nothing_asks_for_nothing()
    {
        _hosts.Handshake();
        Settle();
        for (int second = 0; second < 170; second++)
        {
            _hosts.Now += TimeSpan.FromSeconds(1);
            Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
            Assert.Empty(_hosts.ToLeft.Tick(_hosts.Now));
        }
    }

    [Fact]
    public void With_another_key_nothing_of_the_old_one_remains()
    {
        _hosts.Handshake();
        var old = _hosts.ToRight.Sending!;
        byte[] underWay = _hosts.Seal(_hosts.ToLeft, "old"u8);
        using var key = StaticKey.Generate();
        using var renewed = new NoiseEndpoint(key, epoch: 1);
        var fromRenewed = renewed.Add(_hosts.Left.Key.PublicKey);

        Assert.Equal<KeyExchangeOutput>([new KeyExchangeOutput.Retired(old)], _hosts.Left.ChangeKey(_hosts.ToRight, key.PublicKey));

        Assert.Null(_hosts.ToRight.Sending);
        Assert.Equal(key.PublicKey, _hosts.ToRight.Key);
        Assert.Null(_hosts.Receive(_hosts.Left, underWay, new byte[3]));
        Assert.Null(_hosts.Left.Find(_hosts.Right.Key.PublicKey));
        byte[] keepalive = _hosts.AnswerOf(_hosts.Left, _hosts.AnswerOf(renewed, _hosts.ToRight.WantToSend(_hosts.Now).Datagram()));
        Assert.Equal(OpenResult.Opened, _hosts.Receive(renewed, keepalive, []));
        Assert.NotNull(fromRenewed.Sending);

        _hosts.RestartRight(epoch: 2);
        Assert.Equal(HandshakeRefusal.UnknownPeer, _hosts.RefusalOf(_hosts.Left, _hosts.ToLeft.WantToSend(_hosts.Now).Datagram()));
    }

    [Fact]
    public void A_peer_that_was_removed_does_nothing_more()
    {
        _hosts.Handshake();
        Assert.Single(_hosts.Left.Remove(_hosts.ToRight));
        Assert.Empty(_hosts.Left.Remove(_hosts.ToRight));
        Assert.Empty(_hosts.ToRight.WantToSend(_hosts.Now));
        Assert.Empty(_hosts.ToRight.Tick(_hosts.Now));
        Assert.Equal(0, _hosts.Left.Sessions.Count);
        Assert.Null(_hosts.Left.Find(_hosts.Right.Key.PublicKey));
    }

    [Fact]
    public void Our_own_key_and_a_key_twice_are_refused()
    {
        Assert.Throws<ArgumentException>(() => _hosts.Left.Add(_hosts.Left.Key.PublicKey));
        Assert.Throws<ArgumentException>(() => _hosts.Left.Add(_hosts.Right.Key.PublicKey));
        using var third = StaticKey.Generate();
        var other = _hosts.Left.Add(third.PublicKey);
        Assert.Throws<ArgumentException>(() => _hosts.Left.ChangeKey(other, _hosts.Right.Key.PublicKey));
        Assert.Throws<ArgumentException>(() => _hosts.Left.ChangeKey(other, _hosts.Left.Key.PublicKey));
        _hosts.Left.Remove(other);
        Assert.Throws<ArgumentException>(() => _hosts.Left.ChangeKey(other, third.PublicKey));
    }

    [Fact]
    public void The_same_key_again_changes_nothing()
    {
        _hosts.Handshake();
        Assert.Empty(_hosts.Left.ChangeKey(_hosts.ToRight, _hosts.Right.Key.PublicKey));
        _hosts.AssertOneSession();
    }

    private static bool IsInitiation(KeyExchangeOutput output) =>
        output is KeyExchangeOutput.Send send && WireFormat.TypeOf(send.Datagram.Span) == DatagramType.Initiation;

    private static string EphemeralOf(byte[] initiation) => Convert.ToHexString(initiation.AsSpan(8, 32));

    /// <summary>A tick of each, so that what was before is not counted any more.</summary>
    private void Settle()
    {
        _hosts.ToRight.Tick(_hosts.Now);
        _hosts.ToLeft.Tick(_hosts.Now);
        _hosts.ToLeft.Tick(_hosts.Now);
    }

    private void Use(PeerKeyExchange from, NoiseEndpoint to) =>
        Assert.Equal(OpenResult.Opened, _hosts.Receive(to, _hosts.Seal(from, "packet"u8), new byte[6]));

    /// <summary>The left host replaces the session; what it sends then would confirm the new one.</summary>
    private byte[] Rekey()
    {
        Settle();
        _hosts.Now += SessionLimits.RekeyAfter;
        Use(_hosts.ToRight, _hosts.Right);
        byte[] initiation = _hosts.ToRight.Tick(_hosts.Now).OfType<KeyExchangeOutput.Send>().Select(send => send.Datagram.ToArray())
            .Single(datagram => WireFormat.TypeOf(datagram) == DatagramType.Initiation);
        return _hosts.AnswerOf(_hosts.Left, _hosts.AnswerOf(_hosts.Right, initiation));
    }
}
