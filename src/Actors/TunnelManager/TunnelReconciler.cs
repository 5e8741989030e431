using System.Collections.Immutable;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.WireGuard;

namespace AkkaOverlay.Actors.TunnelManager;

/// <summary>The devices and peers that shall be there, and what may be done for it.</summary>
/// <param name="InUse">Next hops that routes lead to: RouteManager's word. They stay, wanted or not.</param>
/// <param name="MayRemove">False on a partial view: then nothing is swept, and no device is made anew.</param>
/// <param name="IsOurs">Tells our devices from others', also those of an earlier run.</param>
public sealed record TunnelGoal(
    ImmutableArray<WantedLink> Links,
    ImmutableArray<WantedAddress> Addresses,
    ImmutableArray<TunnelPeer> Peers,
    ImmutableHashSet<NextHop> InUse,
    bool MayRemove,
    Func<Link, bool> IsOurs)
{
    public static readonly TunnelGoal Nothing = new([], [], [], [], false, _ => false);

    /// <summary>TUN devices at whose other end packets are forwarded: without that they lead nowhere.</summary>
    public ImmutableHashSet<string> Forwarded { get; init; } = [];

    /// <summary>The overlay's whole networks: no tunnel has its other end there.</summary>
    public ImmutableArray<IpPrefix> Networks { get; init; } = [];

    /// <summary>Where ids for new nexthop objects begin.</summary>
    public uint FirstNexthopId { get; init; } = OwnNexthops.FirstId;
}

/// <param name="Ready">Next hops whose device is up and whose entries are in place.</param>
public sealed record TunnelOutcome(int Written, ImmutableHashSet<NextHop> Ready, int MissingLinks, int MissingPeers, ImmutableArray<string> NewErrors);

/// <summary>
/// Makes devices, their addresses, neighbours, forwarding entries and nexthop objects equal to the goal. On a device of ours every permanent forwarding entry
/// with a destination is ours, and every neighbour with our protocol number; so is every nexthop object with it that leads out of such a device. What is on a device of another network is another process's.
/// </summary>
public sealed class TunnelReconciler(IRtnetlink kernel, ObjectHistory history, byte protocol = RouteManager.RouteReconciler.OverlayProtocol, WireGuardTunnels? wireGuard = null)
{
    public TunnelOutcome Reconcile(TunnelGoal goal)
    {
        var pass = new Pass(kernel, history.Retries, history.Contention, _ => "unknown (the kernel names the asker for routes only)");
        var devices = MakeLinks(goal, pass);
        MakeAddresses(goal, devices, pass);
        var tables = DeviceTables.Read(kernel, goal, devices, protocol);
        AddPeers(goal, tables, pass);
        wireGuard?.Reconcile(goal, devices, history, pass);
        var tunnels = ReadAgain(goal, devices, pass);
        if (goal.MayRemove)
        {
            RemoveNexthops(goal, devices, tables, pass);
            RemovePeers(goal, tables, pass);
            RemoveLinks(goal, devices, pass);
        }
        var wanted = Wanted(goal);
        pass.Keep(wanted);
        var ready = goal.Peers.Where(peer => peer is not WireGuardTunnelPeer && IsReady(goal, peer, devices, tables, tunnels)).Select(peer => peer.Hop)
            .Concat(goal.Links.OfType<WantedTun>().Where(tun => Leads(goal, tun.Name, devices)).Select(tun => tun.Hop))
            .Concat(goal.Links.OfType<WantedWireGuard>().Where(link => Leads(link, tunnels)).Select(link => link.Hop)).ToImmutableHashSet();
        int missingLinks = goal.Links.Count(link => !LinkDiff.IsUsable(link, devices.Find(link.Name)) || (link is WantedWireGuard behind && !Leads(behind, tunnels)));
        return new TunnelOutcome(pass.Written, ready, missingLinks, goal.Peers.Count(peer => !ready.Contains(peer.Hop) || (peer is WireGuardTunnelPeer && !IsReady(goal, peer, devices, tables, tunnels))), pass.NewErrors);
    }

    public ImmutableArray<ObjectStatus> Compare(TunnelGoal goal)
    {
        var devices = Devices.Of(kernel.DumpLinks());
        var tables = DeviceTables.Read(kernel, goal, devices, protocol);
        return TunnelStatus.Rows(goal, devices, tables, WireGuardDevices(goal, devices, (_, _) => { }), kernel.DumpAddresses(), history.Retries, protocol);
    }

