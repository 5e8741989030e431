using AkkaOverlay.Kernel.Noise;

namespace AkkaOverlay.Kernel.Tests.Noise;

/// <summary>Several threads on one session.</summary>
public sealed class SessionThreadsSpecs : IDisposable
{
    private static readonly TimeSpan s_now = TimeSpan.FromMinutes(5);

    private readonly TransportSession _left = new(1, 2, HandshakeRole.Initiator, new byte[32], new byte[32], s_now);
    private readonly TransportSession _right = new(2, 1, HandshakeRole.Initiator, new byte[32], new byte[32], s_now);

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
    }

    [Fact]
    public void No_counter_is_given_to_two_threads()
    {
        const int Threads = 4, Each = 200_000, Block = 3;
        var taken = new ulong[Threads][];
        Together(Threads, thread =>
        {
            taken[thread] = new ulong[Each];
            for (int i = 0; i < Each; i++)
                _left.TryReserve(Block, 1432, s_now, out taken[thread][i]);
        });
        ulong[] all = [.. taken.SelectMany(block => block).Order()];
        Assert.Equal(Enumerable.Range(0, Threads * Each).Select(i => (ulong)(i * Block)), all);
        Assert.Equal(Threads * Each * Block, _left.Sent);
        // Nor is any of them left out of what counts towards the limit.
        Assert.Equal(ReserveResult.Reserved, _left.TryReserve((1 << 28) - (Threads * Each * Block), 1432, s_now, out _));
        Assert.Equal(ReserveResult.Exhausted, _left.TryReserve(1, 1432, s_now, out _));
    }

    [Fact]
    public void Threads_seal_and_open_at_the_same_time()
    {
        // All within the window, for one thread may be far ahead of another.
        const int Threads = 4, Each = 2000, Length = 1400;
        byte[][] datagrams = new byte[Threads * Each][];
        Together(Threads, thread =>
        {
            for (int i = 0; i < Each; i++)
            {
                byte[] packet = new byte[Length], datagram = new byte[Length + WireFormat.DataOverhead];
                BitConverter.TryWriteBytes(packet, (thread * Each) + i);
                Assert.Equal(ReserveResult.Reserved, _left.TryReserve(1, datagram.Length, s_now, out ulong counter));
                Assert.True(_left.Seal(counter, packet, datagram, thread));
                datagrams[counter] = datagram;
            }
        });
        int[] opened = new int[Threads * Each];
        Together(Threads, thread =>
        {
            byte[] packet = new byte[Length];
            // Each datagram by two threads: one of them must be refused.
            for (int i = 0; i < Threads * Each; i++)
            {
                if (i % 2 == thread % 2 && _right.TryOpen(datagrams[i], packet, out _, s_now, thread + 60) == OpenResult.Opened)
                    Interlocked.Increment(ref opened[BitConverter.ToInt32(packet)]);
            }
        });
        Assert.All(opened, times => Assert.Equal(1, times));
    }

    [Fact]
    public void Zeroing_while_threads_work_ends_in_refusals()
    {
        for (int round = 0; round < 20; round++)
        {
            var session = new TransportSession(1, 1, HandshakeRole.Initiator, new byte[32], new byte[32], s_now);
            Together(3, thread =>
            {
                byte[] datagram = new byte[132];
                if (thread == 0)
                    session.Dispose();
                for (int i = 0; thread > 0 && i < 200; i++)
                {
                    if (session.Seal(Reserve(session), datagram.AsSpan(16, 100), datagram, thread))
                        Assert.True(session.TryOpen(datagram, datagram.AsSpan(16), out _, s_now, thread) is OpenResult.Opened or OpenResult.Expired);
                }
            });
            Assert.False(session.Seal(0, [], new byte[32], 9));
        }
    }

    /// <summary>On threads of their own, which begin at one moment.</summary>
    private static void Together(int threads, Action<int> work)
    {
        using var start = new Barrier(threads);
        var failures = new Exception?[threads];
        Thread[] all = [.. Enumerable.Range(0, threads).Select(thread => new Thread(() =>
        {
            start.SignalAndWait();
            try
            {
                work(thread);
            }
            catch (Exception failure)
            {
                failures[thread] = failure;
            }
        }))];
        Array.ForEach(all, thread => thread.Start());
        Array.ForEach(all, thread => thread.Join());
        Assert.All(failures, Assert.Null);
    }

    private static ulong Reserve(TransportSession session)
    {
        Assert.Equal(ReserveResult.Reserved, session.TryReserve(1, 1432, s_now, out ulong counter));
        return counter;
    }
}
