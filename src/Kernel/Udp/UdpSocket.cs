using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Netlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Udp;

/// <summary>
/// A UDP socket of one outer family (udp(7)), in the network namespace of the thread that opens it. Datagrams have Don't Fragment set: what is too large for a
/// path is refused with EMSGSIZE.
/// </summary>
public sealed unsafe class UdpSocket : IDisposable
{
    /// <summary>linux/udp.h.</summary>
    internal const int SOL_UDP = 17, UDP_SEGMENT = 103, UDP_GRO = 104;

    /// <summary>linux/in.h, linux/in6.h: set DF always, and know the path's MTU.</summary>
    private const int IP_PMTUDISC_DO = 2;

    /// <summary>Never set DF, and fragment.</summary>
    private const int IP_PMTUDISC_DONT = 0;

    private readonly SafeFileHandle handle;

    private UdpSocket(SafeFileHandle handle, IPEndPoint local)
    {
        this.handle = handle;
        Local = local;
        Descriptor = (int)handle.DangerousGetHandle();
    }

    public IPEndPoint Local { get; }

    /// <summary>The kernel gives datagrams of one size in one call.</summary>
    public bool Gro { get; private init; }

    internal int Descriptor { get; }

    /// <param name="buffer">Octets of each buffer.</param>
    /// <param name="shared">Several sockets of this user may have the local end point (SO_REUSEPORT): the kernel deals out by the sender's address, for which it looks at each datagram.</param>
    /// <exception cref="NetlinkException">EADDRINUSE, EADDRNOTAVAIL, …</exception>
    public static UdpSocket Open(IPEndPoint local, int buffer, bool gro, bool shared)
    {
        bool v6 = local.AddressFamily == AddressFamily.InterNetworkV6;
        int descriptor = LibC.socket(v6 ? LibC.AF_INET6 : LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            throw Errno.LastError("open a UDP socket");
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        try
        {
            if (shared)
                SetOption(descriptor, LibC.SOL_SOCKET, LibC.SO_REUSEPORT, 1);
            if (v6)
                SetOption(descriptor, LibC.IPPROTO_IPV6, LibC.IPV6_V6ONLY, 1);
            SetDiscovery(descriptor, v6, IP_PMTUDISC_DO);
            SetBuffer(descriptor, LibC.SO_SNDBUFFORCE, LibC.SO_SNDBUF, buffer);
            SetBuffer(descriptor, LibC.SO_RCVBUFFORCE, LibC.SO_RCVBUF, buffer);
            gro = gro && TrySetOption(descriptor, SOL_UDP, UDP_GRO, 1);
            byte[] address = SocketAddresses.Pinned(local);
            fixed (byte* start = address)
            {
                if (LibC.bind(descriptor, (sockaddr*)start, address.Length) < 0)
                    throw Errno.LastError($"bind UDP {local}");
            }
            return new UdpSocket(handle, local) { Gro = gro };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Dispose() => handle.Dispose();

    /// <summary>Whoever waits for a datagram, or will, gets one of no octets from nobody. The socket receives nothing any more.</summary>
    // That nobody is connected is an error (ENOTCONN), and it is done all the same (net/ipv4/af_inet.c, inet_shutdown).
    internal void Interrupt() => _ = LibC.shutdown(Descriptor, LibC.SHUT_RD);

    /// <summary>Sends one datagram from whatever thread, without waiting.</summary>
    internal bool TrySend(ReadOnlySpan<byte> address, ReadOnlySpan<byte> datagram)
    {
        fixed (byte* to = address, start = datagram)
            return LibC.sendto(Descriptor, start, datagram.Length, LibC.MSG_DONTWAIT, (sockaddr*)to, address.Length) == datagram.Length;
    }

    /// <summary>While it is on, what is too large for a path is sent in fragments.</summary>
    internal void SetFragmenting(bool on) => SetDiscovery(Descriptor, Local.AddressFamily == AddressFamily.InterNetworkV6, on ? IP_PMTUDISC_DONT : IP_PMTUDISC_DO);

    private static void SetDiscovery(int descriptor, bool v6, int how) =>
        SetOption(descriptor, v6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP, v6 ? LibC.IPV6_MTU_DISCOVER : LibC.IP_MTU_DISCOVER, how);

    private static void SetBuffer(int descriptor, int forced, int ordinary, int octets)
    {
        if (!TrySetOption(descriptor, LibC.SOL_SOCKET, forced, octets))
            SetOption(descriptor, LibC.SOL_SOCKET, ordinary, octets);
    }

    private static void SetOption(int descriptor, int level, int option, int value)
    {
        if (!TrySetOption(descriptor, level, option, value))
            throw Errno.LastError($"set option {option} of a UDP socket");
    }

    private static bool TrySetOption(int descriptor, int level, int option, int value) => LibC.setsockopt(descriptor, level, option, &value, sizeof(int)) == 0;
}
