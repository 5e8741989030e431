using AkkaOverlay.Kernel.Netlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static AkkaOverlay.Kernel.Netfilter.NftablesConstants;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>
/// Listens to the changes of nftables' rulesets in one network namespace (NFNLGRP_NFTABLES), on a thread of its own. Transactions wait in the socket from
/// construction on.
/// </summary>
public sealed class NetfilterMonitor : IDisposable
{
    /// <summary>Octets: a flushed ruleset of some 10,000 rules.</summary>
    private const int ReceiveBuffer = 8 * 1024 * 1024;

    private readonly NetlinkSocket socket;
    private readonly SafeFileHandle stop;
    private readonly TransactionReader transactions = new();
    private Thread? thread;
    private volatile bool stopping;
    private bool disposed;

    /// <exception cref="NetlinkException">The system refused; a kernel without nftables does.</exception>
    public NetfilterMonitor()
    {
        int descriptor = LibC.eventfd(0, LibC.EFD_CLOEXEC);
        if (descriptor < 0)
            throw Errno.LastError("create an eventfd");
        stop = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            socket = NetlinkSocket.Open(NETLINK_NETFILTER, ReceiveBuffer, TimeSpan.FromSeconds(1), NFNLGRP_NFTABLES);
        }
        catch
        {
            stop.Dispose();
            throw;
        }
    }

    /// <summary>Starts the thread. To be called once.</summary>
    /// <param name="onEvent">Called on the monitor's thread, one transaction at a time; must not throw.</param>
    /// <param name="onEnd">Called where the socket failed: nothing is heard any more.</param>
    public void Start(Action<NetfilterEvent> onEvent, Action<Exception> onEnd)
    {
        if (thread is not null)
            throw new InvalidOperationException("The monitor was started before.");
        thread = new Thread(() => Listen(onEvent, onEnd)) { IsBackground = true, Name = "netfilter monitor" };
        thread.Start();
    }

    /// <summary>Stops the thread and waits for it; no event follows. Not to be called from within an event.</summary>
    public unsafe void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, true))
            return;
        stopping = true;
        ulong one = 1;
        _ = LibC.write((int)stop.DangerousGetHandle(), &one, sizeof(ulong));
        thread?.Join();
        socket.Dispose();
        stop.Dispose();
    }

    private void Listen(Action<NetfilterEvent> onEvent, Action<Exception> onEnd)
    {
        try
        {
            while (WaitForMessage())
                ReceiveOne(onEvent);
        }
        catch (NetlinkException failure)
        {
            onEnd(failure);
        }
    }

    private unsafe bool WaitForMessage()
    {
        var watched = stackalloc pollfd[2];
        watched[0].fd = socket.Descriptor;
        watched[0].events = LibC.POLLIN;
        watched[1].fd = (int)stop.DangerousGetHandle();
        watched[1].events = LibC.POLLIN;
        while (!stopping && LibC.poll(watched, 2, -1) <= 0)
        {
            // Woken by a signal.
        }
        return !stopping;
    }

    private void ReceiveOne(Action<NetfilterEvent> onEvent)
    {
        try
        {
            foreach (var message in new MessageReader(socket.Receive()))
            {
                if (transactions.Read(message) is { } ended && !stopping)
                    onEvent(ended);
            }
        }
        catch (NetlinkException lost) when (lost.Errno is Errno.ENOBUFS or Errno.EMSGSIZE)
        {
            onEvent(transactions.Lose());
        }
        catch (NetlinkException nothing) when (nothing.Errno == Errno.ETIMEDOUT)
        {
            // What poll saw was not from the kernel.
        }
        catch (NetlinkParseException)
        {
            // Unreadable is like lost: whoever listens looks for himself.
            onEvent(transactions.Lose());
        }
    }
}
