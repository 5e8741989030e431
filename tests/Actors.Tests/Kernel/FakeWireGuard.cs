using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.Tests.Kernel;

/// <summary>Keys and peers of wireguard devices in memory: one subnet has one peer, and what a change does not name stays.</summary>
internal sealed class FakeWireGuard(FakeRtnetlink links) : IWireGuard
{
    public Dictionary<string, WireGuardDevice> Devices { get; } = [];

    public List<WireGuardChange> Writes { get; } = [];

    /// <summary>An errno for changes that shall fail; null lets them through.</summary>
    public Func<WireGuardChange, int?> Refuse { get; set; } = _ => null;

    /// <summary>An errno for reading that shall fail, by the count of reads so far; null lets it through.</summary>
    public Func<int, int?> RefuseRead { get; set; } = _ => null;

    public int Reads { get; private set; }

    public WireGuardDevice? Find(string device) =>
        RefuseRead(++Reads) is { } errno ? throw new NetlinkException(new NetlinkError(errno, $"read {device}: errno {errno}"))
        : links.FindLink(device)?.Kind == "wireguard" ? Devices.GetValueOrDefault(device) ?? new WireGuardDevice(null, 0, []) : null;

    public WireGuardPeer Peer(string device, PublicKey key) => Find(device)!.Peers.Single(peer => peer.Key == key);

    public IReadOnlyList<NetlinkError?> Apply(IReadOnlyList<WireGuardChange> changes) => [.. changes.Select(Apply)];

    /// <summary>How often somebody was done with it.</summary>
    public int Closed { get; private set; }

    public void Dispose() => Closed++;

    private NetlinkError? Apply(WireGuardChange change)
    {
        if (Refuse(change) is { } errno)
            return new NetlinkError(errno, $"{change.GetType().Name}: errno {errno}");
        if (Find(change.Device) is not { } device)
            return new NetlinkError(FakeRtnetlink.ENODEV, $"{change.Device}: no such device");
        Writes.Add(change);
        Devices[change.Device] = change switch
        {
            WireGuardChange.SetDevice set => device with { Key = set.Key.PublicKey, Port = set.Port },
            WireGuardChange.RemovePeer remove => device with { Peers = [.. device.Peers.Where(peer => peer.Key != remove.Key)] },
            WireGuardChange.PutPeer put => Put(device, put),
            _ => throw new NotSupportedException(change.GetType().Name),
        };
        return null;
    }

    private static WireGuardDevice Put(WireGuardDevice device, WireGuardChange.PutPeer put)
    {
        var before = device.Peers.FirstOrDefault(peer => peer.Key == put.Peer.Key) ?? new WireGuardPeer(put.Peer.Key);
        var kept = put.ReplaceAllowedIps ? [] : before.AllowedIps;
        var after = put.Peer with { EndPoint = put.Peer.EndPoint ?? before.EndPoint, AllowedIps = [.. kept.Union(put.Peer.AllowedIps)] };
        var others = device.Peers.Where(peer => peer.Key != put.Peer.Key).Select(peer => peer with { AllowedIps = [.. peer.AllowedIps.Except(put.Peer.AllowedIps)] });
        return device with { Peers = [.. others, after] };
    }
}
