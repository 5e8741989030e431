using System.Security.Cryptography;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// The last field of a handshake datagram, HMAC-SHA-256 (RFC 2104) cut to 16 octets over all that stands before it. Its key comes from the receiver's
/// public key, so whoever does not even know that key costs the receiver no X25519. It is no proof of who sent the datagram: WireGuard paper, section 5.4.4.
/// </summary>
internal sealed class Mac1
{
    /// <summary>Octets.</summary>
    public const int Length = 16;

    private readonly byte[] _key = new byte[SHA256.HashSizeInBytes];

    public Mac1(PublicKey receiver)
    {
        var label = "akka-overlay udp 1 mac1"u8;
        Span<byte> input = stackalloc byte[label.Length + PublicKey.Length];
        label.CopyTo(input);
        receiver.CopyTo(input[label.Length..]);
        SHA256.HashData(input, _key);
    }

    /// <summary>Fills the last 16 octets of a datagram.</summary>
    public void Write(Span<byte> datagram)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, datagram[..^Length], full);
        full[..Length].CopyTo(datagram[^Length..]);
    }

    public bool Verify(ReadOnlySpan<byte> datagram)
    {
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, datagram[..^Length], full);
        return CryptographicOperations.FixedTimeEquals(full[..Length], datagram[^Length..]);
    }
}
