using System.Security.Cryptography;

namespace AkkaOverlay.Kernel.Noise;

/// <summary>Memory for keys: pinned, so that the garbage collector leaves no copy behind when it moves objects, and zeroed by whoever asked for it.</summary>
internal static class Secrets
{
    public static byte[] Allocate(int length) => GC.AllocateArray<byte>(length, pinned: true);

    public static byte[] Copy(ReadOnlySpan<byte> source)
    {
        byte[] copy = Allocate(source.Length);
        source.CopyTo(copy);
        return copy;
    }

    /// <summary>Overwrites in a way that the compiler does not leave out.</summary>
    public static void Zero(Span<byte> secret) => CryptographicOperations.ZeroMemory(secret);
}
