using System.Buffers.Binary;
using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Udp;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>An outer address as a number, to find it by without an object for each packet: of IPv4 the IPv4-mapped one (RFC 4291, section 2.5.5.2).</summary>
internal static class OuterAddress
{
    /// <summary>Where sockaddr_in and sockaddr_in6 have it.</summary>
    private const int AddressIPv4At = 4, AddressIPv6At = 8;

    public static UInt128 Of(IPAddress address) => address.BitLength() == 32 ? Mapped((uint)address.ToBits()) : address.ToBits();

    /// <param name="sender">A socket address, as recvmsg(2) gives it.</param>
    public static UInt128 Of(ReadOnlySpan<byte> sender) => sender.Length == SocketAddresses.LengthIPv6
        ? BinaryPrimitives.ReadUInt128BigEndian(sender[AddressIPv6At..])
        : Mapped(BinaryPrimitives.ReadUInt32BigEndian(sender[AddressIPv4At..]));

    /// <summary>What one owner may have at least: an IPv4 address, or a /64 of IPv6.</summary>
    public static UInt128 Site(UInt128 address) => address >> 32 == 0xFFFF ? address : address >> 64;

    private static UInt128 Mapped(uint address) => ((UInt128)0xFFFF << 32) | address;
}
