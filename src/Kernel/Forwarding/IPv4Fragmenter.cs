using System.Runtime.CompilerServices;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Fragments a packet as every IPv4 router does whose next link is smaller (RFC 791, 3.2).</summary>
internal static unsafe class IPv4Fragmenter
{
    private const int MoreFragments = 0x2000, Offset = 0x1FFF;

    /// <param name="headers">Room for the fragments' headers; must stay as it is until the batch is flushed.</param>
    /// <returns>False for a packet with options, of which not all may be copied: nobody sends such a one that is so large.</returns>
    public static bool Cut(byte* packet, int length, int limit, ForwardingPeer peer, byte* headers, SendBatch batch)
    {
        const int header = IpHeader.LeastIPv4;
        // In units of eight octets.
        int most = (limit - header) & ~7;
        if (*packet != 0x45 || most < 8)
            return false;
        int flags = IpHeader.Read16(packet + 6), first = flags & Offset;
        int index = 0;
        for (int at = header; at < length; at += most, index++)
        {
            int part = Math.Min(most, length - at);
            byte* mine = headers + (index * header);
            Unsafe.CopyBlockUnaligned(mine, packet, header);
            IpHeader.Write16(mine + IpHeader.IPv4LengthAt, header + part);
            bool more = at + part < length || (flags & MoreFragments) != 0;
            IpHeader.Write16(mine + 6, (more ? MoreFragments : 0) | (first + ((at - header) >> 3)));
            *(ushort*)(mine + IpHeader.IPv4ChecksumAt) = 0;
            *(ushort*)(mine + IpHeader.IPv4ChecksumAt) = InternetChecksum.Finish(InternetChecksum.Add(0, mine, header));
            batch.Add(peer, mine, header, packet + at, part);
        }
        return true;
    }
}
