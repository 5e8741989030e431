using System.Text;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class HandshakeStateSpecs
{
    /// <summary>
    /// The vector of Noise_IK_25519_AESGCM_SHA256 in vectors/cacophony.txt of the Haskell library cacophony, which other implementations of Noise are
    /// checked against too. Every second message is the responder's. The handshake hash is that of the list's later
    /// versions, and of a computation apart from this code; an early copy has another one.
    /// </summary>
    private const string InitiatorStatic = "e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1";
    private const string InitiatorEphemeral = "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a";
    private const string ResponderStatic = "4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893";
    private const string ResponderPublic = "31e0303fd6418d2f8c0e78b91f22e8caed0fbe48656dcf4767e4834f701b8f62";
    private const string ResponderEphemeral = "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b";
    private const string Prologue = "4a6f686e2047616c74";
    private const string HandshakeHash = "669c8640d9e42a3cda2f232f78597ceefb01daa6e3df81181ccce6fc6b5026bf";

    private static readonly (string Payload, string Ciphertext)[] s_messages =
    [
        ("4c756477696720766f6e204d69736573",
            "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c79444e417bc55c7a8166c993356c1be41ef67818a292426f301556c7f26b21d25ddb"
            + "097153891a9a956cff47b83e63ad8d701c1342c209cff1ca5ecd43402762ac249e3bd3a4c0a145fe07cb5dae28ea13a3"),
        ("4d757272617920526f746862617264",
            "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843af2ccf9972e22afc67aeafcd25162f7f98c363b7762e3e4cb7d272e39f27a5"),
        ("462e20412e20486179656b", "66acfc92e3197de166809e6d4d5d003dcc819a84bc3522ca53c9d9"),
        ("4361726c204d656e676572", "71f89aa6533a6de70b0826864dd75f60806ee40170c16290189eb3"),
        ("4a65616e2d426170746973746520536179", "4795a3423550c8bf00386bd496a3e2c76c10669d2a75ab8f79b5094c5412a25705"),
        ("457567656e2042f6686d20766f6e2042617765726b", "aa0bb39097555c918e40be82abc2b909eb79d9eb87adb07e268fc37323a6cf904fd01fb391"),
    ];

    [Fact]
    public void Both_sides_say_what_the_published_vector_says()
    {
        using var initiatorKey = PrivateKey.FromBytes(Hex(InitiatorStatic));
        using var responderKey = PrivateKey.FromBytes(Hex(ResponderStatic));
        Assert.Equal(ResponderPublic, Convert.ToHexStringLower(responderKey.PublicKey.ToBytes()));
        using var initiator = HandshakeState.Initiator(initiatorKey, PrivateKey.FromBytes(Hex(InitiatorEphemeral)), responderKey.PublicKey, Hex(Prologue));
        using var responder = HandshakeState.Responder(responderKey, PrivateKey.FromBytes(Hex(ResponderEphemeral)), Hex(Prologue));

        byte[] first = new byte[s_messages[0].Ciphertext.Length / 2];
        byte[] firstPayload = new byte[s_messages[0].Payload.Length / 2];
        Assert.True(initiator.TryWriteFirst(Hex(s_messages[0].Payload), first));
        Assert.Equal(s_messages[0].Ciphertext, Convert.ToHexStringLower(first));
        Assert.True(responder.TryReadFirstStatic(first));
        Assert.Equal(initiatorKey.PublicKey, responder.RemoteStatic);
        Assert.True(responder.TryReadFirstPayload(first, firstPayload));
        Assert.Equal(s_messages[0].Payload, Convert.ToHexStringLower(firstPayload));

        byte[] second = new byte[s_messages[1].Ciphertext.Length / 2];
        byte[] secondPayload = new byte[s_messages[1].Payload.Length / 2];
        Assert.True(responder.TryWriteSecond(Hex(s_messages[1].Payload), second));
        Assert.Equal(s_messages[1].Ciphertext, Convert.ToHexStringLower(second));
        Assert.True(initiator.TryReadSecond(second, secondPayload));
        Assert.Equal(s_messages[1].Payload, Convert.ToHexStringLower(secondPayload));

        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(initiator.Hash));
        Assert.Equal(HandshakeHash, Convert.ToHexStringLower(responder.Hash));
        AssertTransport(initiator, responder);
    }

    [Fact]
    public void A_responder_draws_its_ephemeral_key_itself()
    {
        var (initiator, responder, _, _) = Pair("the same", "the same");
        Complete(initiator, responder);
        Assert.Equal(initiator.Hash, responder.Hash);
    }

    [Fact]
    public void Another_prologue_fails()
    {
        var (initiator, responder, _, _) = Pair("akka-overlay udp 1", "akka-overlay udp 2");
        byte[] first = new byte[HandshakeState.FirstOverhead];
        Assert.True(initiator.TryWriteFirst([], first));
        Assert.False(responder.TryReadFirstStatic(first));
    }

    [Fact]
    public void A_forged_answer_does_not_end_the_handshake()
    {
        var (initiator, responder, _, _) = Pair("p", "p");
        byte[] first = new byte[HandshakeState.FirstOverhead], second = new byte[HandshakeState.SecondOverhead];
        Assert.True(initiator.TryWriteFirst([], first));
        Assert.True(responder.TryReadFirstStatic(first) && responder.TryReadFirstPayload(first, []) && responder.TryWriteSecond([], second));
        for (int bit = 0; bit < second.Length * 8; bit += 37)
        {
            byte[] forged = [.. second];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(initiator.TryReadSecond(forged, []));
        }

        Assert.False(initiator.TryReadSecond(new byte[second.Length], []));
        Assert.True(initiator.TryReadSecond(second, []));
        Assert.Equal(initiator.Hash, responder.Hash);
    }

    [Fact]
    public void Ephemeral_keys_of_small_order_are_refused_by_either_side()
    {
        var (initiator, responder, _, _) = Pair("p", "p");
        byte[] first = new byte[HandshakeState.FirstOverhead];
        Assert.True(initiator.TryWriteFirst([], first));
        first.AsSpan(0, 32).Clear();
        Assert.False(responder.TryReadFirstStatic(first));
        Assert.False(initiator.TryReadSecond(new byte[HandshakeState.SecondOverhead], []));
    }

    [Fact]
    public void Every_handshake_has_keys_of_its_own()
    {
        var keys = new HashSet<string>();
        using var initiatorKey = PrivateKey.Generate();
        using var responderKey = PrivateKey.Generate();
        for (int i = 0; i < 20; i++)
        {
            using var initiator = HandshakeState.Initiator(initiatorKey, PrivateKey.Generate(), responderKey.PublicKey, []);
            using var responder = HandshakeState.Responder(responderKey, null, []);
            Complete(initiator, responder);
            byte[] send = new byte[32], receive = new byte[32], theirSend = new byte[32], theirReceive = new byte[32];
            initiator.Split(send, receive);
            responder.Split(theirSend, theirReceive);
            Assert.Equal(send, theirReceive);
            Assert.Equal(receive, theirSend);
            Assert.True(keys.Add(Convert.ToHexString(send)) && keys.Add(Convert.ToHexString(receive)));
        }
    }

    [Fact]
    public void A_zeroed_state_refuses_to_go_on()
    {
        var (initiator, responder, _, _) = Pair("p", "p");
        Complete(initiator, responder);
        initiator.Dispose();
        Assert.Throws<InvalidOperationException>(() => initiator.Split(new byte[32], new byte[32]));
    }

    private static void AssertTransport(HandshakeState initiator, HandshakeState responder)
    {
        byte[] initiatorSend = new byte[32], initiatorReceive = new byte[32], responderSend = new byte[32], responderReceive = new byte[32];
        initiator.Split(initiatorSend, initiatorReceive);
        responder.Split(responderSend, responderReceive);
        using var left = new TransportSession(1, 2, HandshakeRole.Initiator, initiatorSend, initiatorReceive, TimeSpan.Zero);
        using var right = new TransportSession(2, 1, HandshakeRole.Responder, responderSend, responderReceive, TimeSpan.Zero);
        right.SetConfirmed();
        for (int i = 2; i < s_messages.Length; i++)
        {
            var (from, to) = i % 2 == 0 ? (left, right) : (right, left);
            byte[] payload = Hex(s_messages[i].Payload);
            byte[] datagram = new byte[payload.Length + WireFormat.DataOverhead], opened = new byte[payload.Length];
            Assert.Equal(ReserveResult.Reserved, from.TryReserve(1, datagram.Length, TimeSpan.Zero, out ulong counter));
            Assert.True(from.Seal(counter, payload, datagram, 0));
            Assert.Equal(s_messages[i].Ciphertext, Convert.ToHexStringLower(datagram.AsSpan(WireFormat.DataHeaderLength)));
            Assert.Equal(OpenResult.Opened, to.TryOpen(datagram, opened, out int length, TimeSpan.Zero, 0));
            Assert.Equal(payload, opened[..length]);
        }
    }

    private static void Complete(HandshakeState initiator, HandshakeState responder)
    {
        byte[] first = new byte[HandshakeState.FirstOverhead + 5], second = new byte[HandshakeState.SecondOverhead], payload = new byte[5];
        Assert.True(initiator.TryWriteFirst("hello"u8, first));
        Assert.True(responder.TryReadFirstStatic(first) && responder.TryReadFirstPayload(first, payload));
        Assert.Equal("hello"u8, payload);
        Assert.True(responder.TryWriteSecond([], second) && initiator.TryReadSecond(second, []));
    }

    private static (HandshakeState Initiator, HandshakeState Responder, PrivateKey InitiatorKey, PrivateKey ResponderKey) Pair(string one, string other)
    {
        PrivateKey initiatorKey = PrivateKey.Generate(), responderKey = PrivateKey.Generate();
        return (HandshakeState.Initiator(initiatorKey, PrivateKey.Generate(), responderKey.PublicKey, Encoding.ASCII.GetBytes(one)),
            HandshakeState.Responder(responderKey, null, Encoding.ASCII.GetBytes(other)), initiatorKey, responderKey);
    }

    private static byte[] Hex(string text) => Convert.FromHexString(text);
}
