using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Sysctl;
using AkkaOverlay.Kernel.Tun;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// One queue of the TUN device with its sockets, and the threads that forward between them: they belong to nobody else, wait for the kernel and nothing else, and
/// allocate nothing for a packet. In the network namespace of the thread that opens it.
/// </summary>
public sealed unsafe class ForwarderLoop : IForwarderLoop
{
    private readonly TunQueue tun;
    private readonly List<UdpSocket> sockets = [];
    private readonly List<IDisposable> owned = [];
    private readonly List<Thread> threads = [];
    private readonly ForwarderEncryption? encryption;

    /// <summary>One for each thread, the one that sends first: there is an end, or packets that wait may go.</summary>
    private readonly List<ThreadSignal> signals = [];
    private readonly ForwarderOptions options;

    /// <summary>Held by whoever uses descriptors from outside the loop's threads: a number that was closed may be anybody's. The packet path needs none of it.</summary>
    private readonly Lock gate = new();
    private bool closed;
    private volatile bool stopping;
    private readonly long[] allocated = new long[2];
    private int failures;

    private ForwarderLoop(TunQueue tun, int queue, ForwarderOptions options, ForwarderEncryption? encryption)
    {
        Queue = queue;
        this.encryption = encryption;
        this.tun = tun;
        this.options = options;
        for (int i = 0; i < (options.ThreadPerDirection ? 2 : 1); i++)
            signals.Add(ThreadSignal.Open());
    }

    public TunOffloads Granted => tun.Granted;

    /// <summary>Octets that the threads have allocated, as each saw it when it last had nothing to do.</summary>
    internal long Allocated => allocated.Sum();

    /// <summary>The number of this queue, and the slot of its ciphers: a cipher is one thread's.</summary>
    internal int Queue { get; }

    public string? Lacking { get; private init; }

    public bool Gro => sockets.TrueForAll(socket => socket.Gro);

    /// <param name="queue">0 to 63.</param>
    /// <param name="failed">Called once, by a thread that ends for this reason; the other one ends too.</param>
    /// <exception cref="NetlinkException">The device or an address is not there, or the kernel refuses.</exception>
    /// <exception cref="InvalidOperationException">Another loop has this queue of the same encryption, and is not disposed yet.</exception>
    public static ForwarderLoop Start(ForwarderSetup setup, int queue, ForwarderCounters counters, Action<Exception> failed)
    {
        var tun = TunQueue.Open(setup.Device, setup.Options.Offloads);
        ForwarderLoop? loop = null;
        try
        {
            loop = new ForwarderLoop(tun, queue, setup.Options, setup.Encryption) { Lacking = AcceptOwnErrors(setup.Device) };
            foreach (var endPoint in setup.Local)
                loop.sockets.Add(UdpSocket.Open(endPoint, setup.Options.SocketBuffer, setup.Options.GroOnReceive));
            // Before its threads use any key.
            setup.Encryption?.Add(loop);
            loop.Run(setup.Tables, counters, failed);
            return loop;
        }
        catch
        {
            loop?.Dispose();
            tun.Dispose();
            throw;
        }
    }

    /// <summary>Sends a datagram of the key exchange.</summary>
    /// <returns>False where it could not be.</returns>
    internal bool Send(ForwardingPeer peer, ReadOnlySpan<byte> datagram)
    {
        var socket = sockets.Find(socket => socket.Local.AddressFamily == peer.EndPoint.AddressFamily);
        lock (gate)
            return socket is not null && !closed && socket.TrySend(peer.AddressBytes, datagram);
    }

    /// <summary>Packets that wait for a session may go.</summary>
    internal void Wake()
    {
        lock (gate)
        {
            if (!closed)
                signals[0].Raise();
        }
    }

