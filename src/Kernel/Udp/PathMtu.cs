using System.Net;
using System.Net.Sockets;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Udp;

/// <summary>What the kernel knows of a path: its device's and its route's MTU, and what routers on the way have said (RFC 1191, RFC 8201).</summary>
internal static unsafe class PathMtu
{
    /// <summary>Asks the kernel; sends nothing.</summary>
    /// <returns>Octets of the largest packet, IP header included; null where there is no way to the address.</returns>
    public static int? Ask(IPEndPoint local, IPEndPoint remote)
    {
        bool v6 = remote.AddressFamily == AddressFamily.InterNetworkV6;
        int descriptor = LibC.socket(v6 ? LibC.AF_INET6 : LibC.AF_INET, LibC.SOCK_DGRAM | LibC.SOCK_CLOEXEC, 0);
        if (descriptor < 0)
            return null;
        try
        {
            // The route may depend on the source. Any port: the real one is taken.
            byte[] from = SocketAddresses.Pinned(new IPEndPoint(local.Address, 0)), to = SocketAddresses.Pinned(remote);
            fixed (byte* source = from, destination = to)
            {
                if (LibC.bind(descriptor, (sockaddr*)source, from.Length) < 0 || LibC.connect(descriptor, (sockaddr*)destination, to.Length) < 0)
                    return null;
            }
            int mtu = 0;
            socklen_t size = sizeof(int);
            return LibC.getsockopt(descriptor, v6 ? LibC.IPPROTO_IPV6 : LibC.IPPROTO_IP, v6 ? LibC.IPV6_MTU : LibC.IP_MTU, &mtu, &size) == 0 ? mtu : null;
        }
        finally
        {
            _ = LibC.close(descriptor);
        }
    }
}
