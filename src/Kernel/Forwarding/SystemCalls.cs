using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>The system calls of the packet path: those that Tmds.LibC has not, and the others with arguments that need no conversion.</summary>
internal static unsafe partial class SystemCalls
{
    public const short POLLIN = 1;

    /// <summary>sys/socket.h.</summary>
    public const int MSG_DONTWAIT = 0x40;

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint read(int fd, void* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(int fd, void* buffer, nint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint writev(int fd, IoVector* vectors, int count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int sendmmsg(int socket, ManyMessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollDescriptor* descriptors, nuint count, int timeout);

    [LibraryImport("libc")]
    public static partial int sched_yield();

    /// <summary>errno of this thread's last call.</summary>
    public static int Errno => Marshal.GetLastPInvokeError();

    /// <summary>struct pollfd of poll(2).</summary>
    public struct PollDescriptor
    {
        public int fd;
        public short events;
        public short revents;
    }
}
