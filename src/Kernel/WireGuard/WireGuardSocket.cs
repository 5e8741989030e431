using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.WireGuard.WireGuardConstants;

namespace AkkaOverlay.Kernel.WireGuard;

/// <summary>
/// <see cref="IWireGuard"/> over one generic netlink socket, which stays in the network namespace of the thread that opened it. Needs CAP_NET_ADMIN. The kernel
/// knows the family from its first wireguard device on.
/// </summary>
public sealed class WireGuardSocket : IWireGuard
{
    /// <summary>Requests in one sendmsg(2): the acknowledgements of some thousands would not fit into the receive buffer.</summary>
    internal const int BatchSize = 128;

    private const int ReceiveBuffer = 1024 * 1024;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private readonly NetlinkConversation conversation;
    private FamilyId? family;

    internal WireGuardSocket(INetlinkChannel channel) => conversation = new NetlinkConversation(channel);

    /// <exception cref="NetlinkException">The system refused.</exception>
    public static WireGuardSocket Open() => new(NetlinkSocket.Open(NETLINK_GENERIC, ReceiveBuffer, Timeout));

    public WireGuardDevice? Find(string device)
    {
        ArgumentNullException.ThrowIfNull(device);
        try
        {
            var pieces = Read(device);
            return pieces.Count == 0 ? null : WireGuardMessages.Join(pieces);
        }
        catch (NetlinkException absent) when (absent.Errno == Errno.ENODEV)
        {
            return null;
        }
    }

    public IReadOnlyList<NetlinkError?> Apply(IReadOnlyList<WireGuardChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var results = new NetlinkError?[changes.Count];
        if (changes.Count == 0)
            return results;
        ushort number = Family();
        for (int start = 0; start < changes.Count; start += BatchSize)
        {
            int first = start, count = Math.Min(BatchSize, changes.Count - start);
            conversation.Apply(
                count,
                (writer, i, sequence) => WireGuardMessages.Encode(writer, number, changes[first + i], sequence),
                i => WireGuardMessages.Describe(changes[first + i]),
                results.AsSpan(first, count));
        }
        return results;
    }

    public void Dispose() => conversation.Dispose();

    private List<WireGuardDevice> Read(string device)
    {
        List<WireGuardDevice> Ask() => conversation.Dump($"read {device}", Family(), writer => WireGuardMessages.GetDevice(writer, device), WireGuardMessages.Decode);
        try
        {
            return Ask();
        }
        // The number that was known is none any more: the kernel's module has another since it was loaded anew.
        catch (NetlinkException absent) when (absent.Errno == Errno.ENOENT && family is not null)
        {
            family = null;
            return Ask();
        }
    }

    private ushort Family()
    {
        family ??= conversation.Get("find the kernel's wireguard", GENL_ID_CTRL, WireGuardMessages.GetFamily, WireGuardMessages.DecodeFamily);
        return family?.Value ?? throw new NetlinkException(Errno.Error(Errno.ENOENT, "find the kernel's wireguard"));
    }
}
