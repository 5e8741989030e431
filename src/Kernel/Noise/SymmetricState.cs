using System.Security.Cryptography;
using System.Text;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>
/// Noise revision 34, section 5.2: the hash of everything said so far, the chaining key, and the cipher of the handshake, with AESGCM and SHA256
/// (section 12). IK encrypts nothing before its first MixKey, so there is no case for an empty key.
/// </summary>
internal sealed class SymmetricState : IDisposable
{
    /// <summary>HASHLEN of SHA-256, which is also the length of the keys, in octets.</summary>
    public const int HashLength = SHA256.HashSizeInBytes;

    private readonly byte[] _hash = new byte[HashLength];
    private readonly byte[] _chainingKey = Secrets.Allocate(HashLength);
    private readonly byte[] _key = Secrets.Allocate(HashLength);
    private ulong _nonce;
    private bool _hasKey;

    /// <exception cref="ArgumentException">A name of more than 32 octets would have to be hashed; ours is shorter.</exception>
    public SymmetricState(string protocolName)
    {
        if (Encoding.ASCII.GetByteCount(protocolName) > HashLength)
            throw new ArgumentException($"'{protocolName}' has more than {HashLength} octets.", nameof(protocolName));
        Encoding.ASCII.GetBytes(protocolName, _hash);
        _hash.CopyTo(_chainingKey, 0);
    }

    private SymmetricState(SymmetricState other)
    {
        other._hash.CopyTo(_hash, 0);
        other._chainingKey.CopyTo(_chainingKey, 0);
        other._key.CopyTo(_key, 0);
        (_nonce, _hasKey) = (other._nonce, other._hasKey);
    }

    public ReadOnlySpan<byte> Hash => _hash;

    public SymmetricState Clone() => new(this);

    public void MixHash(ReadOnlySpan<byte> data)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(_hash);
        sha.AppendData(data);
        sha.GetHashAndReset(_hash);
    }

    public void MixKey(ReadOnlySpan<byte> input)
    {
        Hkdf(input, _chainingKey, _key);
        (_nonce, _hasKey) = (0, true);
    }

    /// <param name="ciphertext">16 octets longer than the plaintext: the tag comes last.</param>
    public void EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        RequireKey();
        Span<byte> nonce = stackalloc byte[GcmNonce.Length];
        GcmNonce.Write(nonce, _nonce++);
        using var cipher = new AesGcm(_key, WireFormat.TagLength);
        cipher.Encrypt(nonce, plaintext, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], _hash);
        MixHash(ciphertext);
    }

    /// <returns>False where the ciphertext is not authentic: then this state is of no more use.</returns>
    public bool TryDecryptAndHash(ReadOnlySpan<byte> ciphertext, Span<byte> plaintext)
    {
        RequireKey();
        Span<byte> nonce = stackalloc byte[GcmNonce.Length];
        GcmNonce.Write(nonce, _nonce++);
        using var cipher = new AesGcm(_key, WireFormat.TagLength);
        try
        {
            cipher.Decrypt(nonce, ciphertext[..plaintext.Length], ciphertext[plaintext.Length..], plaintext, _hash);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        MixHash(ciphertext);
        return true;
    }

    /// <param name="first">Becomes the key from the initiator to the responder.</param>
    /// <param name="second">Becomes the key from the responder to the initiator.</param>
    public void Split(Span<byte> first, Span<byte> second)
    {
        RequireKey();
        Hkdf([], first, second);
    }

    public void Dispose()
    {
        Secrets.Zero(_chainingKey);
        Secrets.Zero(_key);
        _hasKey = false;
    }

    /// <summary>
    /// Section 4.3, with two outputs. It is the HKDF of RFC 5869 with the chaining key as salt and no info, but OpenSSL's refuses the empty input of Split.
    /// </summary>
    private void Hkdf(ReadOnlySpan<byte> input, Span<byte> first, Span<byte> second)
    {
        Span<byte> secrets = stackalloc byte[(3 * HashLength) + 1];
        var temporaryKey = secrets[..HashLength];
        var block = secrets[HashLength..];
        HMACSHA256.HashData(_chainingKey, input, temporaryKey);
        block[0] = 1;
        HMACSHA256.HashData(temporaryKey, block[..1], first);
        first.CopyTo(block);
        block[HashLength] = 2;
        HMACSHA256.HashData(temporaryKey, block[..(HashLength + 1)], second);
        Secrets.Zero(secrets);
    }

    private void RequireKey()
    {
        if (!_hasKey)
            throw new InvalidOperationException("No key was mixed in yet, or the state was zeroed.");
    }
}
