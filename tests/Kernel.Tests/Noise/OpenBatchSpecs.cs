using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class OpenBatchSpecs : IDisposable
{
    private const int Packet = 100, Size = Packet + WireFormat.DataOverhead;

    private readonly TransportSession _session = new(7, 7, HandshakeRole.Initiator, new byte[32], new byte[32], TimeSpan.Zero);

    public void Dispose() => _session.Dispose();

    [Fact]
    public void Packets_are_opened_where_they_lie()
    {
        byte[] datagrams = Sealed(5);
        var results = new OpenedDatagram[5];
        Assert.Equal(5, _session.OpenBatch(datagrams, Size, datagrams.AsSpan(16), Size, results, TimeSpan.Zero, 0));
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(new OpenedDatagram(OpenResult.Opened, Packet), results[i]);
            Assert.All(datagrams[((i * Size) + 16)..((i * Size) + 16 + Packet)], octet => Assert.Equal(i + 1, octet));
        }
    }

    [Fact]
    public void Packets_are_opened_one_behind_the_other()
    {
        byte[] datagrams = Sealed(5), packets = new byte[5 * Packet];
        var results = new OpenedDatagram[5];
        Assert.Equal(5, _session.OpenBatch(datagrams, Size, packets, Packet, results, TimeSpan.Zero, 0));
        Assert.Equal(Enumerable.Range(0, 5 * Packet).Select(i => (byte)((i / Packet) + 1)), packets);
    }

    [Fact]
    public void The_last_may_be_shorter()
    {
        byte[] datagrams = [.. Sealed(2), .. Seal(new byte[10])];
        var results = new OpenedDatagram[3];
        Assert.Equal(3, _session.OpenBatch(datagrams, Size, datagrams.AsSpan(16), Size, results, TimeSpan.Zero, 0));
        Assert.Equal(new OpenedDatagram(OpenResult.Opened, 10), results[2]);
    }

    [Fact]
    public void Each_is_judged_by_itself()
    {
        byte[] datagrams = Sealed(6);
        // Index, tag, a copy of the first, and a stump.
        datagrams[(1 * Size) + 4] ^= 1;
        datagrams[(2 * Size) + Size - 1] ^= 1;
        datagrams.AsSpan(0, Size).CopyTo(datagrams.AsSpan(3 * Size));
        byte[] before = [.. datagrams];
        var results = new OpenedDatagram[6];

        Assert.Equal(2, _session.OpenBatch(datagrams.AsSpan(0, (5 * Size) + 31), Size, datagrams.AsSpan(16), Size, results, TimeSpan.Zero, 0));

        Assert.Equal(
            [OpenResult.Opened, OpenResult.WrongIndex, OpenResult.Authentication, OpenResult.Replay, OpenResult.Opened, OpenResult.TooShort],
            results.Select(result => result.Result));
        Assert.All(results, result => Assert.Equal(result.Result == OpenResult.Opened ? Packet : 0, result.Length));
        Assert.Equal(before[Size..(2 * Size)], datagrams[Size..(2 * Size)]);
    }

    [Fact]
    public void A_batch_counts_as_its_datagrams_do()
    {
        byte[] datagrams = [.. Sealed(3), .. Seal([])];
        _session.OpenBatch(datagrams, Size, datagrams.AsSpan(16), Size, new OpenedDatagram[4], TimeSpan.Zero, 0);
        Assert.Equal(4, _session.Received);
        Assert.Equal(3, _session.PacketsReceived);
        Assert.Equal(OpenResult.Replay, _session.TryOpen(Sealed(1, first: 0), new byte[Packet], out _, TimeSpan.Zero, 0));
    }

    [Fact]
    public void Too_little_room_is_an_error()
    {
        byte[] datagrams = Sealed(2);
        Assert.Throws<ArgumentException>(() => _session.OpenBatch(datagrams, Size, new byte[200], Packet, new OpenedDatagram[1], TimeSpan.Zero, 0));
        Assert.Throws<ArgumentException>(() => _session.OpenBatch(datagrams, Size, new byte[199], Packet, new OpenedDatagram[2], TimeSpan.Zero, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _session.OpenBatch(datagrams, 0, new byte[200], Packet, new OpenedDatagram[2], TimeSpan.Zero, 0));
        Assert.Equal(0, _session.OpenBatch([], Size, [], Packet, [], TimeSpan.Zero, 0));
    }

    /// <summary>Datagrams of octets 1, 2, 3 …; with a counter given, one that was sealed before.</summary>
    private byte[] Sealed(int count, ulong? first = null)
    {
        byte[] datagrams = new byte[count * Size];
        ulong counter = 0;
        if (first is { } given)
            counter = given;
        else
            Assert.Equal(ReserveResult.Reserved, _session.TryReserve(count, Size, TimeSpan.Zero, out counter));
        for (int i = 0; i < count; i++)
            Assert.True(_session.Seal(counter + (ulong)i, Enumerable.Repeat((byte)(i + 1), Packet).ToArray(), datagrams.AsSpan(i * Size, Size), 0));
        return datagrams;
    }

    private byte[] Seal(byte[] packet)
    {
        byte[] datagram = new byte[packet.Length + WireFormat.DataOverhead];
        Assert.Equal(ReserveResult.Reserved, _session.TryReserve(1, datagram.Length, TimeSpan.Zero, out ulong counter));
        Assert.True(_session.Seal(counter, packet, datagram, 0));
        return datagram;
    }
}
