using AkkaOverlay.Kernel.Netlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace AkkaOverlay.Kernel.Tun;

/// <summary>A TUN device that is being made: until <see cref="Keep"/> it goes with this object, or with the process.</summary>
internal sealed unsafe class NewTun : IDisposable
{
    private readonly SafeFileHandle handle;
    private readonly string device;

    private NewTun(SafeFileHandle handle, string device)
    {
        this.handle = handle;
        this.device = device;
    }

    /// <exception cref="NetlinkException">EPERM without CAP_NET_ADMIN, EBUSY or EINVAL where a device of another kind has the name.</exception>
    public static NewTun Make(string device) => new(TunQueue.Attach(device), device);

    /// <summary>From now on the device outlives the process.</summary>
    public void Keep()
    {
        if (LibC.ioctl((int)handle.DangerousGetHandle(), (int)TunConstants.TUNSETPERSIST, (void*)1) < 0)
            throw Errno.LastError($"{device}: make it persistent");
    }

    public void Dispose() => handle.Dispose();
}
