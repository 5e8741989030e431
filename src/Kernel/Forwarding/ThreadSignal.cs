using AkkaOverlay.Kernel.Netlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Wakes one thread out of poll(2): an eventfd(2). Of one thread alone, for whoever lowers it takes it from all others.</summary>
internal sealed unsafe class ThreadSignal : IDisposable
{
    private readonly SafeFileHandle handle;
    private volatile bool isRaised;

    private ThreadSignal(int descriptor)
    {
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        Descriptor = descriptor;
    }

    public int Descriptor { get; }

    /// <summary>The same without a system call, for a thread that does not sleep.</summary>
    public bool IsRaised => isRaised;

    /// <exception cref="NetlinkException">No descriptor is left.</exception>
    public static ThreadSignal Open()
    {
        int descriptor = LibC.eventfd(0, LibC.EFD_CLOEXEC | LibC.EFD_NONBLOCK);
        return descriptor < 0 ? throw Errno.LastError("make an eventfd") : new ThreadSignal(descriptor);
    }

    /// <summary>By anybody, until it is disposed.</summary>
    public void Raise()
    {
        isRaised = true;
        ulong one = 1;
        _ = SystemCalls.write(Descriptor, &one, sizeof(ulong));
    }

    /// <summary>By its thread, before it looks for what there is to do.</summary>
    public void Lower()
    {
        isRaised = false;
        ulong count;
        _ = SystemCalls.read(Descriptor, &count, sizeof(ulong));
    }

    public void Dispose() => handle.Dispose();
}
