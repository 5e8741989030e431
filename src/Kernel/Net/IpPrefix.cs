using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Kernel.Net;

/// <summary>
/// An IPv4 or IPv6 address with a prefix length, as in <c>10.1.2.3/24</c>. Host bits are kept: the address of an interface has them, a subnet
/// does not (<see cref="Network"/> clears them).
/// </summary>
public readonly record struct IpPrefix : ISpanParsable<IpPrefix>, IComparable<IpPrefix>
{
    /// <param name="address">IPv4 or IPv6.</param>
    /// <param name="length">0 to 32 for IPv4, 0 to 128 for IPv6.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length does not fit the family.</exception>
    public IpPrefix(IPAddress address, int length)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.BitLength());
        Address = address;
        Length = length;
    }

    public IPAddress Address { get; }

    public int Length { get; }

    public AddressFamily Family => Address.AddressFamily;

    public bool IsIPv4 => Family == AddressFamily.InterNetwork;

    /// <summary>The same prefix without host bits.</summary>
    public IpPrefix Network => new(FromBits(Address.ToBits() & Mask, Family), Length);

    /// <summary>True when no bit right of the prefix is set.</summary>
    public bool IsNetwork => (Address.ToBits() & ~Mask & FamilyMask) == 0;

    /// <summary>The last address of the prefix.</summary>
    public IPAddress Last => FromBits(Address.ToBits() | (~Mask & FamilyMask), Family);

    /// <summary>How many addresses the prefix has; 2^128 is given as its largest representable neighbour.</summary>
    public UInt128 Size => Address.BitLength() - Length == 128 ? UInt128.MaxValue : UInt128.One << (Address.BitLength() - Length);

    private UInt128 FamilyMask => IsIPv4 ? uint.MaxValue : UInt128.MaxValue;

    private UInt128 Mask
    {
        get
        {
            int hostBits = Address.BitLength() - Length;
            return hostBits == 128 ? UInt128.Zero : (UInt128.MaxValue << hostBits) & FamilyMask;
        }
    }

    /// <summary>A route to one address: /32 or /128.</summary>
    public static IpPrefix Host(IPAddress address) => new(address, address.BitLength());

    public bool Contains(IPAddress address) =>
        address.AddressFamily == Family && (address.ToBits() & Mask) == (Address.ToBits() & Mask);

    public bool Contains(IpPrefix other) => other.Length >= Length && Contains(other.Address);

    public bool Overlaps(IpPrefix other) => Contains(other) || other.Contains(this);

    /// <summary>The address <paramref name="offset"/> places after the first of the prefix.</summary>
    public IPAddress AddressAt(UInt128 offset) => FromBits((Address.ToBits() & Mask) + offset, Family);

    /// <summary>The prefix of the same length that starts <paramref name="count"/> prefixes later.</summary>
    public IpPrefix Next(UInt128 count) => new(FromBits((Address.ToBits() & Mask) + (count << (Address.BitLength() - Length)), Family), Length);

    /// <summary>Orders IPv4 before IPv6, then by address, then the shorter prefix first.</summary>
    public int CompareTo(IpPrefix other)
    {
        int byFamily = Address.BitLength().CompareTo(other.Address.BitLength());
        if (byFamily != 0)
            return byFamily;
        int byAddress = Address.ToBits().CompareTo(other.Address.ToBits());
        return byAddress != 0 ? byAddress : Length.CompareTo(other.Length);
    }

    public static bool operator <(IpPrefix left, IpPrefix right) => left.CompareTo(right) < 0;

    public static bool operator >(IpPrefix left, IpPrefix right) => left.CompareTo(right) > 0;

    public static bool operator <=(IpPrefix left, IpPrefix right) => left.CompareTo(right) <= 0;

    public static bool operator >=(IpPrefix left, IpPrefix right) => left.CompareTo(right) >= 0;

    public override string ToString() => Address is null ? "none" : string.Create(CultureInfo.InvariantCulture, $"{Address}/{Length}");

    public static IpPrefix Parse(string text) => Parse(text.AsSpan(), null);

    public static IpPrefix Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static IpPrefix Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var prefix) ? prefix : throw new FormatException($"'{s}' is not a prefix such as 10.1.2.0/24.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out IpPrefix result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <summary>Takes dotted-quad IPv4 of four decimal parts and IPv6 without a zone, and a decimal length without sign or spaces.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out IpPrefix result)
    {
        result = default;
        int slash = s.IndexOf('/');
        if (slash < 0 || !AddressMath.TryParseStrict(s[..slash], out var address))
            return false;
        if (!AddressMath.TryParseDecimal(s[(slash + 1)..], out int length) || length > address.BitLength())
            return false;
        result = new IpPrefix(address, length);
        return true;
    }

    private static IPAddress FromBits(UInt128 bits, AddressFamily family) => AddressMath.FromBits(bits, family);
}

/// <summary>Arithmetic on addresses of both families.</summary>
public static class AddressMath
{
    /// <summary>32 or 128.</summary>
    /// <exception cref="ArgumentException">Neither IPv4 nor IPv6.</exception>
    public static int BitLength(this IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => 32,
        AddressFamily.InterNetworkV6 => 128,
        _ => throw new ArgumentException($"Not an IP address family: {address.AddressFamily}.", nameof(address)),
    };

    public static UInt128 ToBits(this IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int written);
        return written == 4 ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static IPAddress FromBits(UInt128 bits, AddressFamily family)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (family == AddressFamily.InterNetwork)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)bits);
            return new IPAddress(bytes[..4]);
        }
        BinaryPrimitives.WriteUInt128BigEndian(bytes, bits);
        return new IPAddress(bytes);
    }

    /// <summary>
    /// Parses what people mean by an address. <see cref="IPAddress.Parse(string)"/> also takes <c>10</c>, <c>0x0a.1</c> and octal parts, which
    /// here are typing errors; a leading zero (<c>10.01.0.0</c>) is refused because tools disagree about it.
    /// </summary>
    public static bool TryParseStrict(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (text.Contains('%') || text.Contains('[') || !IPAddress.TryParse(text, out var parsed))
            return false;
        if (parsed.AddressFamily == AddressFamily.InterNetwork && !text.SequenceEqual(parsed.ToString()))
            return false;
        address = parsed;
        return true;
    }

    /// <summary>Digits and nothing else: <see cref="NumberStyles.None"/> still takes zero characters (U+0000) behind them.</summary>
    public static bool TryParseDecimal(ReadOnlySpan<char> text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && !text.Contains('\0');
}
