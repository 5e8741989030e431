namespace AkkaOverlay.Kernel.Forwarding;

// Laid out as glibc and the kernel have them on 64-bit machines. Those of Tmds.LibC cannot be written in place.

/// <summary>struct iovec of sys/uio.h.</summary>
internal unsafe struct IoVector
{
    public void* iov_base;
    public nint iov_len;
}

/// <summary>struct msghdr of sys/socket.h.</summary>
internal unsafe struct MessageHeader
{
    public void* msg_name;
    public int msg_namelen;
    public IoVector* msg_iov;
    public nint msg_iovlen;
    public void* msg_control;
    public nint msg_controllen;
    public int msg_flags;
}

/// <summary>struct mmsghdr of sys/socket.h.</summary>
internal struct ManyMessageHeader
{
    public MessageHeader msg_hdr;

    /// <summary>Octets sent.</summary>
    public uint msg_len;
}
