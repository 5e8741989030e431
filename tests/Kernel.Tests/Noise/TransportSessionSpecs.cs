using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

public sealed class TransportSessionSpecs : IDisposable
{
    private static readonly TimeSpan s_now = TimeSpan.FromMinutes(5);

    private readonly TransportSession _left;
    private readonly TransportSession _right;

    public TransportSessionSpecs()
    {
        byte[] there = new byte[32], back = new byte[32];
        Random.Shared.NextBytes(there);
        Random.Shared.NextBytes(back);
        _left = new TransportSession(0x01020304, 0x0a0b0c0d, HandshakeRole.Initiator, there, back, s_now);
        _right = new TransportSession(0x0a0b0c0d, 0x01020304, HandshakeRole.Responder, back, there, s_now);
        _right.SetConfirmed();
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(1400)]
    [InlineData(65_000)]
    public void What_was_sealed_is_opened(int length)
    {
        byte[] packet = Packet(length), opened = new byte[length];
        byte[] datagram = Seal(packet);
        Assert.Equal(length + 32, datagram.Length);
        Assert.Equal(OpenResult.Opened, _right.TryOpen(datagram, opened, out int got, s_now, 0));
        Assert.Equal(length, got);
        Assert.Equal(packet, opened);
    }

    [Fact]
    public void The_header_is_as_documented()
    {
        Seal([]);
        byte[] datagram = Seal("x"u8);
        Assert.Equal("04000000" + "0d0c0b0a" + "0100000000000000", Convert.ToHexStringLower(datagram.AsSpan(0, 16)));
        Assert.Equal(DatagramType.Data, WireFormat.TypeOf(datagram));
        Assert.Equal(0x0a0b0c0du, WireFormat.IndexOfData(datagram));
    }

    [Fact]
    public void Packets_are_sealed_and_opened_where_they_lie()
    {
        byte[] packet = Packet(1400), datagram = new byte[1432];
        packet.CopyTo(datagram, 16);
        Assert.True(_left.Seal(Reserve(_left), datagram.AsSpan(16, 1400), datagram, 0));
        Assert.NotEqual(packet, datagram[16..^16]);
        Assert.Equal(OpenResult.Opened, _right.TryOpen(datagram, datagram.AsSpan(16), out int length, s_now, 0));
        Assert.Equal(packet, datagram.AsSpan(16, length));
    }

    [Fact]
    public void A_flipped_bit_anywhere_is_refused_and_does_not_use_up_the_counter()
    {
        byte[] packet = Packet(64), datagram = Seal(packet), opened = new byte[64];
        for (int bit = 0; bit < datagram.Length * 8; bit++)
        {
            byte[] forged = [.. datagram];
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            // Bytes 0 to 7 are compared; a counter that a session cannot have reached needs no tag to be refused.
            var result = _right.TryOpen(forged, opened, out int length, s_now, 0);
            Assert.Equal(bit < 64 ? OpenResult.WrongIndex : bit is >= 64 + 28 and < 128 ? OpenResult.Expired : OpenResult.Authentication, result);
            Assert.Equal(0, length);
        }
        Assert.Equal(OpenResult.Opened, _right.TryOpen(datagram, opened, out _, s_now, 0));
    }

    [Fact]
    public void A_datagram_of_any_other_length_is_refused()
    {
        byte[] datagram = Seal(Packet(100)), opened = new byte[200];
        for (int length = 0; length < datagram.Length; length++)
        {
            var result = _right.TryOpen(datagram.AsSpan(0, length), opened, out _, s_now, 0);
            Assert.Equal(length < 32 ? OpenResult.TooShort : OpenResult.Authentication, result);
        }
        Assert.Equal(OpenResult.Authentication, _right.TryOpen([.. datagram, 0], opened, out _, s_now, 0));
    }

    [Fact]
    public void A_copy_is_refused()
    {
        byte[] datagram = Seal(Packet(100)), opened = new byte[100];
        Assert.Equal(OpenResult.Opened, _right.TryOpen(datagram, opened, out _, s_now, 0));
        Assert.Equal(OpenResult.Replay, _right.TryOpen(datagram, opened, out int length, s_now, 1));
        Assert.Equal(0, length);
    }

    [Fact]
    public void Order_within_the_window_does_not_matter()
    {
        byte[][] datagrams = [.. Enumerable.Range(0, 9000).Select(i => Seal(BitConverter.GetBytes(i)))];
        byte[] opened = new byte[4];
        Assert.Equal(OpenResult.Opened, _right.TryOpen(datagrams[8999], opened, out _, s_now, 0));
        for (int i = 8998; i > 8999 - 8192; i--)
        {
            Assert.Equal(OpenResult.Opened, _right.TryOpen(datagrams[i], opened, out _, s_now, 0));
            Assert.Equal(i, BitConverter.ToInt32(opened));
        }
        Assert.Equal(OpenResult.Replay, _right.TryOpen(datagrams[8999 - 8192], opened, out _, s_now, 0));
        Assert.Equal(OpenResult.Replay, _right.TryOpen(datagrams[0], opened, out _, s_now, 0));
    }

    [Fact]
    public void A_forged_counter_does_not_move_the_window()
    {
        byte[] first = Seal("first"u8), forged = Seal("second"u8), opened = new byte[10];
        BitConverter.TryWriteBytes(forged.AsSpan(8), 100_000_000L);
        Assert.Equal(OpenResult.Authentication, _right.TryOpen(forged, opened, out _, s_now, 0));
        Assert.Equal(OpenResult.Opened, _right.TryOpen(first, opened, out _, s_now, 0));
    }

