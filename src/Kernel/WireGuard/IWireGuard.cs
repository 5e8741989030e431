using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Kernel.WireGuard;

/// <summary>Keys and peers of the wireguard devices of one network namespace. Not thread-safe: one owner.</summary>
public interface IWireGuard : IDisposable
{
    /// <returns>Null where there is no such device.</returns>
    /// <exception cref="NetlinkException">The kernel refused, for example because the device is of another kind (EOPNOTSUPP).</exception>
    WireGuardDevice? Find(string device);

    /// <summary>Sends the changes in order and waits for each one's acknowledgement. A change that fails does not stop those behind it.</summary>
    /// <returns>One element per change, in order: null where it was done, else why not.</returns>
    IReadOnlyList<NetlinkError?> Apply(IReadOnlyList<WireGuardChange> changes);
}
