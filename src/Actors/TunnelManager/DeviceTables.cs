using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.TunnelManager;

/// <summary>Our entries on one vxlan device, as last dumped and changed.</summary>
internal sealed class DeviceTable(string device, int index, IEnumerable<Neighbour> neighbours, IEnumerable<FdbEntry> fdb)
{
    private readonly Dictionary<System.Net.IPAddress, Neighbour> neighbours = neighbours.ToDictionary(entry => entry.Address);

    /// <summary>The kernel allows several destinations for one MAC; ours have one.</summary>
    private readonly Dictionary<MacAddress, List<FdbEntry>> fdb = fdb.GroupBy(entry => entry.Mac).ToDictionary(group => group.Key, group => group.ToList());

    public string Device { get; } = device;

    public int Index { get; } = index;

    public IReadOnlyCollection<Neighbour> Neighbours => neighbours.Values;

    public IEnumerable<FdbEntry> Fdb => fdb.Values.SelectMany(entries => entries);

    public FdbEntry FdbOf(VxlanPeer peer) => new(Index, peer.Mac)
    {
        Destination = peer.Vtep,
        // What bridge(8) calls permanent.
        State = NeighbourState.Permanent | NeighbourState.NoArp,
        Flags = NeighbourFlags.Self,
    };

    public static Neighbour NeighbourOf(VxlanPeer peer, int index, byte protocol) => new(index, peer.Hop.Gateway!)
    {
        LinkLayer = peer.Mac,
        State = NeighbourState.Permanent,
        Protocol = protocol,
    };

    public bool HasFdb(VxlanPeer peer) => fdb.TryGetValue(peer.Mac, out var entries) && entries.Count == 1 && entries[0] == FdbOf(peer);

    public bool HasNeighbour(VxlanPeer peer, byte protocol) =>
        neighbours.TryGetValue(peer.Hop.Gateway!, out var entry) && entry == NeighbourOf(peer, Index, protocol);

    public Neighbour? NeighbourAt(System.Net.IPAddress address) => neighbours.GetValueOrDefault(address);

    public FdbEntry? FdbAt(MacAddress mac) => fdb.TryGetValue(mac, out var entries) ? entries[0] : null;

    public void Note(RtnetlinkChange change)
    {
        switch (change)
        {
            case RtnetlinkChange.PutNeighbour put:
                neighbours[put.Neighbour.Address] = put.Neighbour;
                break;
            case RtnetlinkChange.DeleteNeighbour delete:
                neighbours.Remove(delete.Neighbour.Address);
                break;
            case RtnetlinkChange.PutFdb put:
                fdb[put.Entry.Mac] = [put.Entry];
                break;
            case RtnetlinkChange.DeleteFdb delete:
                if (fdb.TryGetValue(delete.Entry.Mac, out var entries) && entries.Remove(delete.Entry) && entries.Count == 0)
                    fdb.Remove(delete.Entry.Mac);
                break;
        }
    }
}

/// <summary>The tables of all our vxlan devices.</summary>
internal sealed class DeviceTables
{
    private readonly Dictionary<string, DeviceTable> byName = [];
    private readonly Dictionary<int, DeviceTable> byIndex = [];

    public IEnumerable<DeviceTable> All => byName.Values;

    public required OwnNexthops Nexthops { get; init; }

    public static DeviceTables Read(IRtnetlink kernel, TunnelGoal goal, Devices devices, byte protocol)
    {
        var tables = new DeviceTables { Nexthops = OwnNexthops.Read(kernel, protocol, goal.FirstNexthopId) };
        foreach (var wanted in goal.Links.OfType<WantedVxlan>())
        {
            if (devices.Find(wanted.Name) is not { Kind: "vxlan" } link || !goal.IsOurs(link) || !LinkDiff.HasLayout(wanted, link))
                continue;
            var neighbours = kernel.DumpNeighbours(link.Index).Where(entry => entry.Protocol == protocol);
            var fdb = kernel.DumpFdb(link.Index)
                .Where(entry => entry.State.HasFlag(NeighbourState.Permanent) && entry.Destination is not null && entry.Mac != MacAddress.Zero);
            var table = new DeviceTable(link.Name, link.Index, neighbours, fdb);
            tables.byName.Add(link.Name, table);
            tables.byIndex.Add(link.Index, table);
        }
        return tables;
    }

    public DeviceTable? Find(string device) => byName.GetValueOrDefault(device);

    /// <summary>What carries the peer's packets from its hop to its VTEP is in place.</summary>
    public bool HasWay(DeviceTable table, VxlanPeer peer, byte protocol) => peer.EncapVni is null
        ? table.HasFdb(peer)
        : Nexthops.Find(table.Index, peer.Hop.Gateway) is { } nexthop && nexthop == NexthopOf(table, peer, protocol, nexthop.Id);

    /// <summary>The object of ours that leads to this hop is changed, so that the routes that name it follow; where there is none, one is made.</summary>
    public RtnetlinkChange PutNexthop(DeviceTable table, VxlanPeer peer, byte protocol) =>
        Nexthops.Find(table.Index, peer.Hop.Gateway) is { } there
            ? new RtnetlinkChange.PutNexthop(NexthopOf(table, peer, protocol, there.Id), Replace: true)
            : new RtnetlinkChange.PutNexthop(NexthopOf(table, peer, protocol, Nexthops.NewId()), Replace: false);

    private static Nexthop NexthopOf(DeviceTable table, VxlanPeer peer, byte protocol, uint id) => new(id)
    {
        Family = peer.Hop.Gateway!.AddressFamily,
        Gateway = peer.Hop.Gateway,
        Interface = table.Index,
        Protocol = protocol,
        OnLink = true,
        EncapVni = peer.EncapVni,
        EncapDestination = peer.Vtep,
        EncapChecksum = true,
    };

    public void Note(IReadOnlyCollection<RtnetlinkChange> changes)
    {
        Nexthops.Note(changes);
        foreach (var change in changes)
        {
            int index = change switch
            {
                RtnetlinkChange.PutNeighbour put => put.Neighbour.Interface,
                RtnetlinkChange.DeleteNeighbour delete => delete.Neighbour.Interface,
                RtnetlinkChange.PutFdb put => put.Entry.Interface,
                RtnetlinkChange.DeleteFdb delete => delete.Entry.Interface,
                _ => 0,
            };
            if (byIndex.TryGetValue(index, out var table))
                table.Note(change);
        }
    }
}
