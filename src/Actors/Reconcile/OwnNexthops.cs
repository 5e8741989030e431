using System.Net;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Reconcile;

/// <summary>
/// The nexthop objects of our protocol number, by device and gateway, and ids for new ones. Those that lead out of another network's device are among them, and never asked for.
/// </summary>
public sealed class OwnNexthops
{
    /// <summary>Ours count up from here: far from those that people give and that the kernel chooses (from 1 on). 0x4D is our protocol number, 77.</summary>
    public const uint FirstId = 0x4D000000;

    private readonly HashSet<uint> taken = [];
    private readonly Dictionary<uint, Nexthop> byId = [];
    private readonly Dictionary<(int Interface, IPAddress Gateway), Nexthop> byHop = [];
    private uint next;

    private OwnNexthops(uint first) => next = first;

    /// <param name="first">Where the search for a free id begins.</param>
    public static OwnNexthops Read(IRtnetlink kernel, byte protocol, uint first = FirstId)
    {
        var own = new OwnNexthops(first);
        foreach (var nexthop in kernel.DumpNexthops().OrderBy(nexthop => nexthop.Id))
        {
            own.taken.Add(nexthop.Id);
            if (nexthop.Protocol == protocol)
                own.Note(nexthop);
        }
        return own;
    }

    public IReadOnlyCollection<Nexthop> All => byId.Values;

    /// <summary>The one that a route to this hop names: of several, that of the lowest id.</summary>
    public Nexthop? Find(int index, IPAddress? gateway) => gateway is null ? null : byHop.GetValueOrDefault((index, gateway));

    public NextHop? HopOf(uint id, Devices devices) =>
        byId.TryGetValue(id, out var nexthop) && devices.NameOf(nexthop.Interface) is { } device ? new NextHop(device, nexthop.Gateway) : null;

    /// <summary>An id that nobody has, and that is not given again.</summary>
    public uint NewId()
    {
        while (!taken.Add(next))
            next++;
        return next++;
    }

    public void Note(IEnumerable<RtnetlinkChange> changes)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case RtnetlinkChange.PutNexthop put:
                    Note(put.Nexthop);
                    break;
                case RtnetlinkChange.DeleteNexthop delete when byId.Remove(delete.Id, out var gone) && Find(gone.Interface, gone.Gateway) == gone:
                    byHop.Remove((gone.Interface, gone.Gateway!));
                    break;
            }
        }
    }

    private void Note(Nexthop nexthop)
    {
        byId[nexthop.Id] = nexthop;
        if (nexthop.Gateway is not { } gateway)
            return;
        if (Find(nexthop.Interface, gateway) is not { } other || other.Id >= nexthop.Id)
            byHop[(nexthop.Interface, gateway)] = nexthop;
    }
}
