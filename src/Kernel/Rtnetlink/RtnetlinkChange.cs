using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>One request that changes the kernel, answered by one acknowledgement. Applied in batches by <see cref="IRtnetlink.Apply"/>.</summary>
public abstract record RtnetlinkChange
{
    private RtnetlinkChange()
    {
    }

    /// <summary>RTM_NEWLINK, kind vxlan; fails with EEXIST where the name is taken.</summary>
    /// <param name="Address">Set in the same request, so that no udev rule sees another one first.</param>
    public sealed record CreateVxlan(string Name, VxlanSettings Vxlan, int Mtu, MacAddress Address) : RtnetlinkChange;

    /// <summary>RTM_NEWLINK, kind veth: a pair of devices.</summary>
    /// <param name="PeerNamespace">Descriptor of the network namespace where the peer appears; null for this one.</param>
    public sealed record CreateVeth(string Name, string PeerName, int? PeerNamespace = null) : RtnetlinkChange;

    /// <summary>RTM_NEWLINK, kind bridge.</summary>
    public sealed record CreateBridge(string Name) : RtnetlinkChange;

    /// <summary>
    /// A persistent TUN device with several queues, which is down. The one object that rtnetlink cannot make (drivers/net/tun.c, tun_validate): it is made by
    /// /dev/net/tun, in the same network namespace and in its place among the other changes. EEXIST where the name is taken.
    /// </summary>
    /// <param name="Alias">Set before the device is made persistent: none is ever left behind whose owner nobody can tell.</param>
    public sealed record CreateTun(string Name, string Alias) : RtnetlinkChange;

    /// <summary>RTM_NEWLINK, kind ipip: to whatever gateway a route names. EEXIST where the name is taken, or another device has the same addresses.</summary>
    /// <param name="Mtu">Octets.</param>
    public sealed record CreateIpip(string Name, IpipSettings Ipip, int Mtu) : RtnetlinkChange;

    /// <summary>RTM_NEWLINK, kind wireguard, without key and peers: these come by generic netlink. EEXIST where the name is taken.</summary>
    /// <param name="Mtu">Octets.</param>
    public sealed record CreateWireGuard(string Name, int Mtu) : RtnetlinkChange;

    /// <summary>RTM_SETLINK on an existing device: what is null stays.</summary>
    public sealed record SetLink(int Index) : RtnetlinkChange
    {
        public bool? Up { get; init; }

        /// <summary>Octets.</summary>
        public int? Mtu { get; init; }

        public MacAddress? Address { get; init; }

        /// <summary>Index of the bridge; 0 takes the device out of its bridge.</summary>
        public int? Master { get; init; }

        /// <summary>Packets.</summary>
        public int? TxQueueLength { get; init; }

        /// <summary>At most 255 octets.</summary>
        public string? Alias { get; init; }
    }

    /// <summary>RTM_NEWLINK on an existing vxlan device: the one of its settings here that the kernel can change (drivers/net/vxlan/vxlan_core.c, vxlan_changelink).</summary>
    public sealed record SetVxlanLearning(int Index, bool Learning) : RtnetlinkChange;

    public sealed record DeleteLink(int Index) : RtnetlinkChange;

    /// <summary>RTM_NEWADDR, create or replace. <see cref="InterfaceAddress.Flags"/> is given to the kernel as IFA_FLAGS.</summary>
    public sealed record PutAddress(InterfaceAddress Address) : RtnetlinkChange;

    public sealed record DeleteAddress(InterfaceAddress Address) : RtnetlinkChange;

    /// <summary>
    /// RTM_NEWROUTE. With <paramref name="Replace"/> false it fails with EEXIST where any route of the same destination, metric and table stands;
    /// with true it takes the place of the first such route, whoever made it (ip-route(8), "replace").
    /// </summary>
    public sealed record PutRoute(Route Route, bool Replace) : RtnetlinkChange;

    /// <summary>RTM_DELROUTE of exactly this route: destination, table, metric, protocol, gateway and interface must all match.</summary>
    public sealed record DeleteRoute(Route Route) : RtnetlinkChange;

    /// <summary>RTM_NEWNEIGH, create or replace.</summary>
    public sealed record PutNeighbour(Neighbour Neighbour) : RtnetlinkChange;

    public sealed record DeleteNeighbour(Neighbour Neighbour) : RtnetlinkChange;

    /// <summary>RTM_NEWNEIGH with AF_BRIDGE and NTF_SELF, create or replace: the only destination of its MAC afterwards.</summary>
    public sealed record PutFdb(FdbEntry Entry) : RtnetlinkChange;

    public sealed record DeleteFdb(FdbEntry Entry) : RtnetlinkChange;

    /// <summary>
    /// RTM_NEWRULE. Fails with EEXIST where an equal rule stands; any difference, be it the protocol, makes it a rule beside the other, for the kernel knows
    /// no "replace" of rules.
    /// </summary>
    public sealed record PutRule(Rule Rule) : RtnetlinkChange;

    /// <summary>
    /// RTM_NEWNEXTHOP. With <paramref name="Replace"/> false it fails with EEXIST where the id is taken; with true the object of that id, whoever made it,
    /// becomes this one, and every route that names it follows at once.
    /// </summary>
    public sealed record PutNexthop(Nexthop Nexthop, bool Replace) : RtnetlinkChange;

    /// <summary>RTM_DELNEXTHOP by id. The kernel drops the routes that name it, and tells nobody of IPv4's.</summary>
    public sealed record DeleteNexthop(uint Id) : RtnetlinkChange;

    /// <summary>RTM_DELRULE of the first rule with this priority, table, protocol and these selectors; ENOENT where there is none.</summary>
    public sealed record DeleteRule(Rule Rule) : RtnetlinkChange;
}