    [Fact]
    public void What_we_sent_is_not_taken_back()
    {
        byte[] datagram = Seal("mirror"u8);
        BitConverter.TryWriteBytes(datagram.AsSpan(4), _left.LocalIndex);
        Assert.Equal(OpenResult.Authentication, _left.TryOpen(datagram, new byte[6], out _, s_now, 0));
    }

    [Fact]
    public void After_180_seconds_neither_sends_nor_receives()
    {
        byte[] datagram = Seal("x"u8), opened = new byte[1];
        var end = s_now + SessionLimits.RejectAfter;
        Assert.Equal(TimeSpan.FromSeconds(180), SessionLimits.RejectAfter);
        Assert.Equal(ReserveResult.Reserved, _left.TryReserve(1, 33, end - TimeSpan.FromTicks(1), out _));
        Assert.Equal(ReserveResult.Expired, _left.TryReserve(1, 33, end, out _));
        Assert.Equal(OpenResult.Expired, _right.TryOpen(datagram, opened, out _, end, 0));
        Assert.Equal(OpenResult.Opened, _right.TryOpen(datagram, opened, out _, end - TimeSpan.FromTicks(1), 0));
    }

    [Fact]
    public void A_responder_does_not_send_before_it_has_heard()
    {
        using var session = new TransportSession(1, 2, HandshakeRole.Responder, new byte[32], new byte[32], s_now);
        Assert.False(session.IsConfirmed);
        Assert.Equal(ReserveResult.Unconfirmed, session.TryReserve(1, 33, s_now, out _));
        session.SetConfirmed();
        Assert.Equal(ReserveResult.Reserved, session.TryReserve(1, 33, s_now, out _));
    }

    [Fact]
    public void No_more_than_2_to_the_28_messages_are_sealed()
    {
        const int Block = 1 << 20;
        for (long taken = 0; taken < 1L << 28; taken += Block)
        {
            Assert.Equal(taken >= 1L << 27, _left.NeedsRekey(s_now));
            Assert.Equal(ReserveResult.Reserved, _left.TryReserve(Block, 1432, s_now, out ulong first));
            Assert.Equal((ulong)taken, first);
        }
        Assert.Equal(ReserveResult.Exhausted, _left.TryReserve(1, 33, s_now, out _));
        Assert.False(_left.IsUsable(s_now));
    }

    [Fact]
    public void A_block_that_does_not_fit_leaves_the_rest_for_a_smaller_one()
    {
        Assert.Equal(ReserveResult.Reserved, _left.TryReserve((1 << 28) - 10, 1432, s_now, out _));
        Assert.Equal(ReserveResult.Exhausted, _left.TryReserve(11, 1432, s_now, out _));
        Assert.Equal(ReserveResult.Reserved, _left.TryReserve(10, 1432, s_now, out ulong first));
        Assert.Equal((1ul << 28) - 10, first);
    }

    [Theory]
    [InlineData(33, 1)]
    [InlineData(2048, 1)]
    [InlineData(2049, 2)]
    [InlineData(65_507, 32)]
    public void Long_datagrams_count_as_several(int length, int messages)
    {
        int count = (1 << 28) / messages;
        Assert.Equal(ReserveResult.Exhausted, _left.TryReserve(count + 1, length, s_now, out _));
        Assert.Equal(ReserveResult.Reserved, _left.TryReserve(count, length, s_now, out _));
        Assert.Equal(ReserveResult.Exhausted, _left.TryReserve(1, length, s_now, out _));
    }

    [Fact]
    public void A_counter_that_was_never_taken_seals_nothing()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _left.Seal(0, [], new byte[32], 0));
        ulong counter = Reserve(_left);
        Assert.Throws<ArgumentOutOfRangeException>(() => _left.Seal(counter + 1, [], new byte[32], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _left.TryReserve(0, 33, s_now, out _));
        Assert.Throws<ArgumentException>(() => _left.Seal(counter, new byte[10], new byte[41], 0));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(64)]
    public void Other_slots_there_are_not(int slot)
    {
        byte[] datagram = Seal("x"u8);
        Assert.Throws<ArgumentOutOfRangeException>(() => _left.Seal(0, [], new byte[32], slot));
        Assert.Throws<ArgumentOutOfRangeException>(() => _right.TryOpen(datagram, new byte[1], out _, s_now, slot));
    }

    [Fact]
    public void A_zeroed_session_refuses()
    {
        byte[] datagram = Seal("x"u8);
        ulong counter = Reserve(_left);
        _left.Dispose();
        _right.Dispose();
        Assert.False(_left.Seal(counter, [], new byte[32], 0));
        Assert.False(_left.Seal(counter, [], new byte[32], 5));
        Assert.Equal(OpenResult.Expired, _right.TryOpen(datagram, new byte[1], out _, s_now, 0));
    }

    private static byte[] Packet(int length)
    {
        byte[] packet = new byte[length];
        Random.Shared.NextBytes(packet);
        return packet;
    }

    private static ulong Reserve(TransportSession session)
    {
        Assert.Equal(ReserveResult.Reserved, session.TryReserve(1, 1432, s_now, out ulong counter));
        return counter;
    }

    private byte[] Seal(ReadOnlySpan<byte> packet)
    {
        byte[] datagram = new byte[packet.Length + WireFormat.DataOverhead];
        Assert.True(_left.Seal(Reserve(_left), packet, datagram, 0));
        return datagram;
    }
}
