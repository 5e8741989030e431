using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>A loop's beginning, its end, and who may call it meanwhile.</summary>
public sealed partial class ForwarderLoopSpecs : IDisposable
{
    /// <summary>Not that of other specs, which run at the same time: the threads are named after it.</summary>
    private const string Device = "looped0";

    private readonly TestNamespace host = new();
    private readonly List<Exception> failures = [];

    public ForwarderLoopSpecs() => host.Do(new RtnetlinkChange.CreateTun(Device, "a test"));

    public void Dispose()
    {
        host.Dispose();
        Assert.Empty(failures);
    }

    [Fact]
    public void Whoever_calls_a_loop_that_was_closed_touches_no_descriptor_of_anybody_else()
    {
        var loop = Start();
        loop.Dispose();
        // They get the numbers that the loop had.
        var files = Enumerable.Range(0, 64).Select(_ => new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose)).ToList();
        loop.Wake();
        Assert.False(loop.Send(new ForwardingPeer("peer", new IPEndPoint(IPAddress.Loopback, 9)), [1, 2, 3]));
        Assert.All(files, file => Assert.Equal(0, file.Length));
        files.ForEach(file => file.Dispose());
        loop.Dispose();
    }

    [Fact]
    public void Waking_and_sending_while_a_loop_is_closed_is_harmless()
    {
        for (int i = 0; i < 30; i++)
        {
            var loop = Start();
            using var stop = new CancellationTokenSource();
            var caller = new Thread(() =>
            {
                var peer = new ForwardingPeer("peer", new IPEndPoint(IPAddress.Loopback, 9));
                while (!stop.IsCancellationRequested)
                {
                    loop.Wake();
                    loop.Send(peer, [1, 2, 3]);
                }
            });
            caller.Start();
            loop.Dispose();
            stop.Cancel();
            caller.Join();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_loop_that_was_woken_sleeps_again_whoever_woke_it_at_the_same_time(bool threadPerDirection)
    {
        using var loop = Start(new ForwarderOptions { ThreadPerDirection = threadPerDirection });
        using var together = new Barrier(3);
        const int Rounds = 300;
        var wakers = Enumerable.Range(0, 2).Select(_ => new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                together.SignalAndWait();
                loop.Wake();
                together.SignalAndWait();
            }
        })).ToList();
        wakers.ForEach(waker => waker.Start());
        var worst = TimeSpan.Zero;
        for (int i = 0; i < Rounds; i++)
        {
            together.SignalAndWait();
            together.SignalAndWait();
            Thread.Sleep(2);
            var before = Busy();
            Thread.Sleep(5);
            worst = Busy() - before is var now && i > 10 && now > worst ? now : worst;
        }
        wakers.ForEach(waker => waker.Join());
        Assert.InRange(worst, TimeSpan.Zero, TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public void A_port_is_shared_by_several_queues_and_with_nobody_where_there_is_one()
    {
        var several = ForwarderOptions.Default with { Queues = 2 };
        using (Start(several))
        {
            using var second = Start(several, queue: 1);
        }
        using var only = Start();
        var refused = Assert.Throws<NetlinkException>(() => Start());
        Assert.Equal("bind UDP 127.0.0.1:8285: Address already in use (EADDRINUSE)", refused.Message);
    }

    [Fact]
    public void What_keys_one_thread_uses_no_other_loop_may_use()
    {
        using var key = StaticKey.Generate();
        using var other = StaticKey.Generate();
        using var exchange = new TestKeyExchange(key, 1, other.PublicKey);
        var two = ForwarderOptions.Default with { Queues = 2 };
        using (Start(two, exchange.Encryption))
        {
            Assert.Throws<InvalidOperationException>(() => Start(two, exchange.Encryption));
            using var another = Start(two, exchange.Encryption, queue: 1);
        }
        // Its threads are gone.
        using var next = Start(two, exchange.Encryption);
    }

    [Fact]
    public void Where_no_kernel_parameter_may_be_set_packets_are_forwarded_and_it_is_said_what_is_lacking()
    {
        Exception? failure = null;
        // Mounts of a thread are its own from here on, and of those that it starts.
        var thread = new Thread(() => failure = Record.Exception(() =>
        {
            ReadOnlyParameters();
            using var loop = Start();
            Assert.Contains("accept_local", loop.Lacking, StringComparison.Ordinal);
        }));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
        using var next = Start();
        Assert.Null(next.Lacking);
    }

    /// <summary>As in a container: mount(2) of /proc/sys onto itself, read-only.</summary>
    private static void ReadOnlyParameters()
    {
        const int CLONE_NEWNS = 0x0002_0000;
        const nuint MS_RDONLY = 1, MS_REMOUNT = 32, MS_BIND = 4096, MS_REC = 16_384, MS_PRIVATE = 1 << 18;
        Assert.Equal(0, unshare(CLONE_NEWNS));
        Assert.Equal(0, mount(null, "/", null, MS_REC | MS_PRIVATE, 0));
        Assert.Equal(0, mount("/proc/sys", "/proc/sys", null, MS_BIND, 0));
        Assert.Equal(0, mount(null, "/proc/sys", null, MS_REMOUNT | MS_BIND | MS_RDONLY, 0));
    }

    [LibraryImport("libc")]
    private static partial int unshare(int flags);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string? source, string target, string? kind, nuint flags, nint data);

    private ForwarderLoop Start(ForwarderOptions? options = null, ForwarderEncryption? encryption = null, int queue = 0)
    {
        var setup = new ForwarderSetup(Device, [new IPEndPoint(IPAddress.Loopback, 8285)], new ForwardingTables(), options ?? ForwarderOptions.Default, encryption);
        return host.Inside.Run(() => ForwarderLoop.Start(setup, queue, new ForwarderCounters(), failures.Add));
    }

    /// <summary>Processor time of the loop's threads.</summary>
    private static TimeSpan Busy() => TimeSpan.FromMicroseconds(Directory.GetDirectories("/proc/self/task").Sum(Nanoseconds) / 1000.0);

    private static long Nanoseconds(string task)
    {
        try
        {
            return File.ReadAllText($"{task}/comm").StartsWith(Device, StringComparison.Ordinal)
                ? long.Parse(File.ReadAllText($"{task}/schedstat").Split(' ')[0], CultureInfo.InvariantCulture) : 0;
        }
        catch (IOException)
        {
            // Somebody else's thread that has ended.
            return 0;
        }
    }
}
