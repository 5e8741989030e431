using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class RestartSpecs
{
    [Fact]
    public void A_host_with_the_same_key_and_a_greater_epoch_is_accepted()
    {
        using var hosts = TwoHosts.Established();
        byte[] underWay = hosts.Seal(hosts.ToLeft, "old"u8);
        hosts.RestartLeft(epoch: 2);
        hosts.Now += TimeSpan.FromSeconds(1);
        Assert.Null(hosts.Receive(hosts.Left, underWay, new byte[3]));
        hosts.Handshake();
        hosts.AssertOneSession();
    }

    [Fact]
    public void The_first_initiation_of_an_epoch_is_newer_than_the_last_of_the_one_before()
    {
        using var hosts = new TwoHosts();
        for (int i = 0; i < 10; i++)
        {
            hosts.Handshake();
            hosts.Now += SessionLimits.RejectAfter;
            hosts.ToRight.Tick(hosts.Now);
        }
        hosts.RestartLeft(epoch: 2);
        hosts.Handshake();
    }

    [Fact]
    public void A_host_whose_epoch_went_back_is_refused()
    {
        using var hosts = new TwoHosts();
        hosts.RestartLeft(epoch: 5);
        hosts.Handshake();
        hosts.Now += TimeSpan.FromSeconds(1);
        hosts.RestartLeft(epoch: 4);
        Assert.Equal(HandshakeRefusal.Replayed, hosts.RefusalOf(hosts.Right, hosts.ToRight.WantToSend(hosts.Now).Datagram()));
    }

    /// <summary>
    /// A restart loses every counter, so a key must never come again. Equal packets under equal counters give equal ciphertexts only where the key is the
    /// same: a thousand restarts, now of the one host and now of the other, seal the same packets under the same counters, and no two ciphertexts are equal.
    /// </summary>
    [Fact]
    public void No_key_and_nonce_come_twice_in_a_thousand_restarts()
    {
        using var hosts = new TwoHosts();
        var ciphertexts = new HashSet<string>();
        for (int restart = 0; restart < 1000; restart++)
        {
            hosts.Now += TimeSpan.FromSeconds(1);
            bool left = restart % 3 != 1;
            if (left)
                hosts.RestartLeft(epoch: 2 + (ulong)restart);
            else
                hosts.RestartRight(epoch: 2 + (ulong)restart);
            hosts.Handshake(leftInitiates: left);
            // The initiator's first counter went into the keepalive.
            var (initiator, responder) = left ? (hosts.ToRight, hosts.ToLeft) : (hosts.ToLeft, hosts.ToRight);
            hosts.Seal(responder, []);
            foreach (var peer in new[] { initiator, responder })
            {
                byte[] datagram = hosts.Seal(peer, "the same packet"u8);
                Assert.Equal(1, BitConverter.ToInt64(datagram, 8));
                Assert.True(ciphertexts.Add(Convert.ToHexString(datagram.AsSpan(16))));
            }
        }
        Assert.Equal(2000, ciphertexts.Count);
    }

    [Fact]
    public void A_restarted_responder_is_found_out_by_its_silence()
    {
        using var hosts = TwoHosts.Established();
        hosts.RestartRight(epoch: 2);
        for (int second = 0; second < 20; second++)
        {
            hosts.Now += TimeSpan.FromSeconds(1);
            byte[] lost = hosts.Seal(hosts.ToRight, "lost"u8);
            Assert.Null(hosts.Receive(hosts.Right, lost, new byte[4]));
            if (hosts.ToRight.Tick(hosts.Now) is [KeyExchangeOutput.Send initiation])
            {
                byte[] keepalive = hosts.AnswerOf(hosts.Left, hosts.AnswerOf(hosts.Right, initiation.Datagram.ToArray()));
                Assert.Equal(OpenResult.Opened, hosts.Receive(hosts.Right, keepalive, []));
                break;
            }
        }
        hosts.AssertOneSession();
    }

    /// <summary>
    /// After its own restart a responder knows of no earlier initiation. An old one gets an answer then, but leads nowhere, and the peer's next one counts.
    /// </summary>
    [Fact]
    public void An_old_initiation_after_the_responders_restart_leads_to_nothing_that_is_used()
    {
        using var hosts = new TwoHosts();
        byte[] old = hosts.ToRight.WantToSend(hosts.Now).Datagram();
        byte[] keepalive = hosts.AnswerOf(hosts.Left, hosts.AnswerOf(hosts.Right, old));
        hosts.Receive(hosts.Right, keepalive, []);
        byte[] packet = hosts.Seal(hosts.ToRight, "old"u8);

        hosts.RestartRight(epoch: 2);
        hosts.AnswerOf(hosts.Right, old);
        Assert.Null(hosts.ToLeft.Sending);
        Assert.Null(hosts.Receive(hosts.Right, packet, new byte[3]));

        hosts.RestartLeft(epoch: 2);
        hosts.Now += TimeSpan.FromSeconds(1);
        hosts.Handshake();
        hosts.AssertOneSession();
    }
}
