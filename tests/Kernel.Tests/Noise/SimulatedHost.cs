using System.Buffers.Binary;
using System.Collections.Immutable;
using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>One end of the simulated link, which does what the loop of a node does: send, receive, tick. Keeps one packet back while there is no session.</summary>
internal sealed class SimulatedHost : IDisposable
{
    private readonly StaticKey _key;
    private readonly PublicKey _peerKey;
    private readonly Random _random;
    private readonly Action<byte[]> _send;
    private readonly HashSet<long> _delivered = [];
    private NoiseEndpoint _endpoint;
    private ulong _epoch = 1;
    private long _nextPacket;
    private byte[]? _waiting;

    public SimulatedHost(StaticKey key, PublicKey peerKey, Random random, Action<byte[]> send)
    {
        (_key, _peerKey, _random, _send) = (key, peerKey, random, send);
        _endpoint = new NoiseEndpoint(key, _epoch, random);
        Peer = _endpoint.Add(peerKey);
    }

    public PeerKeyExchange Peer { get; private set; }

    public SimulatedHost? Other { get; set; }

    public int Delivered => _delivered.Count;

    public long Sent => _nextPacket;

    /// <summary>Packets carry a number, and octets that follow from it and from who sent them.</summary>
    public void SendPacket(TimeSpan now)
    {
        byte[] packet = PacketOf(_nextPacket++);
        if (!TrySend(packet, now))
        {
            _waiting = packet;
            Carry(Peer.WantToSend(now), now);
        }
    }

    public void Tick(TimeSpan now) => Carry(Peer.Tick(now), now);

    public void Receive(byte[] datagram, TimeSpan now)
    {
        if (WireFormat.TypeOf(datagram) != DatagramType.Data)
        {
            Carry(_endpoint.Handle(datagram, now).Outputs, now);
            return;
        }
        if (_endpoint.Sessions.Find(WireFormat.IndexOfData(datagram)) is not { Session: { } session } entry)
            return;
        byte[] packet = new byte[datagram.Length];
        if (session.TryOpen(datagram, packet, out int length, now, slot: 0) != OpenResult.Opened)
            return;
        if (length > 0)
            Deliver(packet.AsSpan(0, length));
        if (!session.IsConfirmed)
            Carry(entry.Peer.Confirm(session), now);
    }

    public void Restart()
    {
        _endpoint.Dispose();
        _endpoint = new NoiseEndpoint(_key, ++_epoch, _random);
        Peer = _endpoint.Add(_peerKey);
        _waiting = null;
    }

    public void Dispose()
    {
        Assert.Equal(0, CountAfter(_endpoint));
        _key.Dispose();
    }

    private static int CountAfter(NoiseEndpoint endpoint)
    {
        endpoint.Dispose();
        return endpoint.Sessions.Count;
    }

    private void Carry(ImmutableArray<KeyExchangeOutput> outputs, TimeSpan now)
    {
        foreach (var output in outputs)
        {
            if (output is KeyExchangeOutput.Send send)
                _send(send.Datagram.ToArray());
            else if (output is KeyExchangeOutput.Installed or KeyExchangeOutput.Confirmed && _waiting is { } waiting && TrySend(waiting, now))
                _waiting = null;
        }
    }

    private bool TrySend(byte[] packet, TimeSpan now)
    {
        byte[] datagram = new byte[packet.Length + WireFormat.DataOverhead];
        if (Peer.Sending is not { } session || session.TryReserve(1, datagram.Length, now, out ulong counter) != ReserveResult.Reserved)
            return false;
        Assert.True(now - session.CreatedAt < SessionLimits.RejectAfter && session.IsConfirmed);
        Assert.True(session.Seal(counter, packet, datagram, slot: 0));
        _send(datagram);
        return true;
    }

    private void Deliver(ReadOnlySpan<byte> packet)
    {
        long number = BinaryPrimitives.ReadInt64LittleEndian(packet);
        Assert.True(number < Other!._nextPacket && packet.SequenceEqual(Other.PacketOf(number)), $"Packet {number} was never sent.");
        Assert.True(_delivered.Add(number), $"Packet {number} was delivered twice.");
    }

    private byte[] PacketOf(long number)
    {
        byte[] packet = new byte[24];
        BinaryPrimitives.WriteInt64LittleEndian(packet, number);
        _key.PublicKey.ToBytes().AsSpan(0, 16).CopyTo(packet.AsSpan(8));
        return packet;
    }
}