    private Devices MakeLinks(TunnelGoal goal, Pass pass)
    {
        var devices = Devices.Of(kernel.DumpLinks());
        MakeRoom(goal, devices, pass);
        foreach (var link in goal.Links)
        {
            var diff = LinkDiff.Of(link, devices, goal.MayRemove, goal.IsOurs);
            if (diff.Error is { } error && !history.Retries.MustWait(link))
                pass.Fail(link, error);
            if (diff.Error is null && LinkDiff.IsUsable(link, devices.Find(link.Name)) && diff.Changes.IsEmpty)
                pass.InPlace(link);
            foreach (var change in diff.Changes)
                pass.Add(link, change);
        }
        history.KnownDevices.UnionWith(devices.All.Where(goal.IsOurs).Select(link => link.Index));
        var done = pass.Send();
        if (done.Count == 0)
            return devices;
        // What was created has an index now, and must be put up in a second step.
        devices = Devices.Of(kernel.DumpLinks());
        var created = done.Select(change => LinkDiff.NameOfNew(change)).OfType<string>()
            .Select(name => devices.Find(name)?.Index).OfType<int>();
        history.KnownDevices.UnionWith(created);
        foreach (var link in goal.Links)
        {
            foreach (var change in LinkDiff.Of(link, devices, mayRecreate: false, goal.IsOurs).Changes)
                pass.Add(link, change);
        }
        return pass.Send().Count == 0 ? devices : Devices.Of(kernel.DumpLinks());
    }

    /// <summary>
    /// An external device takes its port in both families, and cannot share it with a device of the classic layout: that one goes at once, not only
    /// when no route leads there any more.
    /// </summary>
    private static void MakeRoom(TunnelGoal goal, Devices devices, Pass pass)
    {
        if (!goal.MayRemove || !goal.Links.OfType<WantedVxlan>().Any(link => link.External && !LinkDiff.IsUsable(link, devices.Find(link.Name))))
            return;
        foreach (var link in devices.All)
        {
            if (goal.IsOurs(link) && goal.Links.All(wanted => wanted.Name != link.Name))
                pass.Add(link, new RtnetlinkChange.DeleteLink(link.Index));
        }
    }

    private void MakeAddresses(TunnelGoal goal, Devices devices, Pass pass)
    {
        foreach (var onDevice in goal.Addresses.GroupBy(address => address.Device))
        {
            if (devices.Find(onDevice.Key) is not { } link || !goal.IsOurs(link))
                continue;
            var actual = kernel.DumpAddresses(link.Index);
            foreach (var wanted in onDevice)
            {
                if (wanted.None)
                    continue;
                if (actual.Any(address => address.Prefix == wanted.Prefix))
                    pass.InPlace(wanted);
                else
                    pass.Add(wanted, new RtnetlinkChange.PutAddress(AddressOn(link, wanted.Prefix)));
            }
            if (!goal.MayRemove)
                continue;
            foreach (var address in actual)
            {
                if (onDevice.Any(wanted => wanted.Within.Contains(address.Address)) && onDevice.All(wanted => wanted.None || wanted.Prefix != address.Prefix))
                    pass.Add(address, new RtnetlinkChange.DeleteAddress(address));
            }
        }
        pass.Send();
    }

    private static InterfaceAddress AddressOn(Link link, IpPrefix prefix) => new(link.Index, prefix)
    {
        Scope = RouteScope.Universe,
        // No duplicate detection: the address is ours by lease, and a device without broadcast could not ask anyone.
        Flags = prefix.IsIPv4 ? AddressFlags.Permanent : AddressFlags.Permanent | AddressFlags.NoDad,
    };

    /// <summary>
    /// Forwarding entry before neighbour: a neighbour that resolves to a MAC nobody forwards would lose packets. A nexthop object needs its neighbour, which
    /// is its inner destination, and comes after it.
    /// </summary>
    private void AddPeers(TunnelGoal goal, DeviceTables tables, Pass pass)
    {
        var peers = goal.Peers.OfType<VxlanPeer>().Select(peer => (Peer: peer, Table: tables.Find(peer.Hop.Device)!)).Where(item => item.Table is not null).ToList();
        foreach (var (peer, table) in peers)
        {
            if (peer.EncapVni is null && !table.HasFdb(peer))
                pass.Add(peer, new RtnetlinkChange.PutFdb(table.FdbOf(peer)));
        }
        tables.Note(pass.Send());
        foreach (var (peer, table) in peers)
        {
            if ((peer.EncapVni is not null || table.HasFdb(peer)) && !table.HasNeighbour(peer, protocol))
                pass.Add(peer, new RtnetlinkChange.PutNeighbour(DeviceTable.NeighbourOf(peer, table.Index, protocol)));
        }
        tables.Note(pass.Send());
        foreach (var (peer, table) in peers)
        {
            if (peer.EncapVni is not null && table.HasNeighbour(peer, protocol) && !tables.HasWay(table, peer, protocol))
                pass.Add(peer, tables.PutNexthop(table, peer, protocol));
        }
        tables.Note(pass.Send());
        foreach (var (peer, table) in peers)
        {
            if (tables.HasWay(table, peer, protocol) && table.HasNeighbour(peer, protocol))
                pass.InPlace(peer);
        }
    }