    /// <summary>Ends the threads and waits for them, then closes the queue and the sockets.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (closed)
                return;
            stopping = true;
            signals.ForEach(signal => signal.Raise());
            sockets.ForEach(socket => socket.Interrupt());
        }
        foreach (var thread in threads)
            thread.Join();
        // Not before: until then the ciphers of this slot are theirs.
        encryption?.Remove(this);
        lock (gate)
        {
            closed = true;
            foreach (var item in owned)
                item.Dispose();
            foreach (var socket in sockets)
                socket.Dispose();
            tun.Dispose();
            signals.ForEach(signal => signal.Dispose());
        }
    }

    private void Run(ForwardingTables tables, ForwarderCounters counters, Action<Exception> failed)
    {
        var ipv4 = sockets.Find(socket => socket.Local.AddressFamily == AddressFamily.InterNetwork);
        var ipv6 = sockets.Find(socket => socket.Local.AddressFamily == AddressFamily.InterNetworkV6);
        var errors = Own(new IcmpErrors(tun, counters));
        var sealer = encryption is null ? null : Own(new Sealer(Queue));
        var opener = encryption is null ? null : new Opener(encryption, counters, Queue);
        var batch = Own(new SendBatch(new SendSocket(ipv4, tables, errors, counters), new SendSocket(ipv6, tables, errors, counters), options.SegmentOnSend, sealer));
        var outbound = Own(new Outbound(tun, batch, tables, errors, counters, options, sealer, encryption));
        var coalescer = Own(new Coalescer(tun, counters, options));
        var inbound = sockets.Select(socket => Own(new Inbound(socket, coalescer, tables, counters, opener))).ToArray();
        (string Name, Outbound? Out, Inbound[] In)[] work = options.ThreadPerDirection
            ? [($"{tun.Device} out", outbound, []), ($"{tun.Device} in", null, inbound)]
            : [(tun.Device, outbound, inbound)];
        foreach (var (name, outward, inward) in work)
        {
            var signal = signals[threads.Count];
            threads.Add(new Thread(() => Guarded(signal, outward, inward, failed)) { IsBackground = true, Name = name });
        }
        foreach (var thread in threads)
            thread.Start();
    }

    /// <summary>Else the kernel takes an error that we write, from an address of this host, for a forgery (Documentation/networking/ip-sysctl.rst).</summary>
    /// <returns>Why it cannot be; null where it can. No packet depends on it.</returns>
    private static string? AcceptOwnErrors(string device)
    {
        string acceptLocal = $"net/ipv4/conf/{device}/accept_local";
        try
        {
            if (Sysctls.Exists(acceptLocal))
                Sysctls.Ensure(acceptLocal, "1");
            return null;
        }
        // A read-only /proc/sys, as containers have it.
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"senders get no ICMP errors: {e.Message}";
        }
    }

    private T Own<T>(T item) where T : IDisposable
    {
        owned.Add(item);
        return item;
    }

    /// <summary>Whatever happens in a thread ends here: an exception that leaves it would end the process.</summary>
    private void Guarded(ThreadSignal signal, Outbound? outbound, Inbound[] inbound, Action<Exception> failed)
    {
        try
        {
            Forward(signal, outbound, inbound);
        }
        catch (Exception e)
        {
            if (!stopping && Interlocked.Exchange(ref failures, 1) == 0)
                failed(e);
        }
    }

    private void Forward(ThreadSignal signal, Outbound? outbound, Inbound[] inbound)
    {
        if (outbound is null && inbound is [var only] && options.Spin == TimeSpan.Zero)
            ForwardFrom(only);
        else
            ForwardAmong(signal, outbound, inbound);
    }

    /// <summary>From one socket, waiting in the very call that receives.</summary>
    private void ForwardFrom(Inbound socket)
    {
        while (!stopping)
        {
            Volatile.Write(ref allocated[1], GC.GetAllocatedBytesForCurrentThread());
            GiveWay(socket.WaitAndPump());
        }
    }

    private void ForwardAmong(ThreadSignal signal, Outbound? outbound, Inbound[] inbound)
    {
        int count = 1 + (outbound is null ? 0 : 1) + inbound.Length;
        var waits = stackalloc SystemCalls.PollDescriptor[4];
        int next = 0;
        waits[next++] = new SystemCalls.PollDescriptor { fd = signal.Descriptor, events = SystemCalls.POLLIN };
        if (outbound is not null)
            waits[next++] = new SystemCalls.PollDescriptor { fd = tun.Descriptor, events = SystemCalls.POLLIN };
        foreach (var socket in inbound)
            waits[next++] = new SystemCalls.PollDescriptor { fd = socket.Descriptor, events = SystemCalls.POLLIN };

        long spin = (long)(options.Spin.TotalSeconds * Stopwatch.Frequency), idleSince = 0;
        // Who wakes up where this thread spins does not wait for it.
        if (spin > 0)
            _ = SchedulerSlice.TrySet(SchedulerSlice.Longest);
        bool alone = true;
        while (!stopping)
        {
            var found = outbound?.Pump(alone) ?? Pumped.Nothing;
            foreach (var socket in inbound)
            {
                var here = socket.Pump(alone);
                found = here > found ? here : found;
            }
            if (found > Pumped.One)
            {
                idleSince = 0;
                alone = false;
                GiveWay(found);
                continue;
            }
            long now = Stopwatch.GetTimestamp();
            if (spin > 0)
            {
                alone = found == Pumped.Nothing;
                if (found == Pumped.One || idleSince == 0)
                    idleSince = now;
                if (now - idleSince < spin)
                    continue;
            }
            Volatile.Write(ref allocated[outbound is null ? 1 : 0], GC.GetAllocatedBytesForCurrentThread());
            if (SystemCalls.poll(waits, (nuint)count, -1) < 0 && SystemCalls.Errno != Errno.EINTR)
                throw Errno.LastError("wait for packets");
            // Whenever it is raised, whatever else is known: else poll(2) would return at once for ever. A thread that is busy looks after each lot anyway.
            if ((waits[0].revents & SystemCalls.POLLIN) != 0)
            {
                signal.Lower();
                outbound?.SendWaiting();
            }
            alone = Pause.IsLong(now);
            idleSince = 0;
        }
    }

    /// <summary>
    /// Where packets come fast, whoever makes them, or takes them, gets the processor for a moment, does not have to wake this thread for each of them, and the next lot is
    /// larger. (One by one they are sent at once.)
    /// </summary>
    private void GiveWay(Pumped found)
    {
        if (found == Pumped.Several && options.GiveWay)
            _ = SystemCalls.sched_yield();
    }
}
