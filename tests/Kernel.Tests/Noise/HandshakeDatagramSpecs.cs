using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class HandshakeDatagramSpecs : IDisposable
{
    private readonly TwoHosts _hosts = new();

    public void Dispose() => _hosts.Dispose();

    [Fact]
    public void A_handshake_leads_to_packets_both_ways()
    {
        _hosts.Handshake();
        _hosts.AssertOneSession();
        Assert.Equal(KeyExchangeState.Established, _hosts.ToRight.StateAt(_hosts.Now));
        Assert.Equal(KeyExchangeState.Established, _hosts.ToLeft.StateAt(_hosts.Now));
    }

    [Fact]
    public void The_datagrams_are_as_long_as_documented_and_never_look_like_ip()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        byte[] response = _hosts.AnswerOf(_hosts.Right, initiation);
        byte[] keepalive = _hosts.AnswerOf(_hosts.Left, response);
        Assert.Equal((136, 76, 32), (initiation.Length, response.Length, keepalive.Length));
        Assert.Equal(("01000000", "02000000", "04000000"), (Head(initiation), Head(response), Head(keepalive)));
        Assert.All([initiation, response, keepalive], datagram => Assert.Equal(0, datagram[0] >> 4));
        Assert.Equal(initiation[4..8], response[8..12]);
        Assert.Equal(response[4..8], keepalive[4..8]);

        static string Head(byte[] datagram) => Convert.ToHexString(datagram.AsSpan(0, 4));
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_an_initiation_is_refused()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        AssertFlipsRefused(_hosts.Right, initiation, HandshakeRefusal.Mac);
        _hosts.AnswerOf(_hosts.Right, initiation);
    }

    [Fact]
    public void A_flipped_bit_anywhere_in_a_response_is_refused_and_ends_nothing()
    {
        byte[] response = _hosts.AnswerOf(_hosts.Right, _hosts.ToRight.WantToSend(_hosts.Now).Datagram());
        AssertFlipsRefused(_hosts.Left, response, HandshakeRefusal.Mac);
        _hosts.AnswerOf(_hosts.Left, response);
    }

    /// <summary>Mac1 is for strangers: who knows the receiver's public key can make it fit, and then the handshake itself must refuse.</summary>
    [Fact]
    public void A_flipped_bit_is_refused_where_mac1_fits_too()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        AssertFlipsRefused(_hosts.Right, initiation, HandshakeRefusal.Authentication, 8..^16, new Mac1(_hosts.Right.Key.PublicKey));
        byte[] response = _hosts.AnswerOf(_hosts.Right, initiation);
        AssertFlipsRefused(_hosts.Left, response, HandshakeRefusal.Authentication, 12..^16, new Mac1(_hosts.Left.Key.PublicKey));
        AssertFlipsRefused(_hosts.Left, response, HandshakeRefusal.UnknownIndex, 8..12, new Mac1(_hosts.Left.Key.PublicKey));
        _hosts.AnswerOf(_hosts.Left, response);
    }

    [Fact]
    public void Any_other_length_is_refused()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        AssertLengthsRefused(_hosts.Right, initiation);
        byte[] response = _hosts.AnswerOf(_hosts.Right, initiation);
        AssertLengthsRefused(_hosts.Left, response);
    }

    [Fact]
    public void An_initiation_counts_once()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        _hosts.AnswerOf(_hosts.Right, initiation);
        _hosts.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(HandshakeRefusal.Replayed, _hosts.RefusalOf(_hosts.Right, initiation));
    }

    [Fact]
    public void An_older_initiation_does_not_count_after_a_newer()
    {
        byte[] older = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        _hosts.Now += TimeSpan.FromSeconds(6);
        byte[] newer = _hosts.ToRight.Tick(_hosts.Now).Datagram();
        _hosts.AnswerOf(_hosts.Right, newer);
        _hosts.Now += TimeSpan.FromSeconds(1);
        Assert.Equal(HandshakeRefusal.Replayed, _hosts.RefusalOf(_hosts.Right, older));
    }

    [Fact]
    public void An_old_initiation_stays_old_where_the_peer_was_removed_meanwhile()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        _hosts.AnswerOf(_hosts.Right, initiation);
        _hosts.Now += TimeSpan.FromSeconds(1);
        _hosts.Right.Remove(_hosts.ToLeft);
        Assert.Equal(HandshakeRefusal.UnknownPeer, _hosts.RefusalOf(_hosts.Right, initiation));
        _hosts.Right.Add(_hosts.Left.Key.PublicKey);
        Assert.Equal(HandshakeRefusal.Replayed, _hosts.RefusalOf(_hosts.Right, initiation));
    }

    [Fact]
    public void A_response_counts_once()
    {
        byte[] response = _hosts.AnswerOf(_hosts.Right, _hosts.ToRight.WantToSend(_hosts.Now).Datagram());
        _hosts.AnswerOf(_hosts.Left, response);
        var session = _hosts.ToRight.Sending;
        Assert.Equal(HandshakeRefusal.UnknownIndex, _hosts.RefusalOf(_hosts.Left, response));
        Assert.Same(session, _hosts.ToRight.Sending);
    }

    [Fact]
    public void A_response_to_an_initiation_that_was_replaced_is_refused()
    {
        byte[] response = _hosts.AnswerOf(_hosts.Right, _hosts.ToRight.WantToSend(_hosts.Now).Datagram());
        _hosts.Now += TimeSpan.FromSeconds(6);
        Assert.NotEmpty(_hosts.ToRight.Tick(_hosts.Now).Datagram());
        Assert.Equal(HandshakeRefusal.UnknownIndex, _hosts.RefusalOf(_hosts.Left, response));
    }

    [Fact]
    public void A_peer_that_floods_is_answered_50_times_a_second()
    {
        int answered = 0;
        for (int i = 0; i < 100; i++)
        {
            // A host that begins anew as often as it likes.
            _hosts.RestartLeft(epoch: 2 + (ulong)i);
            byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
            _hosts.Now += TimeSpan.FromMilliseconds(5);
            if (_hosts.RefusalOf(_hosts.Right, initiation) is { } refusal)
                Assert.Equal(HandshakeRefusal.Flood, refusal);
            else
                answered++;
        }
        Assert.Equal(25, answered);
    }

    [Fact]
    public void Forged_initiations_do_not_use_up_the_peers_turn()
    {
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        byte[] forged = [.. initiation];
        forged[100] ^= 1;
        new Mac1(_hosts.Right.Key.PublicKey).Write(forged);
        Assert.Equal(HandshakeRefusal.Authentication, _hosts.RefusalOf(_hosts.Right, forged));
        _hosts.AnswerOf(_hosts.Right, initiation);
    }

    [Fact]
    public void A_host_that_is_not_the_one_meant_refuses()
    {
        using var key = StaticKey.Generate();
        using var other = new NoiseEndpoint(key, epoch: 1);
        other.Add(_hosts.Left.Key.PublicKey);
        byte[] initiation = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        Assert.Equal(HandshakeRefusal.Mac, _hosts.RefusalOf(other, initiation));

        new Mac1(key.PublicKey).Write(initiation);
        Assert.Equal(HandshakeRefusal.Authentication, _hosts.RefusalOf(other, initiation));
    }

    [Fact]
    public void A_stranger_who_knows_our_key_gets_no_answer()
    {
        using var key = StaticKey.Generate();
        using var stranger = new NoiseEndpoint(key, epoch: 1);
        byte[] initiation = stranger.Add(_hosts.Right.Key.PublicKey).WantToSend(_hosts.Now).Datagram();
        var outcome = _hosts.Right.Handle(initiation, _hosts.Now);
        Assert.Null(outcome.Peer);
        Assert.Equal(HandshakeRefusal.UnknownPeer, _hosts.RefusalOf(_hosts.Right, initiation));
    }

    [Fact]
    public void Who_claims_to_be_a_peer_without_its_key_is_refused()
    {
        // All of IK that works without the private key of the one who is claimed: e, es, s. The payload would need ss.
        byte[] forged = _hosts.ToRight.WantToSend(_hosts.Now).Datagram();
        forged.AsSpan(88, 32).Clear();
        new Mac1(_hosts.Right.Key.PublicKey).Write(forged);
        var outcome = _hosts.Right.Handle(forged, _hosts.Now);
        Assert.Same(_hosts.ToLeft, outcome.Peer);
        Assert.Equal<KeyExchangeOutput>([new KeyExchangeOutput.Refused(HandshakeRefusal.Authentication)], outcome.Outputs);
    }

    /// <summary>Mac1 alone protects the sender's index: who is on the way can break a session by it, but not for long.</summary>
    [Fact]
    public void A_session_with_an_index_that_was_changed_on_the_way_is_replaced_after_the_silence()
    {
        byte[] response = _hosts.AnswerOf(_hosts.Right, _hosts.ToRight.WantToSend(_hosts.Now).Datagram());
        response[4] ^= 1;
        new Mac1(_hosts.Left.Key.PublicKey).Write(response);
        Assert.Null(_hosts.Receive(_hosts.Right, _hosts.AnswerOf(_hosts.Left, response), []));
        for (int second = 0; second < 16; second++)
        {
            _hosts.Seal(_hosts.ToRight, "lost"u8);
            _hosts.Now += TimeSpan.FromSeconds(1);
            if (_hosts.ToRight.Tick(_hosts.Now) is [KeyExchangeOutput.Send initiation])
            {
                byte[] keepalive = _hosts.AnswerOf(_hosts.Left, _hosts.AnswerOf(_hosts.Right, initiation.Datagram.ToArray()));
                Assert.Equal(OpenResult.Opened, _hosts.Receive(_hosts.Right, keepalive, []));
            }
        }
        _hosts.AssertOneSession();
    }

    [Fact]
    public void Data_is_no_handshake()
    {
        _hosts.Handshake();
        Assert.Equal(HandshakeRefusal.Malformed, _hosts.RefusalOf(_hosts.Right, _hosts.Seal(_hosts.ToRight, "x"u8)));
    }

    private void AssertFlipsRefused(NoiseEndpoint host, byte[] datagram, HandshakeRefusal expected, Range? part = null, Mac1? mac = null)
    {
        var (offset, length) = (part ?? ..).GetOffsetAndLength(datagram.Length);
        for (int bit = offset * 8; bit < (offset + length) * 8; bit++)
        {
            byte[] forged = [.. datagram];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            mac?.Write(forged);
            var refusal = _hosts.RefusalOf(host, forged);
            Assert.True(refusal == (bit < 32 ? HandshakeRefusal.Malformed : expected), $"bit {bit}: {refusal}");
        }
    }

    private void AssertLengthsRefused(NoiseEndpoint host, byte[] datagram)
    {
        for (int length = 0; length < datagram.Length; length++)
            Assert.Equal(HandshakeRefusal.Malformed, _hosts.RefusalOf(host, datagram.AsSpan(0, length)));
        Assert.Equal(HandshakeRefusal.Malformed, _hosts.RefusalOf(host, [.. datagram, 0]));
    }
}