    /// <summary>A nexthop object takes its routes along: it stays while a route leads to its hop.</summary>
    private static void RemoveNexthops(TunnelGoal goal, Devices devices, DeviceTables tables, Pass pass)
    {
        var wanted = goal.Peers.OfType<VxlanPeer>().Where(peer => peer.EncapVni is not null).Select(peer => peer.Hop).ToHashSet();
        foreach (var nexthop in tables.Nexthops.All)
        {
            if (devices.At(nexthop.Interface) is not { } device || !goal.IsOurs(device))
                continue;
            var hop = new NextHop(device.Name, nexthop.Gateway);
            bool named = tables.Nexthops.Find(nexthop.Interface, nexthop.Gateway) == nexthop;
            if (!named || (!wanted.Contains(hop) && !goal.InUse.Contains(hop)))
                pass.Add(nexthop, new RtnetlinkChange.DeleteNexthop(nexthop.Id));
        }
        tables.Note(pass.Send());
    }

    private static void RemovePeers(TunnelGoal goal, DeviceTables tables, Pass pass)
    {
        foreach (var table in tables.All)
        {
            var wanted = goal.Peers.OfType<VxlanPeer>().Where(peer => peer.Hop.Device == table.Device).ToList();
            var addresses = wanted.Select(peer => peer.Hop.Gateway).ToHashSet();
            var macs = wanted.Where(peer => peer.EncapVni is null).Select(peer => peer.Mac).ToHashSet();
            foreach (var neighbour in table.Neighbours)
            {
                if (addresses.Contains(neighbour.Address))
                    continue;
                if (goal.InUse.Contains(new NextHop(table.Device, neighbour.Address)))
                    macs.UnionWith(neighbour.LinkLayer is { } mac ? [mac] : []);
                else
                    pass.Add(neighbour, new RtnetlinkChange.DeleteNeighbour(neighbour));
            }
            foreach (var entry in table.Fdb)
            {
                if (!macs.Contains(entry.Mac))
                    pass.Add(entry, new RtnetlinkChange.DeleteFdb(entry));
            }
        }
        tables.Note(pass.Send());
    }

    private static void RemoveLinks(TunnelGoal goal, Devices devices, Pass pass)
    {
        var wanted = goal.Links.Select(link => link.Name).ToHashSet();
        var used = goal.InUse.Select(hop => hop.Device).ToHashSet();
        foreach (var link in devices.All)
        {
            if (goal.IsOurs(link) && !wanted.Contains(link.Name) && !used.Contains(link.Name))
                pass.Add(link, new RtnetlinkChange.DeleteLink(link.Index));
        }
        pass.Send();
    }

    private static bool Leads(TunnelGoal goal, string tun, Devices devices) => goal.Forwarded.Contains(tun) && devices.Find(tun) is { Up: true } link && goal.IsOurs(link);

    /// <summary>Wireguard's devices after what was written to them: what cannot be read leads nowhere, and is tried again.</summary>
    private IReadOnlyDictionary<string, WireGuardDevice> ReadAgain(TunnelGoal goal, Devices devices, Pass pass)
    {
        var tunnels = WireGuardDevices(goal, devices, (link, error) =>
        {
            if (!history.Retries.MustWait(link.Interface))
                pass.Fail(link.Interface, error);
        });
        foreach (var link in goal.Links.OfType<WantedWireGuard>().Where(link => Leads(link, tunnels)))
            pass.InPlace(link.Interface);
        return tunnels;
    }

    private IReadOnlyDictionary<string, WireGuardDevice> WireGuardDevices(TunnelGoal goal, Devices devices, Action<WantedWireGuard, NetlinkError> failed) =>
        wireGuard?.Read(goal, devices, failed) ?? new Dictionary<string, WireGuardDevice>();

    private static bool Leads(WantedWireGuard link, IReadOnlyDictionary<string, WireGuardDevice> tunnels) => WireGuardTunnels.Leads(link, tunnels.GetValueOrDefault(link.Name));

    private bool IsReady(TunnelGoal goal, TunnelPeer peer, Devices devices, DeviceTables tables, IReadOnlyDictionary<string, WireGuardDevice> tunnels) => devices.Find(peer.Hop.Device) is { Up: true } && peer switch
    {
        WireGuardTunnelPeer behind => tunnels.TryGetValue(peer.Hop.Device, out var device) && WireGuardTunnels.IsAsWanted(device, behind),
        UdpPeer => Leads(goal, peer.Hop.Device, devices),
        VxlanPeer vxlan => tables.Find(peer.Hop.Device) is { } table && tables.HasWay(table, vxlan, protocol) && table.HasNeighbour(vxlan, protocol),
        _ => goal.Links.FirstOrDefault(link => link.Name == peer.Hop.Device) is not { } wanted || (LinkDiff.IsUsable(wanted, devices.Find(wanted.Name)) && goal.IsOurs(devices.Find(wanted.Name)!)),
    };

    private static Func<object, bool> Wanted(TunnelGoal goal)
    {
        var wanted = new HashSet<object>(goal.Links);
        wanted.UnionWith(goal.Links.OfType<WantedWireGuard>().Select(link => link.Interface));
        wanted.UnionWith(goal.Addresses);
        wanted.UnionWith(goal.Peers);
        return wanted.Contains;
    }
}
