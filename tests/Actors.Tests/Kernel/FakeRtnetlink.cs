using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Kernel;

/// <summary>
/// The routing side of a network namespace in memory, with the kernel's rules as far as ours meet them: places are taken once (EEXIST), "replace" takes the
/// first of a place, devices take with them what hangs on them, gateways must be on a link. Records every change that was asked for.
/// </summary>
internal sealed class FakeRtnetlink : IRtnetlink
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EEXIST = 17;
    public const int ENODEV = 19;
    public const int EADDRNOTAVAIL = 99;
    public const int EINVAL = 22;
    public const int ENETDOWN = 100;
    public const int ENETUNREACH = 101;

    private readonly Lock gate = new();
    private int nextIndex = 1;

    public Dictionary<int, Link> Links { get; } = [];

    public List<InterfaceAddress> Addresses { get; } = [];

    public List<Route> Routes { get; } = [];

    public List<Neighbour> Neighbours { get; } = [];

    public List<FdbEntry> Fdb { get; } = [];

    public List<Rule> Rules { get; } = [];

    public List<Nexthop> Nexthops { get; } = [];

    /// <summary>Every change that was made, in order.</summary>
    public List<RtnetlinkChange> Writes { get; } = [];

    /// <summary>An errno for changes that shall fail, whatever the rules say; null lets them through.</summary>
    public Func<RtnetlinkChange, int?> Refuse { get; set; } = _ => null;

    public Action<RtnetlinkChange> AfterWrite { get; set; } = _ => { };

    public uint PortId => 4711;

    public void Dispose()
    {
        // Nothing is open.
    }

    /// <summary>A device that is there before anything begins: eth0 and the like.</summary>
    public Link AddDevice(string name, string? address = null, bool up = true)
    {
        lock (gate)
        {
            var link = new Link(nextIndex++, name) { Up = up, Carrier = up, Mtu = 1500, Address = new MacAddress(0x0200_0000_0000UL + (uint)nextIndex) };
            Links.Add(link.Index, link);
            if (address is not null)
                Addresses.Add(new InterfaceAddress(link.Index, IpPrefix.Parse(address)));
            return link;
        }
    }

    public Link Device(string name) => FindLink(name) ?? throw new ArgumentException($"no device {name}", nameof(name));

    /// <summary>What an administrator does: the kernel drops routes and neighbours of the device without asking.</summary>
    public void SetUp(string name, bool up)
    {
        lock (gate)
            SetLink(new RtnetlinkChange.SetLink(Device(name).Index) { Up = up });
    }

    public IReadOnlyList<Link> DumpLinks() => Copy(Links.Values);

    public Link? FindLink(string name) => DumpLinks().FirstOrDefault(link => link.Name == name);

    public IReadOnlyList<InterfaceAddress> DumpAddresses(int interfaceIndex = 0) =>
        Copy(Addresses.Where(address => interfaceIndex == 0 || address.Interface == interfaceIndex));

    public IReadOnlyList<Route> DumpRoutes(RouteFilter filter = default) => Copy(Routes.Where(route =>
        (filter.Protocol is not { } protocol || route.Protocol == protocol)
        && (filter.Table is not { } table || route.Table == table)
        && (filter.Interface is not { } index || route.Interface == index)
        && (filter.Family is not { } family || route.Destination.Family == family)));

    public IReadOnlyList<Neighbour> DumpNeighbours(int interfaceIndex) =>
        Copy(Neighbours.Where(entry => interfaceIndex == 0 || entry.Interface == interfaceIndex));

    public IReadOnlyList<FdbEntry> DumpFdb(int interfaceIndex) => Copy(Fdb.Where(entry => interfaceIndex == 0 || entry.Interface == interfaceIndex));

    public IReadOnlyList<Rule> DumpRules(AddressFamily? family = null, byte? protocol = null) =>
        Copy(Rules.Where(rule => (family is null || rule.Family == family) && (protocol is null || rule.Protocol == protocol)));

    public IReadOnlyList<Nexthop> DumpNexthops(byte? protocol = null) => Copy(Nexthops.Where(nexthop => protocol is null || nexthop.Protocol == protocol));

    public Route? LookupRoute(IPAddress destination) => throw new NotSupportedException("nobody on the cluster's side asks this");

    public RouteAnswer Lookup(RouteQuestion question) => throw new NotSupportedException("nobody on the cluster's side asks this");

    public IReadOnlyList<NetlinkError?> Apply(IReadOnlyList<RtnetlinkChange> changes)
    {
        lock (gate)
            return [.. changes.Select(Apply)];
    }

    private NetlinkError? Apply(RtnetlinkChange change)
    {
        int errno = Refuse(change) ?? Do(change);
        if (errno != 0)
            return new NetlinkError(errno, $"{change.GetType().Name}: errno {errno}");
        Writes.Add(change);
        AfterWrite(change);
        return null;
    }

    private int Do(RtnetlinkChange change) => change switch
    {
        RtnetlinkChange.CreateVxlan create => Create(create),
        RtnetlinkChange.CreateTun create => Create(create),
        RtnetlinkChange.CreateIpip create => Create(create.Name, "ipip", create.Mtu, create.Ipip),
        RtnetlinkChange.CreateWireGuard create => Create(create.Name, "wireguard", create.Mtu, null),
        RtnetlinkChange.SetLink set => SetLink(set),
        RtnetlinkChange.SetVxlanLearning set => SetLearning(set),
        RtnetlinkChange.DeleteLink delete => DeleteLink(delete.Index),
        RtnetlinkChange.PutAddress put => PutAddress(put.Address),
        RtnetlinkChange.DeleteAddress delete => Remove(Addresses, address => (address.Interface, address.Prefix) == (delete.Address.Interface, delete.Address.Prefix), EADDRNOTAVAIL),
        RtnetlinkChange.PutRoute put => PutRoute(Normal(put.Route), put.Replace),
        RtnetlinkChange.DeleteRoute delete => Remove(Routes, route => route == Normal(delete.Route), ESRCH),
        RtnetlinkChange.PutNeighbour put => PutNeighbour(put.Neighbour),
        RtnetlinkChange.DeleteNeighbour delete => Remove(Neighbours, entry => SamePlace(entry, delete.Neighbour), ENOENT),
        RtnetlinkChange.PutFdb put => PutFdb(put.Entry),
        RtnetlinkChange.DeleteFdb delete => Remove(Fdb, entry => SamePlace(entry, delete.Entry) && Equals(entry.Destination, delete.Entry.Destination), ENOENT),
        RtnetlinkChange.PutRule put => PutRule(put.Rule),
        RtnetlinkChange.DeleteRule delete => Remove(Rules, rule => rule == delete.Rule, ENOENT),
        RtnetlinkChange.PutNexthop put => PutNexthop(put.Nexthop, put.Replace),
        RtnetlinkChange.DeleteNexthop delete => DropNexthops(nexthop => nexthop.Id == delete.Id) > 0 ? 0 : ENOENT,
        _ => throw new NotSupportedException($"{change.GetType().Name} is no change of the cluster's side"),
    };

    private int Create(RtnetlinkChange.CreateVxlan create)
    {
        if (create.Vxlan.Lower != 0 && !Links.ContainsKey(create.Vxlan.Lower))
            return ENODEV;
        bool taken = Links.Values.Any(link => link.Name == create.Name
            || (link.Vxlan is { } other && (other.Vni, other.Port, other.Local?.AddressFamily) == (create.Vxlan.Vni, create.Vxlan.Port, create.Vxlan.Local?.AddressFamily)));
        if (taken)
            return EEXIST;
        int index = nextIndex++;
        Links.Add(index, new Link(index, create.Name) { Kind = "vxlan", Mtu = create.Mtu, Address = create.Address, Vxlan = create.Vxlan, Lower = create.Vxlan.Lower });
        return 0;
    }

    private int Create(RtnetlinkChange.CreateTun create)
    {
        if (Links.Values.Any(link => link.Name == create.Name))
            return EEXIST;
        int index = nextIndex++;
        Links.Add(index, new Link(index, create.Name) { Kind = "tun", Mtu = 1500, TxQueueLength = 500, Alias = create.Alias, Tun = new TunSettings(Tap: false, Persistent: true, MultiQueue: true) });
        return 0;
    }

    private int Create(string name, string kind, int mtu, IpipSettings? ipip)
    {
        if (Links.Values.Any(link => link.Name == name || (ipip is not null && link.Ipip == ipip)))
            return EEXIST;
        int index = nextIndex++;
        Links.Add(index, new Link(index, name) { Kind = kind, Mtu = mtu, Ipip = ipip });
        return 0;
    }

    private int SetLink(RtnetlinkChange.SetLink set)
    {
        if (!Links.TryGetValue(set.Index, out var link))
            return ENODEV;
        Links[set.Index] = link with { Up = set.Up ?? link.Up, Carrier = set.Up ?? link.Carrier, Mtu = set.Mtu ?? link.Mtu, Address = set.Address ?? link.Address, TxQueueLength = set.TxQueueLength ?? link.TxQueueLength, Alias = set.Alias ?? link.Alias };
        if (set.Up == false)
        {
            Routes.RemoveAll(route => route.Interface == set.Index);
            Neighbours.RemoveAll(entry => entry.Interface == set.Index);
            DropNexthops(nexthop => nexthop.Interface == set.Index);
        }
        return 0;
    }

    private int SetLearning(RtnetlinkChange.SetVxlanLearning set)
    {
        if (!Links.TryGetValue(set.Index, out var link) || link.Vxlan is null)
            return ENODEV;
        Links[set.Index] = link with { Vxlan = link.Vxlan with { Learning = set.Learning } };
        return 0;
    }

    private int DeleteLink(int index)
    {
        if (!Links.Remove(index))
            return ENODEV;
        Addresses.RemoveAll(address => address.Interface == index);
        Routes.RemoveAll(route => route.Interface == index);
        Neighbours.RemoveAll(entry => entry.Interface == index);
        Fdb.RemoveAll(entry => entry.Interface == index);
        DropNexthops(nexthop => nexthop.Interface == index);
        foreach (var upper in Links.Values.Where(link => link.Lower == index).ToList())
            DeleteLink(upper.Index);
        return 0;
    }

    private int PutAddress(InterfaceAddress address)
    {
        if (!Links.ContainsKey(address.Interface))
            return ENODEV;
        Addresses.RemoveAll(there => (there.Interface, there.Prefix) == (address.Interface, address.Prefix));
        Addresses.Add(address);
        return 0;
    }

    private int PutRoute(Route route, bool replace)
    {
        var nexthop = Nexthops.Find(there => there.Id == route.NexthopId);
        if (route.NexthopId is not null && nexthop is null)
            return EINVAL;
        var link = Links.GetValueOrDefault(nexthop?.Interface ?? route.Interface);
        // What leads nowhere needs no device.
        if (route.Type == RouteType.Unicast && link is null)
            return ENODEV;
        if (link is { Up: false })
            return ENETDOWN;
        // The kernel takes no address of its own for a gateway, on whichever device it is (fib_check_nh_v4_gw).
        if (route is { Gateway: { } own } && Addresses.Any(address => address.Address.Equals(own)))
            return EINVAL;
        if (link is not null && route is { Gateway: { } gateway, OnLink: false } && !Addresses.Any(address => address.Interface == link.Index && address.Prefix.Contains(gateway)))
            return ENETUNREACH;
        int place = Routes.FindIndex(there => (there.Destination, there.Table, there.Metric) == (route.Destination, route.Table, route.Metric));
        if (place >= 0 && !replace)
            return EEXIST;
        if (place >= 0)
            Routes[place] = route;
        else
            Routes.Add(route);
        return 0;
    }

    private int PutNeighbour(Neighbour neighbour)
    {
        if (!Links.ContainsKey(neighbour.Interface))
            return ENODEV;
        Neighbours.RemoveAll(entry => SamePlace(entry, neighbour));
        Neighbours.Add(neighbour);
        return 0;
    }

    private int PutFdb(FdbEntry entry)
    {
        if (!Links.ContainsKey(entry.Interface))
            return ENODEV;
        Fdb.RemoveAll(there => SamePlace(there, entry));
        Fdb.Add(entry);
        return 0;
    }

    private int PutRule(Rule rule)
    {
        if (Rules.Contains(rule))
            return EEXIST;
        Rules.Add(rule);
        return 0;
    }

    private int PutNexthop(Nexthop nexthop, bool replace)
    {
        if (!Links.TryGetValue(nexthop.Interface, out var link))
            return ENODEV;
        if (!link.Up)
            return ENETDOWN;
        if (Nexthops.Exists(there => there.Id == nexthop.Id) && !replace)
            return EEXIST;
        Nexthops.RemoveAll(there => there.Id == nexthop.Id);
        Nexthops.Add(nexthop);
        return 0;
    }

    private int DropNexthops(Predicate<Nexthop> which)
    {
        Routes.RemoveAll(route => Nexthops.Exists(nexthop => nexthop.Id == route.NexthopId && which(nexthop)));
        return Nexthops.RemoveAll(which);
    }

    private static int Remove<T>(List<T> from, Predicate<T> which, int otherwise)
    {
        int place = from.FindIndex(which);
        if (place < 0)
            return otherwise;
        from.RemoveAt(place);
        return 0;
    }

    private static bool SamePlace(Neighbour left, Neighbour right) => left.Interface == right.Interface && left.Address.Equals(right.Address);

    private static bool SamePlace(FdbEntry left, FdbEntry right) => left.Interface == right.Interface && left.Mac == right.Mac;

    private static Route Normal(Route route) => route is { Destination.IsIPv4: false, Metric: 0 } ? route with { Metric = 1024 } : route;

    private List<T> Copy<T>(IEnumerable<T> items)
    {
        lock (gate)
            return [.. items];
    }
}
