using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Kernel.Udp;

/// <summary>struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)) as octets.</summary>
internal static class SocketAddresses
{
    public const int LengthIPv4 = 16, LengthIPv6 = 28;

    private const int PortAt = 2, AddressIPv4At = 4, AddressIPv6At = 8;

    /// <summary>In memory that does not move.</summary>
    public static byte[] Pinned(IPEndPoint endPoint)
    {
        bool v6 = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        var octets = GC.AllocateArray<byte>(v6 ? LengthIPv6 : LengthIPv4, pinned: true);
        BitConverter.TryWriteBytes(octets, (ushort)(v6 ? 10 : 2));
        octets[PortAt] = (byte)(endPoint.Port >> 8);
        octets[PortAt + 1] = (byte)endPoint.Port;
        endPoint.Address.TryWriteBytes(octets.AsSpan(v6 ? AddressIPv6At : AddressIPv4At), out _);
        if (v6 && endPoint.Address.ScopeId != 0)
            BitConverter.TryWriteBytes(octets.AsSpan(24), (uint)endPoint.Address.ScopeId);
        return octets;
    }

    public static bool SameHost(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) => one.Length == other.Length && (one.Length == LengthIPv6
        ? one.Slice(AddressIPv6At, 16).SequenceEqual(other.Slice(AddressIPv6At, 16))
        : one.Slice(AddressIPv4At, 4).SequenceEqual(other.Slice(AddressIPv4At, 4)));

    public static IPEndPoint Read(ReadOnlySpan<byte> octets)
    {
        int port = (octets[PortAt] << 8) | octets[PortAt + 1];
        return octets.Length >= LengthIPv6 && BitConverter.ToUInt16(octets) == 10
            ? new IPEndPoint(new IPAddress(octets.Slice(AddressIPv6At, 16)), port)
            : new IPEndPoint(new IPAddress(octets.Slice(AddressIPv4At, 4)), port);
    }
}
