using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>
/// An AF_NETLINK socket, of family NETLINK_ROUTE unless asked for another, in the network namespace of the thread that opens it, with extended acknowledgements and strict
/// checking (netlink(7)). Not thread-safe.
/// </summary>
internal sealed unsafe class NetlinkSocket : INetlinkChannel
{
    /// <summary>Octets. The kernel fills dump datagrams up to 32 KiB (af_netlink.c, netlink_dump); twice that leaves room.</summary>
    private const int BufferSize = 64 * 1024;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);

    private NetlinkSocket(SafeFileHandle handle, uint portId)
    {
        _handle = handle;
        PortId = portId;
    }

    public uint PortId { get; }

    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <param name="receiveBuffer">SO_RCVBUF in octets; the kernel doubles it. Above net.core.rmem_max only with CAP_NET_ADMIN.</param>
    /// <param name="timeout">How long <see cref="Receive"/> waits.</param>
    /// <param name="groups">RTNLGRP_* to join.</param>
    public static NetlinkSocket Open(int receiveBuffer, TimeSpan timeout, params ReadOnlySpan<uint> groups) => Open(NETLINK_ROUTE, receiveBuffer, timeout, groups);

    /// <param name="family">NETLINK_*.</param>
    /// <param name="groups">Of that family.</param>
    /// <inheritdoc cref="Open(int, TimeSpan, ReadOnlySpan{uint})"/>
    public static NetlinkSocket Open(int family, int receiveBuffer, TimeSpan timeout, params ReadOnlySpan<uint> groups)
    {
        int descriptor = LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, family);
        if (descriptor < 0)
            throw Errno.LastError("open a netlink socket");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            SetBuffer(descriptor, LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, receiveBuffer);
            SetBuffer(descriptor, LibC.SO_SNDBUFFORCE, LibC.SO_SNDBUF, 1024 * 1024);
            SetTimeout(descriptor, timeout);
            SetOption(descriptor, SOL_NETLINK, NETLINK_EXT_ACK, 1);
            SetOption(descriptor, SOL_NETLINK, NETLINK_CAP_ACK, 1);
            if (family == NETLINK_ROUTE)
                SetOption(descriptor, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
            uint portId = Bind(descriptor);
            foreach (uint group in groups)
                SetOption(descriptor, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, (int)group);
            return new NetlinkSocket(handle, portId);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Send(ReadOnlySpan<byte> messages)
    {
        var kernel = new sockaddr_nl { nl_family = (ushort)(int)LibC.AF_NETLINK };
        fixed (byte* start = messages)
        {
            while (LibC.sendto(Descriptor, start, messages.Length, 0, (sockaddr*)&kernel, sizeof(sockaddr_nl)) < 0)
            {
                if (LibC.errno != LibC.EINTR)
                    throw Errno.LastError("send to the kernel");
            }
        }
    }

    public ReadOnlySpan<byte> Receive()
    {
        while (true)
        {
            var sender = default(sockaddr_nl);
            socklen_t senderLength = sizeof(sockaddr_nl);
            long length;
            // With MSG_TRUNC the kernel gives the datagram's own length, also where the buffer was too small.
            fixed (byte* start = _buffer)
                length = LibC.recvfrom(Descriptor, start, _buffer.Length, LibC.MSG_TRUNC, (sockaddr*)&sender, &senderLength);
            if (length < 0)
            {
                int errno = LibC.errno;
                if (errno == LibC.EINTR)
                    continue;
                throw new NetlinkException(Errno.Error(errno == LibC.EAGAIN ? Errno.ETIMEDOUT : errno, "receive from the kernel"));
            }
            // Any process may send to our port; only the kernel has port 0.
            if (sender.nl_pid != 0)
                continue;
            if (length > _buffer.Length)
                throw new NetlinkException(Errno.Error(Errno.EMSGSIZE, $"receive {length} octets from the kernel"));
            return _buffer.AsSpan(0, (int)length);
        }
    }

    public void Dispose() => _handle.Dispose();

    private static uint Bind(int descriptor)
    {
        var address = new sockaddr_nl { nl_family = (ushort)(int)LibC.AF_NETLINK };
        socklen_t length = sizeof(sockaddr_nl);
        if (LibC.bind(descriptor, (sockaddr*)&address, length) < 0)
            throw Errno.LastError("bind a netlink socket");
        if (LibC.getsockname(descriptor, (sockaddr*)&address, &length) < 0)
            throw Errno.LastError("read a netlink socket's port id");
        return address.nl_pid;
    }

    private static void SetBuffer(int descriptor, int forced, int ordinary, int octets)
    {
        if (LibC.setsockopt(descriptor, LibC.SOL_SOCKET, forced, &octets, sizeof(int)) < 0)
            SetOption(descriptor, LibC.SOL_SOCKET, ordinary, octets);
    }

    private static void SetTimeout(int descriptor, TimeSpan timeout)
    {
        var value = new Timeval { tv_sec = (nint)timeout.TotalSeconds, tv_usec = timeout.Milliseconds * 1000 };
        if (LibC.setsockopt(descriptor, LibC.SOL_SOCKET, LibC.SO_RCVTIMEO, &value, sizeof(Timeval)) < 0)
            throw Errno.LastError("set a netlink socket's timeout");
    }

    private static void SetOption(int descriptor, int level, int option, int value)
    {
        if (LibC.setsockopt(descriptor, level, option, &value, sizeof(int)) < 0)
            throw Errno.LastError($"set option {option} of a netlink socket");
    }

    /// <summary>linux/netlink.h; Tmds.LibC has none.</summary>
    private struct sockaddr_nl
    {
        public ushort nl_family;
        public ushort nl_pad;
        public uint nl_pid;
        public uint nl_groups;
    }

    /// <summary>sys/time.h on 64-bit Linux and on 32-bit with the kernel's own time_t.</summary>
    private struct Timeval
    {
        public nint tv_sec;
        public nint tv_usec;
    }
}
