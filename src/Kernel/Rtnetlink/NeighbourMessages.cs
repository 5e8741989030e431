using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>RTM_NEWNEIGH, RTM_DELNEIGH and RTM_GETNEIGH of IPv4 and IPv6 (linux/neighbour.h).</summary>
internal static class NeighbourMessages
{
    /// <summary>ndm_ifindex must stay 0 here: strict checking takes the device from NDA_IFINDEX only (neigh_valid_dump_req).</summary>
    public static void Dump(MessageWriter writer, int interfaceIndex)
    {
        writer.Header(default(NdMsg));
        if (interfaceIndex != 0)
            writer.I32(NDA_IFINDEX, interfaceIndex);
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.PutNeighbour change, uint sequence)
    {
        writer.Begin(RTM_NEWNEIGH, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, sequence);
        var neighbour = change.Neighbour;
        Body(writer, neighbour);
        if (neighbour.LinkLayer is { } mac)
            writer.Mac(NDA_LLADDR, mac);
        if (neighbour.Protocol != 0)
            writer.U8(NDA_PROTOCOL, neighbour.Protocol);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.DeleteNeighbour change, uint sequence)
    {
        writer.Begin(RTM_DELNEIGH, NLM_F_REQUEST | NLM_F_ACK, sequence);
        Body(writer, change.Neighbour);
        writer.End();
    }

    /// <summary>Null for AF_BRIDGE (see <see cref="FdbMessages"/>) and other families.</summary>
    public static Neighbour? Decode(in NetlinkMessage message)
    {
        if (message.Type is not (RTM_NEWNEIGH or RTM_DELNEIGH))
            return null;
        var header = message.Header<NdMsg>();
        if (!Family.IsIP(header.ndm_family))
            return null;

        IPAddress? address = null;
        MacAddress? mac = null;
        byte protocol = 0;
        foreach (var attribute in message.Attributes<NdMsg>())
        {
            switch (attribute.Type)
            {
                case NDA_DST: address = attribute.Address; break;
                case NDA_LLADDR: mac = attribute.Mac; break;
                case NDA_PROTOCOL: protocol = attribute.U8; break;
            }
        }
        return address is null ? null : new Neighbour(header.ndm_ifindex, address)
        {
            LinkLayer = mac,
            State = (NeighbourState)header.ndm_state,
            Flags = (NeighbourFlags)header.ndm_flags & ~NeighbourFlags.Offloaded,
            Protocol = protocol,
        };
    }

    private static void Body(MessageWriter writer, Neighbour neighbour)
    {
        writer.Header(new NdMsg
        {
            ndm_family = Family.Of(neighbour.Address),
            ndm_ifindex = neighbour.Interface,
            ndm_state = (ushort)neighbour.State,
            ndm_flags = (byte)neighbour.Flags,
        });
        writer.Address(NDA_DST, neighbour.Address);
    }
}
