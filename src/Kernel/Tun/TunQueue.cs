using System.Text;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static AkkaOverlay.Kernel.Tun.TunConstants;

namespace AkkaOverlay.Kernel.Tun;

/// <summary>
/// One queue of a multi-queue TUN device (Documentation/networking/tuntap.rst): what is read from it left the host by the device, what is written to it came in by
/// the device. Each packet has a <see cref="VirtioNetHeader"/> in front. In the network namespace of the thread that opens it.
/// </summary>
public sealed unsafe class TunQueue : IDisposable
{
    private const short Flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR | IFF_MULTI_QUEUE;

    private readonly SafeFileHandle handle;

    private TunQueue(SafeFileHandle handle, string device, TunOffloads granted)
    {
        this.handle = handle;
        Device = device;
        Granted = granted;
        Descriptor = (int)handle.DangerousGetHandle();
    }

    public string Device { get; }

    /// <summary>Of what was asked for, the part that this kernel knows.</summary>
    public TunOffloads Granted { get; }

    /// <summary>The kernel takes UDP packets that were joined to one, since it knows how to cut them.</summary>
    internal bool TakesJoinedUdp { get; private init; }

    internal int Descriptor { get; }

    /// <summary>Opens another queue of a device that is there.</summary>
    /// <param name="wanted">Asked for in steps: what an older kernel does not know is left out.</param>
    /// <exception cref="NetlinkException">ENODEV where there is no such device; the device is not made.</exception>
    public static TunQueue Open(string device, TunOffloads wanted)
    {
        // Attaching makes a device where there is none, and tells everybody of it. One that is being made (NewTun) is not there yet.
        using (var kernel = RtnetlinkSocket.Open())
        {
            if (kernel.FindLink(device) is not { } link || link.Tun is { Persistent: false })
                throw new NetlinkException(Errno.Error(Errno.ENODEV, $"{device}: open a queue"));
        }
        var handle = Attach(device);
        try
        {
            int descriptor = (int)handle.DangerousGetHandle();
            var request = default(InterfaceRequest);
            if (LibC.ioctl(descriptor, unchecked((int)TUNGETIFF), &request) < 0)
                throw Errno.LastError($"{device}: look at it");
            // It went between the look and the attaching; the one that was made goes when it is closed.
            if ((request.ifr_flags & IFF_PERSIST) == 0)
                throw new NetlinkException(Errno.Error(Errno.ENODEV, $"{device}: open a queue"));
            bool takesJoinedUdp = LibC.ioctl(descriptor, (int)TUNSETOFFLOAD, (void*)(nint)(TunOffloads.Checksum | TunOffloads.Uso4 | TunOffloads.Uso6)) == 0;
            var granted = Negotiate(descriptor, wanted);
            int flags = LibC.fcntl(descriptor, LibC.F_GETFL);
            if (flags < 0 || LibC.fcntl(descriptor, LibC.F_SETFL, flags | LibC.O_NONBLOCK) < 0)
                throw Errno.LastError($"{device}: make a queue non-blocking");
            return new TunQueue(handle, device, granted) { TakesJoinedUdp = takesJoinedUdp };
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    public void Dispose() => handle.Dispose();

    private static TunOffloads Negotiate(int descriptor, TunOffloads wanted)
    {
        TunOffloads[] steps = [wanted, wanted & ~(TunOffloads.Uso4 | TunOffloads.Uso6), wanted & (TunOffloads.Checksum | TunOffloads.Tso4 | TunOffloads.Tso6), wanted & TunOffloads.Checksum];
        foreach (var step in steps)
        {
            if (LibC.ioctl(descriptor, (int)TUNSETOFFLOAD, (void*)(nint)step) == 0)
                return step;
        }
        return TunOffloads.None;
    }

    /// <summary>A new queue of the device, which is made where there is none.</summary>
    internal static SafeFileHandle Attach(string device)
    {
        if (device.Length is 0 or > 15)
            throw new ArgumentException($"'{device}' cannot be a device's name.", nameof(device));
        fixed (byte* path = "/dev/net/tun\0"u8)
        {
            int descriptor = LibC.open(path, LibC.O_RDWR | LibC.O_CLOEXEC, 0);
            if (descriptor < 0)
                throw Errno.LastError("open /dev/net/tun");
            var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            var request = new InterfaceRequest { ifr_flags = Flags };
            Encoding.ASCII.GetBytes(device, new Span<byte>(request.ifr_name, 15));
            if (LibC.ioctl(descriptor, (int)TUNSETIFF, &request) < 0)
            {
                var error = Errno.LastError($"{device}: attach to the TUN device");
                handle.Dispose();
                throw error;
            }
            return handle;
        }
    }

    /// <summary>struct ifreq of linux/if.h.</summary>
    private struct InterfaceRequest
    {
        public fixed byte ifr_name[16];
        public short ifr_flags;
        private fixed byte rest[22];
    }
}
