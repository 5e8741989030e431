using System.Net;
using AkkaOverlay.Kernel.Forwarding;

namespace AkkaOverlay.Kernel.Tests.Forwarding;

/// <summary>Packets made by hand.</summary>
internal static unsafe class Packets
{
    public const int Port = 5050;

    public static byte[] Udp(string source, string destination, ReadOnlySpan<byte> payload, int ttl = 64)
    {
        byte[] from = IPAddress.Parse(source).GetAddressBytes(), to = IPAddress.Parse(destination).GetAddressBytes();
        bool v4 = from.Length == 4;
        int header = v4 ? 20 : 40;
        byte[] packet = new byte[header + 8 + payload.Length];
        payload.CopyTo(packet.AsSpan(header + 8));
        fixed (byte* at = packet)
        {
            at[0] = v4 ? (byte)0x45 : (byte)0x60;
            if (v4)
            {
                IpHeader.Write16(at + 2, packet.Length);
                (at[8], at[9]) = ((byte)ttl, IpHeader.Udp);
                from.CopyTo(packet, 12);
                to.CopyTo(packet, 16);
                *(ushort*)(at + 10) = InternetChecksum.Finish(InternetChecksum.Add(0, at, 20));
            }
            else
            {
                IpHeader.Write16(at + 4, packet.Length - 40);
                (at[6], at[7]) = (IpHeader.Udp, (byte)ttl);
                from.CopyTo(packet, 8);
                to.CopyTo(packet, 24);
            }
            byte* udp = at + header;
            IpHeader.Write16(udp, 4040);
            IpHeader.Write16(udp + 2, Port);
            IpHeader.Write16(udp + 4, packet.Length - header);
            ulong sum = IpHeader.PseudoHeader(at, v4, IpHeader.Udp) + IpHeader.NetworkOrder(packet.Length - header);
            *(ushort*)(udp + 6) = InternetChecksum.Finish(InternetChecksum.Add(sum, udp, packet.Length - header));
        }
        return packet;
    }
}
