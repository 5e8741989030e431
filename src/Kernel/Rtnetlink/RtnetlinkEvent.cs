namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>A notification from the kernel (rtnetlink(7) multicast groups): something was added, changed or deleted.</summary>
/// <param name="PortId">
/// nlmsg_pid of the socket that asked for the change; 0 for the kernel itself. Linux 6.18 also says 0, whoever asked, for IPv6 addresses,
/// FDB entries, deleted neighbours, and links: there an echo shows only by its content.
/// </param>
public abstract record RtnetlinkEvent(bool Deleted, uint PortId)
{
    public sealed record LinkEvent(Link Link, bool Deleted, uint PortId) : RtnetlinkEvent(Deleted, PortId);

    public sealed record AddressEvent(InterfaceAddress Address, bool Deleted, uint PortId) : RtnetlinkEvent(Deleted, PortId);

    public sealed record RouteEvent(Route Route, bool Deleted, uint PortId) : RtnetlinkEvent(Deleted, PortId);

    public sealed record NeighbourEvent(Neighbour Neighbour, bool Deleted, uint PortId) : RtnetlinkEvent(Deleted, PortId);

    public sealed record FdbEvent(FdbEntry Entry, bool Deleted, uint PortId) : RtnetlinkEvent(Deleted, PortId);

    public sealed record RuleEvent(Rule Rule, bool Deleted, uint PortId) : RtnetlinkEvent(Deleted, PortId);

    public sealed record NexthopEvent(Nexthop Nexthop, bool Deleted, uint PortId) : RtnetlinkEvent(Deleted, PortId);

    /// <summary>Events were lost (ENOBUFS): whoever keeps a picture of the kernel dumps everything again.</summary>
    public sealed record Overrun() : RtnetlinkEvent(false, 0);
}
