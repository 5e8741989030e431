using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// The largest inner packet that the path to a peer takes whole. Unknown until the kernel has refused one that was larger; asked for anew now and then while it
/// does, since a path may become narrower still.
/// </summary>
internal sealed class PathLimit(IPEndPoint remote, int cryptoOverhead)
{
    private const int UdpHeader = 8;

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(5);

    private readonly int overhead = (remote.AddressFamily == AddressFamily.InterNetworkV6 ? IpHeader.LengthIPv6 : IpHeader.LeastIPv4) + UdpHeader + cryptoOverhead;

    private volatile int octets = int.MaxValue;

    private long askedAt;

    /// <summary>A packet of this size was refused by the kernel.</summary>
    /// <returns>The limit now, in octets of the inner packet; at least <paramref name="size"/> where it was refused for something else.</returns>
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
