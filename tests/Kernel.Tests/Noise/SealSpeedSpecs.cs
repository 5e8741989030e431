using System.Diagnostics;
using AkkaOverlay.Kernel.Noise;
using Xunit.Abstractions;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>Runs when nothing else does, for what it measures.</summary>
[CollectionDefinition(nameof(SealSpeedSpecs), DisableParallelization = true)]
[Collection(nameof(SealSpeedSpecs))]
public sealed class SealSpeedSpecs(ITestOutputHelper output)
{
    private const int Packets = 100_000, Packet = 1400, Size = Packet + WireFormat.DataOverhead, Batch = 40;

    [Fact]
    public void A_hundred_thousand_packets_allocate_nothing()
    {
        using var session = new TransportSession(7, 7, HandshakeRole.Initiator, new byte[32], new byte[32], TimeSpan.Zero);
        byte[] datagrams = new byte[Batch * Size], first = new byte[Size];
        var results = new OpenedDatagram[Batch];
        // The ciphers of the slot, and the code.
        Assert.Equal(1, Single(session, first, 1));
        byte[] seen = Seen(session);
        Assert.Equal(Batch, Batched(session, datagrams, results, Batch));

        long before = GC.GetAllocatedBytesForCurrentThread();
        int opened = Single(session, first, Packets) + Batched(session, datagrams, results, Packets);
        // Refusals too, but for a wrong tag.
        for (int i = 0; i < Packets; i++)
        {
            if (session.TryOpen(seen, datagrams, out _, TimeSpan.Zero, 0) == OpenResult.Replay)
                opened++;
            if (session.TryOpen(seen.AsSpan(1), datagrams, out _, TimeSpan.Zero, 0) == OpenResult.WrongIndex)
                opened++;
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(4 * Packets, opened);
        Assert.Equal(0, allocated);
    }

    [Fact]
    public void Speed_of_one_core()
    {
        using var session = new TransportSession(7, 7, HandshakeRole.Initiator, new byte[32], new byte[32], TimeSpan.Zero);
        byte[] datagrams = new byte[Batch * Size];
        var results = new OpenedDatagram[Batch];
        Batched(session, datagrams, results, 20_000);

        // The best of five short runs: the machine has other things to do.
        double seal = 0, open = 0;
        for (int run = 0; run < 5; run++)
        {
            var (sealing, opening) = Measure(session, datagrams, results, 20_000);
            seal = Math.Max(seal, 20_000 / sealing.TotalSeconds);
            open = Math.Max(open, 20_000 / opening.TotalSeconds);
        }
        output.WriteLine($"measured: seal {seal:N0} packets of {Packet} octets a second on one core, {seal * Packet * 8 / 1e9:N1} Gbit/s");
        output.WriteLine($"measured: open {open:N0} packets of {Packet} octets a second on one core, in batches of {Batch}, {open * Packet * 8 / 1e9:N1} Gbit/s");

        datagrams[Size - 1] ^= 1;
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 2000; i++)
            Assert.Equal(OpenResult.Authentication, session.TryOpen(datagrams.AsSpan(0, Size), new byte[Packet], out _, TimeSpan.Zero, 0));
        output.WriteLine($"measured: refuse {2000 / watch.Elapsed.TotalSeconds:N0} packets of {Packet} octets a second with a wrong tag");
        Assert.True(seal > 1000 && open > 1000);
    }

    [Fact]
    public void Speed_of_handshakes()
    {
        using var hosts = new TwoHosts();
        using var key = StaticKey.Generate();
        using var stranger = new NoiseEndpoint(key, epoch: 1);
        byte[] initiation = stranger.Add(hosts.Right.Key.PublicKey).WantToSend(hosts.Now).Datagram();
        hosts.Handshake();
        Assert.Equal(HandshakeRefusal.UnknownPeer, hosts.RefusalOf(hosts.Right, initiation));

        var watch = Stopwatch.StartNew();
        for (int i = 0; i < 200; i++)
        {
            hosts.Now += SessionLimits.RejectAfter;
            hosts.Handshake();
        }
        output.WriteLine($"measured: a handshake costs both hosts together {watch.Elapsed.TotalMilliseconds / 200:N2} ms of one core");
        watch.Restart();
        for (int i = 0; i < 500; i++)
            hosts.RefusalOf(hosts.Right, initiation);
        output.WriteLine($"measured: a stranger's initiation costs {watch.Elapsed.TotalMilliseconds / 500:N2} ms of one core, with a mac1 that fits");
        initiation[^1] ^= 1;
        watch.Restart();
        for (int i = 0; i < 5000; i++)
            hosts.RefusalOf(hosts.Right, initiation);
        output.WriteLine($"measured: a stranger's initiation costs {watch.Elapsed.TotalMicroseconds / 5000:N1} µs of one core, with a mac1 that does not");
    }

    private static int Single(TransportSession session, byte[] datagram, int packets)
    {
        int opened = 0;
        for (int i = 0; i < packets; i++)
        {
            if (session.TryReserve(1, Size, TimeSpan.Zero, out ulong counter) == ReserveResult.Reserved
                && session.Seal(counter, datagram.AsSpan(16, Packet), datagram, 0)
                && session.TryOpen(datagram, datagram.AsSpan(16), out _, TimeSpan.Zero, 0) == OpenResult.Opened)
                opened++;
        }
        return opened;
    }

    /// <summary>A datagram that was opened before.</summary>
    private static byte[] Seen(TransportSession session)
    {
        byte[] datagram = new byte[Size];
        Assert.Equal(ReserveResult.Reserved, session.TryReserve(1, Size, TimeSpan.Zero, out ulong counter));
        Assert.True(session.Seal(counter, new byte[Packet], datagram, 0));
        Assert.Equal(OpenResult.Opened, session.TryOpen(datagram, new byte[Packet], out _, TimeSpan.Zero, 0));
        return datagram;
    }

    private static int Batched(TransportSession session, byte[] datagrams, OpenedDatagram[] results, int packets)
    {
        int opened = 0;
        for (int done = 0; done < packets; done += Batch)
        {
            SealBatch(session, datagrams);
            opened += session.OpenBatch(datagrams, Size, datagrams.AsSpan(16), Size, results, TimeSpan.Zero, 0);
        }
        return opened;
    }

    private static (TimeSpan Sealing, TimeSpan Opening) Measure(TransportSession session, byte[] datagrams, OpenedDatagram[] results, int packets)
    {
        long sealing = 0, opening = 0;
        for (int done = 0; done < packets; done += Batch)
        {
            long start = Stopwatch.GetTimestamp();
            SealBatch(session, datagrams);
            long middle = Stopwatch.GetTimestamp();
            session.OpenBatch(datagrams, Size, datagrams.AsSpan(16), Size, results, TimeSpan.Zero, 0);
            sealing += middle - start;
            opening += Stopwatch.GetTimestamp() - middle;
        }
        return (TimeSpan.FromSeconds((double)sealing / Stopwatch.Frequency), TimeSpan.FromSeconds((double)opening / Stopwatch.Frequency));
    }

    private static void SealBatch(TransportSession session, byte[] datagrams)
    {
        session.TryReserve(Batch, Size, TimeSpan.Zero, out ulong counter);
        for (int i = 0; i < Batch; i++)
            session.Seal(counter + (ulong)i, datagrams.AsSpan((i * Size) + 16, Packet), datagrams.AsSpan(i * Size, Size), 0);
    }
}
