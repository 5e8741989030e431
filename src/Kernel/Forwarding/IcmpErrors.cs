using System.Diagnostics;
using System.Runtime.CompilerServices;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>
/// Tells senders on this host why their packet was not forwarded (RFC 792, RFC 4443): written to the TUN device, from the device's own address. The kernel takes
/// packets from an address of the host only where <c>accept_local</c> is set for the device.
/// </summary>
internal sealed unsafe class IcmpErrors : IDisposable
{
    /// <summary>An error a millisecond, and fifty at once: what Linux allows itself (icmp_msgs_per_sec, icmp_msgs_burst).</summary>
    private const int PerSecond = 1000, Burst = 50;

    private const int IcmpHeader = 8, HopLimit = 64;

    /// <summary>Octets of the largest error: RFC 1812, 4.3.2.3; RFC 4443, 2.4 (c).</summary>
    private const int MaxIPv4 = 576, MaxIPv6 = 1280;

    private readonly TunQueue tun;
    private readonly ForwarderCounters counters;
    private readonly NativeBuffer buffer = new(VirtioNetHeader.Size + MaxIPv6);
    private long lastTime = Stopwatch.GetTimestamp();
    private double tokens = Burst;

    public IcmpErrors(TunQueue tun, ForwarderCounters counters)
    {
        this.tun = tun;
        this.counters = counters;
    }

    /// <param name="packet">The packet that was refused.</param>
    /// <param name="mtu">For <see cref="ForwarderDrop.TooBig"/>: octets that the path takes.</param>
    public void Answer(ForwarderDrop reason, ForwardingTable table, byte* packet, int length, int mtu = 0)
    {
        bool isIPv4 = IpHeader.Version(packet) == 4;
        if ((isIPv4 ? table.SourceIPv4 : table.SourceIPv6) is not { } source || !MayBeAnswered(packet, length, isIPv4) || !TakeToken())
            return;
        byte* at = buffer.Start + VirtioNetHeader.Size;
        int size = isIPv4 ? WriteIPv4(at, reason, source, packet, length, mtu) : WriteIPv6(at, reason, source, packet, length, mtu);
        *(VirtioNetHeader*)buffer.Start = default;
        if (SystemCalls.write(tun.Descriptor, buffer.Start, VirtioNetHeader.Size + size) > 0)
            counters.Add(ForwarderCount.IcmpErrors, 1);
    }

    public void Dispose() => buffer.Dispose();

    /// <summary>RFC 1122, 3.2.2 and RFC 4443, 2.4 (e): never about an error, a later fragment, or from nobody.</summary>
    private static bool MayBeAnswered(byte* packet, int length, bool isIPv4)
    {
        if (isIPv4)
        {
            int header = IpHeader.HeaderLengthIPv4(packet);
            uint source = IpHeader.SourceIPv4(packet);
            if (source == 0 || source >= 0xE000_0000 || (IpHeader.Read16(packet + 6) & 0x1FFF) != 0)
                return false;
            return packet[9] != IpHeader.Icmp || (length > header && packet[header] is 0 or 8 or 13 or 14);
        }
        if (packet[8] == 0xFF || IpHeader.SourceIPv6(packet) == UInt128.Zero)
            return false;
        return packet[6] != IpHeader.IcmpIPv6 || (length > IpHeader.LengthIPv6 && packet[IpHeader.LengthIPv6] >= 128);
    }

    private static int WriteIPv4(byte* at, ForwarderDrop reason, byte[] source, byte* packet, int length, int mtu)
    {
        int quoted = Math.Min(length, MaxIPv4 - IpHeader.LeastIPv4 - IcmpHeader), total = IpHeader.LeastIPv4 + IcmpHeader + quoted;
        new Span<byte>(at, IpHeader.LeastIPv4 + IcmpHeader).Clear();
        at[0] = 0x45;
        // Internetwork control (RFC 1812, 4.3.2.5).
        at[1] = 0xC0;
        IpHeader.Write16(at + IpHeader.IPv4LengthAt, total);
        at[8] = HopLimit;
        at[9] = IpHeader.Icmp;
        source.CopyTo(new Span<byte>(at + IpHeader.IPv4SourceAt, 4));
        Unsafe.CopyBlockUnaligned(at + 16, packet + IpHeader.IPv4SourceAt, 4);
        *(ushort*)(at + IpHeader.IPv4ChecksumAt) = InternetChecksum.Finish(InternetChecksum.Add(0, at, IpHeader.LeastIPv4));
        byte* icmp = at + IpHeader.LeastIPv4;
        (icmp[0], icmp[1]) = reason switch
        {
            ForwarderDrop.TimeExceeded => ((byte)11, (byte)0),
            ForwarderDrop.TooBig => ((byte)3, (byte)4),
            _ => ((byte)3, (byte)0),
        };
        IpHeader.Write16(icmp + 6, reason == ForwarderDrop.TooBig ? mtu : 0);
        Unsafe.CopyBlockUnaligned(icmp + IcmpHeader, packet, (uint)quoted);
        *(ushort*)(icmp + 2) = InternetChecksum.Finish(InternetChecksum.Add(0, icmp, IcmpHeader + quoted));
        return total;
    }

    private static int WriteIPv6(byte* at, ForwarderDrop reason, byte[] source, byte* packet, int length, int mtu)
    {
        int quoted = Math.Min(length, MaxIPv6 - IpHeader.LengthIPv6 - IcmpHeader), total = IpHeader.LengthIPv6 + IcmpHeader + quoted;
        new Span<byte>(at, IpHeader.LengthIPv6 + IcmpHeader).Clear();
        at[0] = 0x60;
        IpHeader.Write16(at + IpHeader.IPv6LengthAt, IcmpHeader + quoted);
        at[6] = IpHeader.IcmpIPv6;
        at[7] = HopLimit;
        source.CopyTo(new Span<byte>(at + IpHeader.IPv6SourceAt, 16));
        Unsafe.CopyBlockUnaligned(at + 24, packet + IpHeader.IPv6SourceAt, 16);
        byte* icmp = at + IpHeader.LengthIPv6;
        (icmp[0], icmp[1]) = reason switch
        {
            ForwarderDrop.TimeExceeded => ((byte)3, (byte)0),
            ForwarderDrop.TooBig => ((byte)2, (byte)0),
            _ => ((byte)1, (byte)0),
        };
        IpHeader.Write32(icmp + 4, reason == ForwarderDrop.TooBig ? (uint)mtu : 0);
        Unsafe.CopyBlockUnaligned(icmp + IcmpHeader, packet, (uint)quoted);
        ulong sum = IpHeader.PseudoHeader(at, isIPv4: false, IpHeader.IcmpIPv6) + IpHeader.NetworkOrder(IcmpHeader + quoted);
        *(ushort*)(icmp + 2) = InternetChecksum.Finish(InternetChecksum.Add(sum, icmp, IcmpHeader + quoted));
        return total;
    }

    private bool TakeToken()
    {
        long now = Stopwatch.GetTimestamp();
        tokens = Math.Min(Burst, tokens + (Stopwatch.GetElapsedTime(lastTime, now).TotalSeconds * PerSecond));
        lastTime = now;
        if (tokens < 1)
            return false;
        tokens--;
        return true;
    }
}
