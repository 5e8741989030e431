using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>Both hosts initiate before either has heard of the other, and the datagrams arrive in every order that there is.</summary>
public sealed class SimultaneousSpecs
{
    [Fact]
    public void Every_order_of_arrival_ends_in_one_session()
    {
        int orders = 0;
        foreach (int[] order in Orders())
        {
            using var hosts = new TwoHosts();
            // What is under way, oldest first; an order says at each step which one arrives.
            var underWay = new List<(NoiseEndpoint To, byte[] Datagram)>
            {
                (hosts.Right, hosts.ToRight.WantToSend(hosts.Now).Datagram()),
                (hosts.Left, hosts.ToLeft.WantToSend(hosts.Now).Datagram()),
            };
            for (int step = 0; underWay.Count > 0; step++)
            {
                int which = step < order.Length ? order[step] % underWay.Count : 0;
                var (to, datagram) = underWay[which];
                underWay.RemoveAt(which);
                hosts.Now += TimeSpan.FromMilliseconds(25);
                if (WireFormat.TypeOf(datagram) == DatagramType.Data)
                    hosts.Receive(to, datagram, []);
                else
                {
                    var sent = to.Handle(datagram, hosts.Now).Outputs.OfType<KeyExchangeOutput.Send>();
                    underWay.AddRange(sent.Select(send => (Other(hosts, to), send.Datagram.ToArray())));
                }
            }
            hosts.AssertOneSession();
            orders++;
        }
        Assert.True(orders > 50);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Whichever_initiation_is_lost_the_other_is_enough(bool leftIsLost)
    {
        using var hosts = new TwoHosts();
        byte[] left = hosts.ToRight.WantToSend(hosts.Now).Datagram(), right = hosts.ToLeft.WantToSend(hosts.Now).Datagram();
        var (first, second) = leftIsLost ? (hosts.Left, hosts.Right) : (hosts.Right, hosts.Left);
        byte[] keepalive = hosts.AnswerOf(second, hosts.AnswerOf(first, leftIsLost ? right : left));
        Assert.Equal(OpenResult.Opened, hosts.Receive(first, keepalive, []));

        // The initiation that was lost is not sent again.
        Assert.Equal((1, 1), (hosts.Left.Sessions.Count, hosts.Right.Sessions.Count));
        hosts.Now += TimeSpan.FromSeconds(6);
        Assert.Empty(hosts.ToRight.Tick(hosts.Now));
        Assert.Empty(hosts.ToLeft.Tick(hosts.Now));
        hosts.AssertOneSession();
    }

    [Fact]
    public void The_one_with_the_larger_key_takes_its_own_initiation_back()
    {
        using var hosts = new TwoHosts();
        byte[] left = hosts.ToRight.WantToSend(hosts.Now).Datagram(), right = hosts.ToLeft.WantToSend(hosts.Now).Datagram();
        byte[] toLeft = hosts.AnswerOf(hosts.Right, left), toRight = hosts.AnswerOf(hosts.Left, right);
        Assert.Equal(HandshakeRefusal.UnknownIndex, hosts.RefusalOf(hosts.Right, toRight));
        Assert.Equal(OpenResult.Opened, hosts.Receive(hosts.Right, hosts.AnswerOf(hosts.Left, toLeft), []));
        Assert.Equal(HandshakeRole.Initiator, hosts.ToRight.Sending!.Role);
        hosts.AssertOneSession();
    }

    /// <summary>Right's session is finished first and left's replaces it: what right sent in between must not be lost.</summary>
    [Fact]
    public void What_was_sent_on_the_session_that_lost_still_arrives()
    {
        using var hosts = TwoHosts.Established();
        hosts.Now += TimeSpan.FromSeconds(6);
        foreach (var peer in new[] { hosts.ToRight, hosts.ToLeft })
            Assert.Equal(ReserveResult.Reserved, peer.Sending!.TryReserve(1 << 27, 1432, hosts.Now, out _));
        byte[] left = hosts.ToRight.WantToSend(hosts.Now).Datagram(), right = hosts.ToLeft.WantToSend(hosts.Now).Datagram();

        hosts.AnswerOf(hosts.Right, hosts.AnswerOf(hosts.Left, right));
        byte[] underWay = hosts.Seal(hosts.ToLeft, "between"u8);
        byte[] keepalive = hosts.AnswerOf(hosts.Left, hosts.AnswerOf(hosts.Right, left));

        Assert.Equal(OpenResult.Opened, hosts.Receive(hosts.Left, underWay, new byte[7]));
        Assert.Equal(OpenResult.Opened, hosts.Receive(hosts.Right, keepalive, []));
        hosts.AssertOneSession();
    }

    private static NoiseEndpoint Other(TwoHosts hosts, NoiseEndpoint host) => host == hosts.Left ? hosts.Right : hosts.Left;

    /// <summary>Six choices among up to three datagrams each; there are never more than four under way.</summary>
    private static IEnumerable<int[]> Orders()
    {
        for (int code = 0; code < 3 * 3 * 3 * 3 * 3; code++)
            yield return [code % 3, code / 3 % 3, code / 9 % 3, code / 27 % 3, code / 81 % 3];
    }
}
