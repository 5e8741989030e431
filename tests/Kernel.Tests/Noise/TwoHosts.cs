using System.Collections.Immutable;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>Two hosts that know each other's keys, and a clock that stands still until it is moved. The left one has the smaller key.</summary>
internal sealed class TwoHosts : IDisposable
{
    private readonly StaticKey[] _keys = [.. new[] { StaticKey.Generate(), StaticKey.Generate() }.OrderBy(key => key.PublicKey)];

    public TwoHosts()
    {
        Left = new NoiseEndpoint(_keys[0], epoch: 1);
        Right = new NoiseEndpoint(_keys[1], epoch: 1);
        ToRight = Left.Add(_keys[1].PublicKey);
        ToLeft = Right.Add(_keys[0].PublicKey);
    }

    public NoiseEndpoint Left { get; private set; }

    public NoiseEndpoint Right { get; private set; }

    /// <summary>What the left host knows of the right one.</summary>
    public PeerKeyExchange ToRight { get; private set; }

    public PeerKeyExchange ToLeft { get; private set; }

    public TimeSpan Now { get; set; } = TimeSpan.FromHours(1);

    /// <summary>A finished handshake, both sides ready to send.</summary>
    public static TwoHosts Established()
    {
        var hosts = new TwoHosts();
        hosts.Handshake();
        return hosts;
    }

    public void Handshake(bool leftInitiates = true)
    {
        var (initiator, responder, peer) = leftInitiates ? (Left, Right, ToRight) : (Right, Left, ToLeft);
        var keepalive = AnswerOf(initiator, AnswerOf(responder, peer.WantToSend(Now).Datagram()));
        Assert.Equal(OpenResult.Opened, Receive(responder, keepalive, []));
    }

    /// <summary>What a host answers to a handshake datagram.</summary>
    public byte[] AnswerOf(NoiseEndpoint host, byte[] datagram) => host.Handle(datagram, Now).Outputs.Datagram();

    public HandshakeRefusal? RefusalOf(NoiseEndpoint host, ReadOnlySpan<byte> datagram) =>
        host.Handle(datagram, Now).Outputs is [KeyExchangeOutput.Refused refused] ? refused.Reason : null;

    public byte[] Seal(PeerKeyExchange peer, ReadOnlySpan<byte> packet) => Seal(peer.Sending!, packet);

    public byte[] Seal(TransportSession session, ReadOnlySpan<byte> packet)
    {
        var datagram = new byte[packet.Length + WireFormat.DataOverhead];
        Assert.Equal(ReserveResult.Reserved, session.TryReserve(1, datagram.Length, Now, out ulong counter));
        Assert.True(session.Seal(counter, packet, datagram, slot: 0));
        return datagram;
    }

    /// <summary>As the loop does it: find, open, confirm.</summary>
    public OpenResult? Receive(NoiseEndpoint host, ReadOnlySpan<byte> datagram, Span<byte> packet)
    {
        if (host.Sessions.Find(WireFormat.IndexOfData(datagram)) is not { Session: { } session } entry)
            return null;
        var result = session.TryOpen(datagram, packet, out _, Now, slot: 1);
        if (result == OpenResult.Opened && !session.IsConfirmed)
            entry.Peer.Confirm(session);
        return result;
    }

    /// <summary>A tick of each, so that what was before is not counted any more.</summary>
    public void Settle()
    {
        ToRight.Tick(Now);
        ToLeft.Tick(Now);
    }

    /// <summary>One packet, which arrives.</summary>
    public void Use(PeerKeyExchange from, NoiseEndpoint to) => Assert.Equal(OpenResult.Opened, Receive(to, Seal(from, "packet"u8), new byte[6]));

    public void AssertPacketsPass()
    {
        byte[] there = new byte[5], back = new byte[6];
        Assert.Equal(OpenResult.Opened, Receive(Right, Seal(ToRight, "hello"u8), there));
        Assert.Equal(OpenResult.Opened, Receive(Left, Seal(ToLeft, "answer"u8), back));
        Assert.Equal("hello"u8, there);
        Assert.Equal("answer"u8, back);
    }

    public void AssertOneSession()
    {
        Assert.Equal(ToRight.Sending!.LocalIndex, ToLeft.Sending!.RemoteIndex);
        Assert.Equal(ToRight.Sending.RemoteIndex, ToLeft.Sending.LocalIndex);
        AssertPacketsPass();
    }

    /// <summary>The left host begins anew: it remembers its key and its epoch, and nothing else.</summary>
    public void RestartLeft(ulong epoch)
    {
        Left.Dispose();
        Left = new NoiseEndpoint(_keys[0], epoch);
        ToRight = Left.Add(_keys[1].PublicKey);
    }

    public void RestartRight(ulong epoch)
    {
        Right.Dispose();
        Right = new NoiseEndpoint(_keys[1], epoch);
        ToLeft = Right.Add(_keys[0].PublicKey);
    }

    public void Dispose()
    {
        Left.Dispose();
        Right.Dispose();
        foreach (var key in _keys)
            key.Dispose();
    }
}

internal static class Outputs
{
    /// <summary>The one datagram to be sent.</summary>
    public static byte[] Datagram(this ImmutableArray<KeyExchangeOutput> outputs) =>
        Assert.Single(outputs.OfType<KeyExchangeOutput.Send>()).Datagram.ToArray();

    public static bool IsInitiation(KeyExchangeOutput output) =>
        output is KeyExchangeOutput.Send send && WireFormat.TypeOf(send.Datagram.Span) == DatagramType.Initiation;
}
