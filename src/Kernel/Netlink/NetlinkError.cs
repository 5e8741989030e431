namespace AkkaOverlay.Kernel.Netlink;

/// <summary>The kernel's refusal of one request: NLMSG_ERROR with its extended acknowledgement (linux/netlink.h, NLMSGERR_ATTR_*).</summary>
/// <param name="Errno">Positive errno, for example 17 for EEXIST.</param>
/// <param name="Text">One line for a person: what was asked, the kernel's own text (NLMSGERR_ATTR_MSG) where it gave one, else the errno's name and meaning.</param>
public sealed record NetlinkError(int Errno, string Text)
{
    public override string ToString() => Text;
}

/// <summary>A request that the kernel refused, or an answer that could not be had.</summary>
public sealed class NetlinkException(NetlinkError error) : Exception(error.Text)
{
    public NetlinkError Error { get; } = error;

    public int Errno => Error.Errno;
}
