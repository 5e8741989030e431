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
public sealed class ForwarderLoop : IForwarderLoop
{
    private readonly TunQueue tun;
    private readonly List<UdpSocket> sockets = [];
    private readonly List<IDisposable> owned = [];
    private readonly List<ForwarderThread> work = [];
    private readonly List<Thread> threads = [];
    private readonly ForwarderEncryption? encryption;
    private InwardDuty? duty;

    /// <summary>One for each thread, the one that sends first: there is an end, packets that wait may go, or the way in is its own now.</summary>
    private readonly List<ThreadSignal> signals = [];
    private readonly ForwarderOptions options;

    /// <summary>Held by whoever uses descriptors from outside the loop's threads: a number that was closed may be anybody's. The packet path needs none of it.</summary>
    private readonly Lock gate = new();
    private bool closed;
    private volatile bool stopping;
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
    internal long Allocated => work.Sum(thread => thread.Allocated);

    /// <summary>How often the way in changed its thread.</summary>
    internal int Handovers => duty?.Changes ?? 0;

    /// <summary>The number of this queue, and the slot of its ciphers: a cipher is one thread's.</summary>
    internal int Queue { get; }

    public string? Lacking { get; private init; }

    public bool Gro => sockets.TrueForAll(socket => socket.Gro);

    /// <param name="queue">From 0, one of <see cref="ForwarderOptions.Queues"/>.</param>
    /// <param name="failed">Called once, by a thread that ends for this reason; the other one ends too.</param>
    /// <exception cref="NetlinkException">The device or an address is not there, or the kernel refuses.</exception>
    /// <exception cref="InvalidOperationException">Another loop has this queue of the same encryption, and is not disposed yet.</exception>
    public static ForwarderLoop Start(ForwarderSetup setup, int queue, ForwarderCounters counters, Action<Exception> failed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(queue, setup.Options.Queues);
        var tun = TunQueue.Open(setup.Device, setup.Options.Offloads);
        ForwarderLoop? loop = null;
        try
        {
            loop = new ForwarderLoop(tun, queue, setup.Options, setup.Encryption) { Lacking = AcceptOwnErrors(setup.Device) };
            foreach (var endPoint in setup.Local)
                loop.sockets.Add(UdpSocket.Open(endPoint, setup.Options.SocketBuffer, setup.Options.GroOnReceive, shared: setup.Options.Queues > 1));
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
            work.ForEach(thread => thread.Stop());
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
        if (!options.ThreadPerDirection)
        {
            Begin(tun.Device, new PollingThread(signals[0], outbound, new IncomingSockets(inbound), options), failed);
        }
        else if (options.Spin > TimeSpan.Zero)
        {
            Begin($"{tun.Device} out", new PollingThread(signals[0], outbound, new IncomingSockets([]), options), failed);
            Begin($"{tun.Device} in", new PollingThread(signals[1], null, new IncomingSockets(inbound), options), failed);
        }
        else
        {
            duty = options.Converse ? new InwardDuty(signals[0], signals[1]) : null;
            Begin(
                $"{tun.Device} out",
                duty is null ? new PollingThread(signals[0], outbound, new IncomingSockets([]), options) : new ConversingThread(signals[0], outbound, new IncomingSockets(inbound), duty, options),
                failed);
            Begin($"{tun.Device} in", new ReceivingThread(signals[1], inbound, duty, options), failed);
        }
        foreach (var thread in threads)
            thread.Start();
    }

    private void Begin(string name, ForwarderThread thread, Action<Exception> failed)
    {
        work.Add(thread);
        threads.Add(new Thread(() => Guarded(thread, failed)) { IsBackground = true, Name = name });
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
    private void Guarded(ForwarderThread thread, Action<Exception> failed)
    {
        try
        {
            thread.Forward();
        }
        catch (Exception e)
        {
            if (!stopping && Interlocked.Exchange(ref failures, 1) == 0)
                failed(e);
        }
    }
}
