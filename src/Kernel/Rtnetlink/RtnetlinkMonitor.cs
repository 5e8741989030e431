using AkkaOverlay.Kernel.Netlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>
/// Listens to links, addresses, routes, neighbours, FDB entries, rules and nexthop objects of one network namespace (rtnetlink(7), RTNLGRP_*) on a thread of its own.
/// Messages wait in the socket from construction on, so whoever constructs, then dumps, then starts misses nothing.
/// </summary>
public sealed class RtnetlinkMonitor : IDisposable
{
    /// <summary>Octets: room for some 10,000 notifications while the process is busy or stopped.</summary>
    private const int DefaultReceiveBuffer = 16 * 1024 * 1024;

    /// <summary>Only a bound for the receive behind a successful poll(2).</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    private readonly NetlinkSocket _socket;
    private readonly SafeFileHandle _stop;
    private Thread? _thread;
    private Action<RtnetlinkEvent> _onEvent = static _ => { };
    private Action<Exception>? _onError;
    private volatile bool _stopping;
    private volatile bool _closedByThread;
    private bool _disposed;
    private long _undecodable;
    private long _overruns;

    /// <summary>Subscribes in the calling thread's network namespace; needs no privilege, but CAP_NET_ADMIN for the large buffer.</summary>
    /// <exception cref="NetlinkException">The system refused.</exception>
    public RtnetlinkMonitor()
        : this(DefaultReceiveBuffer)
    {
    }

    internal RtnetlinkMonitor(int receiveBuffer)
    {
        int stop = LibC.eventfd(0, LibC.EFD_CLOEXEC);
        if (stop < 0)
            throw Errno.LastError("create an eventfd");
        _stop = new SafeFileHandle(stop, ownsHandle: true);
        try
        {
            _socket = NetlinkSocket.Open(
                receiveBuffer,
                Timeout,
                RTNLGRP_LINK, RTNLGRP_NEIGH, RTNLGRP_IPV4_IFADDR, RTNLGRP_IPV4_ROUTE, RTNLGRP_IPV4_RULE,
                RTNLGRP_IPV6_IFADDR, RTNLGRP_IPV6_ROUTE, RTNLGRP_IPV6_RULE, RTNLGRP_NEXTHOP);
        }
        catch
        {
            _stop.Dispose();
            throw;
        }
    }

    /// <summary>Messages that were skipped because they could not be read.</summary>
    public long Undecodable => Interlocked.Read(ref _undecodable);

    /// <summary>How often the kernel reported lost messages (ENOBUFS).</summary>
    public long Overruns => Interlocked.Read(ref _overruns);

    /// <summary>Starts the thread. To be called once.</summary>
    /// <param name="onEvent">Called on the monitor's thread, one event at a time; while it runs, messages wait in the socket.</param>
    /// <param name="onError">
    /// Gets what <paramref name="onEvent"/> throws, after which the monitor goes on, and a failure of the socket, after which it has
    /// ended. Without it such an exception is unhandled and ends the process: better than to be deaf and not know.
    /// </param>
    public void Start(Action<RtnetlinkEvent> onEvent, Action<Exception>? onError = null)
    {
        ArgumentNullException.ThrowIfNull(onEvent);
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_thread is not null)
            throw new InvalidOperationException("The monitor was started before.");
        _onEvent = onEvent;
        _onError = onError;
        _thread = new Thread(Listen) { IsBackground = true, Name = "rtnetlink monitor" };
        _thread.Start();
    }

    /// <summary>Stops the thread and waits for the event in hand; no event follows. From within an event it only asks the thread to end.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        _closedByThread = _thread == Thread.CurrentThread;
        _stopping = true;
        if (_closedByThread)
            return;
        Wake();
        _thread?.Join();
        Close();
    }

    private void Listen()
    {
        try
        {
            while (WaitForMessage())
                ReceiveOne();
        }
        catch (NetlinkException failure) when (_onError is not null)
        {
            _onError(failure);
        }
        finally
        {
            if (_closedByThread)
                Close();
        }
    }

    private unsafe bool WaitForMessage()
    {
        var watched = stackalloc pollfd[2];
        watched[0].fd = _socket.Descriptor;
        watched[0].events = LibC.POLLIN;
        watched[1].fd = (int)_stop.DangerousGetHandle();
        watched[1].events = LibC.POLLIN;
        // Woken by a signal, or ready: the receive tells. ENOBUFS shows as POLLERR.
        while (!_stopping && LibC.poll(watched, 2, -1) <= 0)
        {
        }
        return !_stopping;
    }

    private void ReceiveOne()
    {
        ReadOnlySpan<byte> datagram;
        try
        {
            datagram = _socket.Receive();
        }
        catch (NetlinkException lost) when (lost.Errno is Errno.ENOBUFS or Errno.EMSGSIZE)
        {
            Interlocked.Increment(ref _overruns);
            Deliver(new RtnetlinkEvent.Overrun());
            return;
        }
        catch (NetlinkException nothing) when (nothing.Errno == Errno.ETIMEDOUT)
        {
            // What poll saw was not from the kernel.
            return;
        }

        var messages = new MessageReader(datagram);
        while (TryMoveNext(ref messages))
        {
            if (Decode(messages.Current) is { } decoded)
                Deliver(decoded);
        }
    }

    private bool TryMoveNext(ref MessageReader messages)
    {
        try
        {
            return messages.MoveNext();
        }
        catch (NetlinkParseException)
        {
            Interlocked.Increment(ref _undecodable);
            return false;
        }
    }

    private RtnetlinkEvent? Decode(in NetlinkMessage message)
    {
        try
        {
            return EventMessages.Decode(message);
        }
        catch (NetlinkParseException)
        {
            Interlocked.Increment(ref _undecodable);
            return null;
        }
    }

    private void Deliver(RtnetlinkEvent decoded)
    {
        if (_stopping)
            return;
        if (_onError is null)
        {
            _onEvent(decoded);
            return;
        }
        try
        {
            _onEvent(decoded);
        }
        catch (Exception failure)
        {
            _onError(failure);
        }
    }

    private unsafe void Wake()
    {
        ulong one = 1;
        _ = LibC.write((int)_stop.DangerousGetHandle(), &one, sizeof(ulong));
    }

    private void Close()
    {
        _socket.Dispose();
        _stop.Dispose();
    }
}
