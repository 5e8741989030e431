using AkkaOverlay.Kernel.Netlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Wakes one thread out of poll(2): an eventfd(2). Of one thread alone, for whoever lowers it takes it from all others.</summary>
internal sealed unsafe class ThreadSignal : IDisposable
{
    private readonly SafeFileHandle handle;

    private ThreadSignal(int descriptor)
    {
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Descriptor = descriptor;
    }

    public int Descriptor { get; }

    /// <exception cref="NetlinkException">No descriptor is left.</exception>
    public static ThreadSignal Open()
    {
        int descriptor = LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK);
        return descriptor < 0 ? throw Errno.LastError("make an eventfd") : new ThreadSignal(descriptor);
    }

    /// <summary>By anybody, until it is disposed.</summary>
    public void Raise()
    {
        ulong one = 1;
        _ = SystemCalls.write(Descriptor, &one, sizeof(ulong));
    }

    /// <summary>By its thread.</summary>
    public void Lower()
    {
        ulong count;
        _ = SystemCalls.read(Descriptor, &count, sizeof(ulong));
    }

    public void Dispose() => handle.Dispose();
}
