using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace AkkaOverlay.Kernel.Net;

/// <summary>A 48-bit IEEE 802 MAC address, as in <c>IFLA_ADDRESS</c> and <c>NDA_LLADDR</c>.</summary>
/// <param name="Bits">The address in its lower 48 bits, first octet highest.</param>
public readonly record struct MacAddress(ulong Bits) : ISpanParsable<MacAddress>
{
    public const int Length = 6;

    public static readonly MacAddress Zero;

    /// <summary>The group bit of the first octet: multicast or broadcast (IEEE 802, clause 8).</summary>
    public bool IsMulticast => (Bits & 0x0100_0000_0000) != 0;

    /// <summary>Reads the first six octets.</summary>
    /// <exception cref="ArgumentException">Fewer than six octets.</exception>
    public static MacAddress FromBytes(ReadOnlySpan<byte> octets)
    {
        if (octets.Length < Length)
            throw new ArgumentException($"A MAC address has {Length} octets, not {octets.Length}.", nameof(octets));
        ulong bits = 0;
        for (int i = 0; i < Length; i++)
            bits = (bits << 8) | octets[i];
        return new MacAddress(bits);
    }

    /// <summary>
    /// Makes a unicast address of local scope from any six octets: group bit cleared, local bit set (RFC 9542, section 2.1).
    /// </summary>
    public static MacAddress LocallyAdministered(ReadOnlySpan<byte> octets) =>
        new((FromBytes(octets).Bits & ~0x0100_0000_0000UL) | 0x0200_0000_0000UL);

    /// <summary>fe80::/64 with the modified EUI-64 of this address (RFC 4291, appendix A), as the kernel gives it to a device by default.</summary>
    public IPAddress ToLinkLocal()
    {
        Span<byte> address = stackalloc byte[16];
        address.Clear();
        (address[0], address[1]) = (0xfe, 0x80);
        CopyTo(address[8..]);
        address[11..14].CopyTo(address[13..]);
        address[8] ^= 2;
        (address[11], address[12]) = (0xff, 0xfe);
        return new IPAddress(address);
    }

    public byte[] ToBytes()
    {
        var octets = new byte[Length];
        CopyTo(octets);
        return octets;
    }

    public void CopyTo(Span<byte> octets)
    {
        for (int i = 0; i < Length; i++)
            octets[i] = (byte)(Bits >> (8 * (Length - 1 - i)));
    }

    public override string ToString() =>
        string.Create(17, Bits, static (text, bits) =>
        {
            for (int i = 0; i < Length; i++)
            {
                ((byte)(bits >> (8 * (Length - 1 - i)))).TryFormat(text[(3 * i)..], out _, "x2", CultureInfo.InvariantCulture);
                if (i < Length - 1)
                    text[(3 * i) + 2] = ':';
            }
        });

    public static MacAddress Parse(string text) => Parse(text, null);

    public static MacAddress Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static MacAddress Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var mac) ? mac : throw new FormatException($"'{s}' is not a MAC address such as 02:00:00:00:00:01.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out MacAddress result) =>
        TryParse(s.AsSpan(), provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out MacAddress result)
    {
        result = default;
        // byte.TryParse takes U+0000 behind the digits.
        if (s.Length != 17 || s.Contains('\0'))
            return false;
        ulong bits = 0;
        for (int i = 0; i < Length; i++)
        {
            if (i > 0 && s[(3 * i) - 1] != ':')
                return false;
            if (!byte.TryParse(s.Slice(3 * i, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte octet))
                return false;
            bits = (bits << 8) | octet;
        }
        result = new MacAddress(bits);
        return true;
    }
}
