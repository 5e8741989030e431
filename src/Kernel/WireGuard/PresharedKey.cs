using System.Security.Cryptography;

namespace AkkaOverlay.Kernel.WireGuard;

/// <summary>A secret of 32 octets that all hosts share. Prints as <c>(set)</c>, without public properties: no dump shows it.</summary>
public sealed class PresharedKey : IEquatable<PresharedKey>
{
    public const int Length = 32;

    private readonly byte[] _octets;

    private PresharedKey(byte[] octets) => _octets = octets;

    /// <returns>Null unless the text is base64 of exactly 32 octets that are not all zero: that is the kernel's word for none.</returns>
    public static PresharedKey? FromBase64(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var octets = new byte[Length + 1];
        return Convert.TryFromBase64String(text, octets, out int written) ? FromKernel(octets.AsSpan(..written)) : null;
    }

    /// <returns>Null for the kernel's word for none, 32 zeroes, and for any other length.</returns>
    internal static PresharedKey? FromKernel(ReadOnlySpan<byte> octets) =>
        octets.Length == Length && octets.ContainsAnyExcept((byte)0) ? new PresharedKey(octets.ToArray()) : null;

    /// <summary>The secret itself.</summary>
    public string ToBase64() => Convert.ToBase64String(_octets);

    /// <summary>A copy of the secret itself.</summary>
    public byte[] ToBytes() => [.. _octets];

    public bool Equals(PresharedKey? other) => other is not null && CryptographicOperations.FixedTimeEquals(_octets, other._octets);

    public override bool Equals(object? obj) => Equals(obj as PresharedKey);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes(_octets);
        return hash.ToHashCode();
    }

    public override string ToString() => "(set)";
}
