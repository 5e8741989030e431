using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// The largest inner packet that the path to a peer takes. Unknown until the kernel has refused one that was larger; asked for anew while packets are refused for
/// it, since a path may become wider again.
/// </summary>
internal sealed class PathLimit(IPEndPoint remote, int cryptoOverhead)
{
    private const int UdpHeader = 8;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly int overhead = (remote.AddressFamily == AddressFamily.InterNetworkV6 ? IpHeader.LengthIPv6 : IpHeader.LeastIPv4) + UdpHeader + cryptoOverhead;

    private volatile int octets = int.MaxValue;

    private long askedAt;

    /// <summary>Octets of the inner packet; <see cref="int.MaxValue"/> while nothing was refused.</summary>
    public int Octets => octets;

    /// <summary>A packet of this size was refused, by the kernel or for <see cref="Octets"/>.</summary>
    /// <returns>The limit now; at least <paramref name="size"/> where the packet is not too large after all.</returns>
    public int Refused(IPEndPoint local, int size)
    {
        long asked = Volatile.Read(ref askedAt);
        if (octets >= size || asked == 0 || Stopwatch.GetElapsedTime(asked) >= Fresh)
        {
            Volatile.Write(ref askedAt, Stopwatch.GetTimestamp());
            if (PathMtu.Ask(local, remote) is { } mtu)
                octets = mtu - overhead;
        }
        return octets;
    }
}
