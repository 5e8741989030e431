using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>RTM_*NEIGH with AF_BRIDGE: forwarding databases (linux/neighbour.h; drivers/net/vxlan).</summary>
internal static class FdbMessages
{
    /// <summary>Here the device goes into ndm_ifindex, unlike in a dump of neighbours (valid_fdb_dump_strict).</summary>
    public static void Dump(MessageWriter writer, int interfaceIndex) =>
        writer.Header(new NdMsg { ndm_family = AF_BRIDGE, ndm_ifindex = interfaceIndex });

    /// <summary>
    /// For the zero address and for multicast, where vxlan keeps a list of destinations and refuses NLM_F_REPLACE (EOPNOTSUPP), the destination is
    /// added to the list instead.
    /// </summary>
    public static void Encode(MessageWriter writer, RtnetlinkChange.PutFdb change, uint sequence)
    {
        var entry = change.Entry;
        bool keepsList = entry.Mac.IsMulticast || entry.Mac == MacAddress.Zero;
        int how = keepsList ? NLM_F_APPEND : NLM_F_REPLACE;
        writer.Begin(RTM_NEWNEIGH, (ushort)(NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | how), sequence);
        Body(writer, entry);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.DeleteFdb change, uint sequence)
    {
        writer.Begin(RTM_DELNEIGH, NLM_F_REQUEST | NLM_F_ACK, sequence);
        Body(writer, change.Entry);
        writer.End();
    }

    /// <summary>Null for other families, and for entries that have no MAC address of six octets.</summary>
    public static FdbEntry? Decode(in NetlinkMessage message)
    {
        if (message.Type is not (RTM_NEWNEIGH or RTM_DELNEIGH))
            return null;
        var header = message.Header<NdMsg>();
        if (header.ndm_family != AF_BRIDGE)
            return null;

        MacAddress? mac = null;
        IPAddress? destination = null;
        uint? vni = null;
        ushort? port = null;
        var flags = (NeighbourFlags)header.ndm_flags & ~NeighbourFlags.Offloaded;
        foreach (var attribute in message.Attributes<NdMsg>())
        {
            switch (attribute.Type)
            {
                case NDA_LLADDR: mac = attribute.Mac; break;
                case NDA_DST: destination = attribute.Address; break;
                case NDA_VNI: vni = attribute.U32; break;
                case NDA_PORT: port = attribute.U16BigEndian; break;
                // The bridge sets no flag on its entries, but names itself.
                case NDA_MASTER: flags |= NeighbourFlags.Master; break;
            }
        }
        return mac is not { } known ? null : new FdbEntry(header.ndm_ifindex, known)
        {
            Destination = destination,
            State = (NeighbourState)header.ndm_state,
            Flags = flags,
            Vni = vni,
            Port = port,
        };
    }

    private static void Body(MessageWriter writer, FdbEntry entry)
    {
        writer.Header(new NdMsg
        {
            ndm_family = AF_BRIDGE,
            ndm_ifindex = entry.Interface,
            ndm_state = (ushort)entry.State,
            ndm_flags = (byte)(entry.Flags | NeighbourFlags.Self),
        });
        writer.Mac(NDA_LLADDR, entry.Mac);
        if (entry.Destination is { } destination)
            writer.Address(NDA_DST, destination);
        if (entry.Vni is { } vni)
            writer.U32(NDA_VNI, vni);
        if (entry.Port is { } port)
            writer.U16BigEndian(NDA_PORT, port);
    }
}
