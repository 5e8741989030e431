using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>Says of a device that the kernel cannot make what is missing: its own "Unknown device type" helps nobody.</summary>
internal static class MissingKind
{
    public static NetlinkError Explain(RtnetlinkChange change, NetlinkError error)
    {
        (string Kind, string Option)? device = change switch
        {
            RtnetlinkChange.CreateIpip => ("ipip", "CONFIG_NET_IPIP"),
            RtnetlinkChange.CreateWireGuard => ("wireguard", "CONFIG_WIREGUARD"),
            _ => null,
        };
        return device is { } missing && error.Errno == Errno.EOPNOTSUPP
            ? Errno.Error(error.Errno, ChangeMessages.Describe(change), $"this kernel has no {missing.Kind} devices ({missing.Option}; \"modprobe {missing.Kind}\" says why), choose another Backend.Type")
            : error;
    }
}
