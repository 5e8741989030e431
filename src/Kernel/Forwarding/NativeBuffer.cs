using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Memory that the collector neither moves nor looks at, zeroed, aligned to a cache line.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int CacheLine = 64;

    public NativeBuffer(int length)
    {
        Start = (byte*)NativeMemory.AlignedAlloc((nuint)length, CacheLine);
        Length = length;
        NativeMemory.Clear(Start, (nuint)length);
    }

    ~NativeBuffer() => Free();

    public byte* Start { get; private set; }

    public int Length { get; }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(Start);
        Start = null;
    }
}
