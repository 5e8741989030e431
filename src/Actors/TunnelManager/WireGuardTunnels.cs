using System.Net;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.TunnelManager;

/// <summary>
/// Makes keys, ports and peers of our wireguard devices equal to the goal. What is right is not touched, and what differs is changed in place: sessions of working
/// peers go on.
/// </summary>
/// <param name="open">Called anew after a failure to read, whose reason the socket may be.</param>
/// <param name="key">This host's own.</param>
public sealed class WireGuardTunnels(Func<IWireGuard> open, StaticKey key) : IDisposable
{
    private const string Kind = "wireguard";

    private IWireGuard? kernel;

    /// <summary>
    /// The leases' end points that the kernel has heard of: a peer that is elsewhere afterwards was heard there, and the kernel knows better. Those of an earlier run
    /// are told, wherever they are.
    /// </summary>
    private readonly Dictionary<(string Device, PublicKey Peer), IPEndPoint> told = [];

    /// <summary>The devices that are usable, as they are; after <see cref="Reconcile"/> as they are then.</summary>
    /// <param name="failed">Told of those that cannot be read.</param>
    internal IReadOnlyDictionary<string, WireGuardDevice> Read(TunnelGoal goal, Devices devices, Action<WantedWireGuard, NetlinkError> failed)
    {
        var read = new Dictionary<string, WireGuardDevice>();
        foreach (var link in Ours(goal, devices))
        {
            try
            {
                if (Kernel.Find(link.Name) is { } device)
                    read.Add(link.Name, device);
            }
            catch (NetlinkException e)
            {
                Close();
                failed(link, e.Error);
            }
        }
        return read;
    }

    internal void Reconcile(TunnelGoal goal, Devices devices, ObjectHistory history, Pass pass)
    {
        foreach (var link in Ours(goal, devices))
        {
            try
            {
                Reconcile(link, goal, history, pass);
            }
            catch (NetlinkException e)
            {
                Close();
                pass.Fail(link.Interface, e.Error);
            }
        }
    }

    public void Dispose() => Close();

    /// <summary>The device has its key and port: packets come and go by it.</summary>
    internal static bool Leads(WantedWireGuard link, WireGuardDevice? device) => device?.Key == link.Key && device.Port == link.Port;

    /// <summary>The peer has the key, the subnets and the secret that it shall have.</summary>
    internal static bool IsAsWanted(WireGuardDevice device, WireGuardTunnelPeer wanted) =>
        device.Peers.FirstOrDefault(peer => peer.Key == wanted.Key) is { EndPoint: not null } actual
        && actual.AllowedIps.ToHashSet().SetEquals(wanted.Subnets) && Equals(actual.Psk, wanted.Psk) && actual.Keepalive == wanted.Keepalive;

    private IWireGuard Kernel => kernel ??= open();

    private void Close()
    {
        kernel?.Dispose();
        kernel = null;
    }

    private static IEnumerable<WantedWireGuard> Ours(TunnelGoal goal, Devices devices) =>
        goal.Links.OfType<WantedWireGuard>().Where(link => devices.Find(link.Name) is { Kind: "wireguard" } actual && goal.IsOurs(actual));

    private void Reconcile(WantedWireGuard link, TunnelGoal goal, ObjectHistory history, Pass pass)
    {
        if (Kernel.Find(link.Name) is not { } actual)
            return;
        var changes = new List<(object Key, WireGuardChange Change)>();
        if (!Leads(link, actual))
            Add(link.Interface, new WireGuardChange.SetDevice(key, link.Port) { Device = link.Name });
        var wanted = new WireGuardPeers(link, goal.Peers.OfType<WireGuardTunnelPeer>().Where(peer => peer.Hop.Device == link.Name), goal.Networks);
        foreach (var (peer, why) in wanted.Impossible)
        {
            if (!history.Retries.MustWait(peer))
                pass.Fail(peer, why);
        }
        foreach (var gone in actual.Peers.Where(peer => !wanted.Has(peer.Key)))
        {
            if (goal.MayRemove)
                Add((link.Name, gone.Key), new WireGuardChange.RemovePeer(gone.Key) { Device = link.Name });
        }
        foreach (var peer in wanted.Possible)
        {
            if (Put(actual, peer) is { } put)
                Add(peer, put);
            else
                pass.InPlace(peer);
        }
        Send(link.Name, changes, pass);

        void Add(object subject, WireGuardChange change)
        {
            if (!history.Retries.MustWait(subject))
                changes.Add((subject, change));
        }
    }

    private void Send(string device, List<(object Key, WireGuardChange Change)> changes, Pass pass)
    {
        var results = Kernel.Apply(changes.ConvertAll(item => item.Change));
        for (int i = 0; i < changes.Count; i++)
        {
            var (subject, change) = changes[i];
            if (results[i] is { } error)
            {
                pass.Refused(subject, Kind, error);
                continue;
            }
            pass.Made(subject, Kind, isPut: change is not WireGuardChange.RemovePeer);
            if (change is WireGuardChange.PutPeer { Peer: { EndPoint: { } endPoint } peer })
                told[(device, peer.Key)] = endPoint;
            else if (change is WireGuardChange.RemovePeer remove)
                told.Remove((device, remove.Key));
        }
    }

    /// <returns>Null where the peer is as wanted.</returns>
    private WireGuardChange.PutPeer? Put(WireGuardDevice device, WireGuardTunnelPeer wanted)
    {
        var actual = device.Peers.FirstOrDefault(peer => peer.Key == wanted.Key);
        var place = (wanted.Hop.Device, wanted.Key);
        bool moved = actual?.EndPoint is not { } present
            || (!wanted.EndPoint.Equals(present) && told.TryGetValue(place, out var before) && !wanted.EndPoint.Equals(before));
        if (!moved)
            told[place] = wanted.EndPoint;
        if (!moved && IsAsWanted(device, wanted))
            return null;
        // Named anew, even the same subnets would be gone for a moment.
        var there = actual?.AllowedIps.ToHashSet() ?? [];
        bool surplus = !there.IsSubsetOf(wanted.Subnets);
        var peer = new WireGuardPeer(wanted.Key)
        {
            EndPoint = moved ? wanted.EndPoint : null,
            Psk = wanted.Psk,
            Keepalive = wanted.Keepalive,
            AllowedIps = [.. wanted.Subnets.Where(subnet => surplus || !there.Contains(subnet))],
        };
        return new WireGuardChange.PutPeer(peer, ReplaceAllowedIps: surplus) { Device = wanted.Hop.Device };
    }
}
