using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>An X25519 public key (RFC 7748, section 6.1): who a peer is. Its text form is base64, 44 characters (RFC 4648, section 4).</summary>
public readonly record struct PublicKey : ISpanParsable<PublicKey>, IComparable<PublicKey>
{
    public const int Length = 32;

    private const int TextLength = 44;

    private readonly (ulong, ulong, ulong, ulong) _words;

    private PublicKey((ulong, ulong, ulong, ulong) words) => _words = words;

    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public static PublicKey FromBytes(ReadOnlySpan<byte> octets)
    {
        if (octets.Length != Length)
            throw new ArgumentException($"A public key has {Length} octets, not {octets.Length}.", nameof(octets));
        return new PublicKey((
            BinaryPrimitives.ReadUInt64BigEndian(octets),
            BinaryPrimitives.ReadUInt64BigEndian(octets[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(octets[16..]),
            BinaryPrimitives.ReadUInt64BigEndian(octets[24..])));
    }

    /// <exception cref="ArgumentException">Room for fewer than 32 octets.</exception>
    public void CopyTo(Span<byte> octets)
    {
        if (octets.Length < Length)
            throw new ArgumentException($"A public key needs {Length} octets, not {octets.Length}.", nameof(octets));
        BinaryPrimitives.WriteUInt64BigEndian(octets, _words.Item1);
        BinaryPrimitives.WriteUInt64BigEndian(octets[8..], _words.Item2);
        BinaryPrimitives.WriteUInt64BigEndian(octets[16..], _words.Item3);
        BinaryPrimitives.WriteUInt64BigEndian(octets[24..], _words.Item4);
    }

    public byte[] ToBytes()
    {
        var octets = new byte[Length];
        CopyTo(octets);
        return octets;
    }

    /// <summary>By octets, the first the most significant: an order that both ends of a pair see alike.</summary>
    public int CompareTo(PublicKey other) => _words.CompareTo(other._words);

    public static bool operator <(PublicKey left, PublicKey right) => left.CompareTo(right) < 0;

    public static bool operator >(PublicKey left, PublicKey right) => left.CompareTo(right) > 0;

    public static bool operator <=(PublicKey left, PublicKey right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PublicKey left, PublicKey right) => left.CompareTo(right) >= 0;

    public override string ToString() => Convert.ToBase64String(ToBytes());

    public static PublicKey Parse(string text) => Parse(text, null);

    public static PublicKey Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    public static PublicKey Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var key) ? key : throw new FormatException($"'{s}' is not a public key: base64 of {Length} octets.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PublicKey result) =>
        TryParse(s.AsSpan(), provider, out result);

    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out PublicKey result)
    {
        result = default;
        Span<byte> octets = stackalloc byte[Length];
        // One key has one text: the decoder by itself takes white space, and bits behind the last octet.
        if (s.Length != TextLength || !Convert.TryFromBase64Chars(s, octets, out int written) || written != Length)
            return false;
        var key = FromBytes(octets);
        if (!s.SequenceEqual(key.ToString()))
            return false;
        result = key;
        return true;
    }
}
