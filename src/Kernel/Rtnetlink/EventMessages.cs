using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>From a notification to its event.</summary>
internal static class EventMessages
{
    /// <summary>Null for what no event here tells of: cached routes, bridge ports, other families and types.</summary>
    /// <exception cref="NetlinkParseException">The message is broken.</exception>
    public static RtnetlinkEvent? Decode(in NetlinkMessage message)
    {
        uint port = message.PortId;
        switch (message.Type)
        {
            case RTM_NEWLINK or RTM_DELLINK:
                return LinkMessages.Decode(message) is { } link ? new RtnetlinkEvent.LinkEvent(link, message.Type == RTM_DELLINK, port) : null;
            case RTM_NEWADDR or RTM_DELADDR:
                return AddressMessages.Decode(message) is { } address
                    ? new RtnetlinkEvent.AddressEvent(address, message.Type == RTM_DELADDR, port) : null;
            case RTM_NEWROUTE or RTM_DELROUTE:
                return RouteMessages.Decode(message) is { } route ? new RtnetlinkEvent.RouteEvent(route, message.Type == RTM_DELROUTE, port) : null;
            case RTM_NEWNEIGH or RTM_DELNEIGH when message.Header<NdMsg>().ndm_family == AF_BRIDGE:
                return FdbMessages.Decode(message) is { } entry ? new RtnetlinkEvent.FdbEvent(entry, message.Type == RTM_DELNEIGH, port) : null;
            case RTM_NEWNEIGH or RTM_DELNEIGH:
                return NeighbourMessages.Decode(message) is { } neighbour
                    ? new RtnetlinkEvent.NeighbourEvent(neighbour, message.Type == RTM_DELNEIGH, port) : null;
            case RTM_NEWRULE or RTM_DELRULE:
                return RuleMessages.Decode(message) is { } rule ? new RtnetlinkEvent.RuleEvent(rule, message.Type == RTM_DELRULE, port) : null;
            case RTM_NEWNEXTHOP or RTM_DELNEXTHOP:
                return NexthopMessages.Decode(message) is { } nexthop
                    ? new RtnetlinkEvent.NexthopEvent(nexthop, message.Type == RTM_DELNEXTHOP, port) : null;
            default:
                return null;
        }
    }
}
