using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;

namespace AkkaOverlay.Kernel.Netlink;

/// <summary>Names and meanings of errno values (asm-generic/errno-base.h, asm-generic/errno.h).</summary>
internal static class Errno
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int EBADF = 9;
    public const int EAGAIN = 11;
    public const int EACCES = 13;
    public const int EEXIST = 17;
    public const int EXDEV = 18;
    public const int ENODEV = 19;
    public const int EINVAL = 22;
    public const int EBADMSG = 74;
    public const int EBADFD = 77;
    public const int EMSGSIZE = 90;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int ENETUNREACH = 101;
    public const int ENOBUFS = 105;
    public const int ETIMEDOUT = 110;
    public const int EHOSTUNREACH = 113;

    /// <summary>The symbol, for example EEXIST; "errno 133" for one that rtnetlink is not known to give.</summary>
    public static string Name(int errno) => errno switch
    {
        EPERM => nameof(EPERM),
        ENOENT => nameof(ENOENT),
        3 => "ESRCH",
        EINTR => nameof(EINTR),
        5 => "EIO",
        6 => "ENXIO",
        7 => "E2BIG",
        EBADF => nameof(EBADF),
        EAGAIN => nameof(EAGAIN),
        12 => "ENOMEM",
        EACCES => nameof(EACCES),
        14 => "EFAULT",
        16 => "EBUSY",
        EEXIST => nameof(EEXIST),
        EXDEV => nameof(EXDEV),
        ENODEV => nameof(ENODEV),
        EINVAL => nameof(EINVAL),
        23 => "ENFILE",
        24 => "EMFILE",
        28 => "ENOSPC",
        33 => "EDOM",
        34 => "ERANGE",
        40 => "ELOOP",
        71 => "EPROTO",
        EBADMSG => nameof(EBADMSG),
        75 => "EOVERFLOW",
        76 => "ENOTUNIQ",
        EBADFD => nameof(EBADFD),
        EMSGSIZE => nameof(EMSGSIZE),
        92 => "ENOPROTOOPT",
        93 => "EPROTONOSUPPORT",
        EOPNOTSUPP => nameof(EOPNOTSUPP),
        96 => "EPFNOSUPPORT",
        EAFNOSUPPORT => nameof(EAFNOSUPPORT),
        98 => "EADDRINUSE",
        99 => "EADDRNOTAVAIL",
        100 => "ENETDOWN",
        ENETUNREACH => nameof(ENETUNREACH),
        ENOBUFS => nameof(ENOBUFS),
        107 => "ENOTCONN",
        ETIMEDOUT => nameof(ETIMEDOUT),
        EHOSTUNREACH => nameof(EHOSTUNREACH),
        _ => string.Create(CultureInfo.InvariantCulture, $"errno {errno}"),
    };

    /// <summary>strerror(3), for example "File exists".</summary>
    public static string Meaning(int errno) => Marshal.GetPInvokeErrorMessage(errno);

    /// <summary>"what: reason (ERRNO)"; the reason is the meaning of the errno unless the kernel gave a better one.</summary>
    public static NetlinkError Error(int errno, string what, string? reason = null) =>
        new(errno, $"{what}: {reason ?? Meaning(errno)} ({Name(errno)})");

    /// <summary>An exception for the system call that just failed in this thread.</summary>
    public static NetlinkException LastError([ConstantExpected] string what) => new(Error(Marshal.GetLastPInvokeError(), what));

    /// <inheritdoc cref="LastError(string)"/>
    public static NetlinkException LastError(LastErrorText what) => new(Error(what.Errno, what.Text));
}
