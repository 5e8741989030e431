namespace AkkaOverlay.Kernel.Noise;

/// <summary>A host's own X25519 key, which lives as long as the host does. Whoever has it can be the host: keep it in a file of mode 0600.</summary>
public sealed class StaticKey : IDisposable
{
    /// <summary>Octets of the private key.</summary>
    public const int Length = Noise.PrivateKey.Length;

    private StaticKey(PrivateKey key) => PrivateKey = key;

    public PublicKey PublicKey => PrivateKey.PublicKey;

    internal PrivateKey PrivateKey { get; }

    /// <summary>Draws one from the system's source of randomness.</summary>
    public static StaticKey Generate() => new(Noise.PrivateKey.Generate());

    /// <exception cref="ArgumentException">Not 32 octets.</exception>
    public static StaticKey FromBytes(ReadOnlySpan<byte> privateKey) => new(Noise.PrivateKey.FromBytes(privateKey));

    /// <summary>The private key, for the file; the caller zeroes the array when it is written.</summary>
    /// <exception cref="ObjectDisposedException"/>
    public byte[] Export() => PrivateKey.Export();

    /// <summary>Names the key by its public half: what lands in a log must not be the secret.</summary>
    public override string ToString() => $"static key of {PublicKey}";

    /// <summary>Zeroes the key here; pages that were swapped out and copies that the caller made are beyond its reach.</summary>
    public void Dispose() => PrivateKey.Dispose();
}
