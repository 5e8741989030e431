using System.Security.Cryptography;
using NSec.Cryptography;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// A private X25519 key, a host's own or an ephemeral one. libsodium guards each key that it holds with pages of its own, four mappings of the 65,530
/// that a process may have (sysctl vm.max_map_count), so a key that waits for an answer lies here in 32 octets: see <see cref="Rest"/>.
/// </summary>
internal sealed class PrivateKey : IDisposable
{
    public const int Length = 32;

    private static readonly X25519 s_x25519 = KeyAgreementAlgorithm.X25519;

    private readonly byte[] _octets;
    private Key? _key;
    private bool _disposed;

    private PrivateKey(byte[] octets)
    {
        _octets = octets;
        _key = Import();
        PublicKey = PublicKey.FromBytes(_key.PublicKey.Export(KeyBlobFormat.RawPublicKey));
    }

    public PublicKey PublicKey { get; }

    public static PrivateKey Generate()
    {
        byte[] octets = Secrets.Allocate(Length);
        RandomNumberGenerator.Fill(octets);
        return new PrivateKey(octets);
    }

    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public static PrivateKey FromBytes(ReadOnlySpan<byte> octets) => octets.Length == Length
        ? new PrivateKey(Secrets.Copy(octets))
        : throw new ArgumentException($"A private key has {Length} octets, not {octets.Length}.", nameof(octets));

    /// <summary>X25519 (RFC 7748, section 6.1).</summary>
    /// <param name="secret">32 octets.</param>
    /// <returns>False where the secret is all zero, because the remote key is a point of small order: then anybody knows it.</returns>
    public bool TryAgree(PublicKey remote, Span<byte> secret)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _key ??= Import();
        Span<byte> octets = stackalloc byte[PublicKey.Length];
        remote.CopyTo(octets);
        var theirs = NSec.Cryptography.PublicKey.Import(s_x25519, octets, KeyBlobFormat.RawPublicKey);
        // Null is NSec's word for the all-zero secret, as an error is libsodium's.
        using var shared = s_x25519.Agree(_key, theirs, new SharedSecretCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        return shared is not null && shared.TryExport(SharedSecretBlobFormat.RawSharedSecret, secret, out _);
    }

    public byte[] Export()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _octets.ToArray();
    }

    /// <summary>Gives libsodium's memory back until the next agreement. Not while another thread agrees.</summary>
    public void Rest()
    {
        _key?.Dispose();
        _key = null;
    }

    public void Dispose()
    {
        _disposed = true;
        Rest();
        Secrets.Zero(_octets);
    }

    private Key Import() => Key.Import(s_x25519, _octets, KeyBlobFormat.RawPrivateKey);
}
