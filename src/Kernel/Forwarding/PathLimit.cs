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

    /// <summary>Messages that are not segmented after the kernel has refused one: then it is asked again, for the route may be another one.</summary>
    private const int UnsegmentedMessages = 100_000;

    private int unsegmented;

    /// <summary>Whether the kernel cuts messages on this path; asked before each message that could have several packets, by one thread at a time.</summary>
    public bool MaySegment => unsegmented == 0 || --unsegmented == 0;

    /// <summary>The kernel does not: before Linux 6.11 for a device that computes no checksums, and where IPsec is on the way (net/ipv4/udp.c, udp_send_skb).</summary>
    public void SegmentingRefused() => unsegmented = UnsegmentedMessages;

    /// <summary>What the path takes, as far as anybody knows: asked for anew now and then where this packet would be too large.</summary>
    /// <returns>Octets of the inner packet.</returns>
    public int For(IPEndPoint local, int size)
    {
        if (octets < size && Stopwatch.GetElapsedTime(Volatile.Read(ref askedAt)) >= Fresh)
            Ask(local);
        return octets;
    }

    /// <summary>A packet of this size was refused by the kernel.</summary>
    /// <returns>The limit now, in octets of the inner packet; at least <paramref name="size"/> where it was refused for something else.</returns>
    public int Refused(IPEndPoint local, int size)
    {
        long asked = Volatile.Read(ref askedAt);
        if (octets >= size || asked == 0 || Stopwatch.GetElapsedTime(asked) >= Fresh)
            Ask(local);
        return octets;
    }

    private void Ask(IPEndPoint local)
    {
        Volatile.Write(ref askedAt, Stopwatch.GetTimestamp());
        if (PathMtu.Ask(local, remote) is { } mtu)
            octets = mtu - overhead;
    }
}
