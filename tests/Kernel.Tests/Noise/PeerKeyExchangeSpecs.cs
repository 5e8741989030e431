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
    public void An_initiation_is_sent_again_soon_and_then_every_five_seconds_with_another_ephemeral_key_until_90_have_passed()
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
        Assert.InRange(sent.Count, 20, 21);
        Assert.Equal(sent.Count, sent.Select(one => one.Ephemeral).Distinct().Count());
        double[] waits = [0.5, 1, 2, 4, .. Enumerable.Repeat(5.0, 20)];
        Assert.All(sent.Zip(sent.Skip(1), waits), step => Assert.InRange((step.Second.At - step.First.At).TotalSeconds, step.Third, step.Third + 0.5));
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
            Assert.Empty(_hosts.ToRight.WantToSend(_hosts.Now + TimeSpan.FromMilliseconds(i * 4.9)));
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

    private static string EphemeralOf(byte[] initiation) => Convert.ToHexString(initiation.AsSpan(8, 32));
}
