using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>RTM_NEWNEXTHOP, RTM_DELNEXTHOP and RTM_GETNEXTHOP (linux/nexthop.h, struct nhmsg) with linux/lwtunnel.h's encapsulation in IP.</summary>
internal static class NexthopMessages
{
    /// <summary>All families; the kernel filters by device, not by protocol (nh_valid_dump_req).</summary>
    public static void Dump(MessageWriter writer) => writer.Header(default(NhMsg));

    public static void Encode(MessageWriter writer, RtnetlinkChange.PutNexthop change, uint sequence)
    {
        var nexthop = change.Nexthop;
        int how = change.Replace ? NLM_F_REPLACE : NLM_F_EXCL;
        writer.Begin(RTM_NEWNEXTHOP, (ushort)(NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | how), sequence);
        writer.Header(new NhMsg
        {
            nh_family = nexthop.Family == AddressFamily.InterNetworkV6 ? AF_INET6 : AF_INET,
            nh_protocol = nexthop.Protocol,
            nh_flags = nexthop.OnLink ? RTNH_F_ONLINK : 0,
        });
        writer.U32(NHA_ID, nexthop.Id);
        if (nexthop.Interface != 0)
            writer.I32(NHA_OIF, nexthop.Interface);
        if (nexthop.Gateway is { } gateway)
            writer.Address(NHA_GATEWAY, gateway);
        if (nexthop.EncapDestination is { } destination)
        {
            writer.U16(NHA_ENCAP_TYPE, destination.BitLength() == 32 ? LWTUNNEL_ENCAP_IP : LWTUNNEL_ENCAP_IP6);
            int encap = writer.BeginNested(NHA_ENCAP);
            if (nexthop.EncapVni is { } vni)
                writer.U64BigEndian(LWTUNNEL_IP_ID, vni);
            writer.Address(LWTUNNEL_IP_DST, destination);
            if (nexthop.EncapChecksum)
                writer.U16BigEndian(LWTUNNEL_IP_FLAGS, TUNNEL_CSUM);
            writer.EndNested(encap);
        }
        writer.End();
    }

    /// <summary>The kernel takes nothing but the id (rtm_del_nexthop).</summary>
    public static void Encode(MessageWriter writer, RtnetlinkChange.DeleteNexthop change, uint sequence)
    {
        writer.Begin(RTM_DELNEXTHOP, NLM_F_REQUEST | NLM_F_ACK, sequence);
        writer.Header(default(NhMsg));
        writer.U32(NHA_ID, change.Id);
        writer.End();
    }

    public static Nexthop? Decode(in NetlinkMessage message)
    {
        if (message.Type is not (RTM_NEWNEXTHOP or RTM_DELNEXTHOP))
            return null;
        var header = message.Header<NhMsg>();
        uint id = 0;
        int index = 0;
        ushort encapType = 0;
        IPAddress? gateway = null;
        var attributes = default(AttributeReader);
        bool partial = !Rtnetlink.Family.IsIP(header.nh_family);
        foreach (var attribute in message.Attributes<NhMsg>())
        {
            switch (attribute.Type)
            {
                case NHA_ID: id = attribute.U32; break;
                case NHA_OIF: index = attribute.I32; break;
                case NHA_GATEWAY: gateway = attribute.Address; break;
                case NHA_ENCAP_TYPE: encapType = attribute.U16; break;
                case NHA_ENCAP: attributes = attribute.Nested; break;
                default: partial = true; break;
            }
        }
        // Other encapsulations give the same numbers other meanings.
        bool known = encapType is LWTUNNEL_ENCAP_IP or LWTUNNEL_ENCAP_IP6;
        var encap = known ? DecodeEncap(attributes) : default;
        return new Nexthop(id)
        {
            Family = header.nh_family switch
            {
                AF_INET => AddressFamily.InterNetwork,
                AF_INET6 => AddressFamily.InterNetworkV6,
                _ => AddressFamily.Unspecified,
            },
            Gateway = gateway,
            Interface = index,
            Protocol = header.nh_protocol,
            OnLink = (header.nh_flags & RTNH_F_ONLINK) != 0,
            EncapVni = encap.Vni,
            EncapDestination = encap.Destination,
            EncapChecksum = encap.Checksum,
            Partial = partial || (encapType != 0 && !known),
        };
    }

    private static Encap DecodeEncap(AttributeReader attributes)
    {
        var encap = default(Encap);
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case LWTUNNEL_IP_ID: encap.Vni = (uint)attribute.U64BigEndian; break;
                case LWTUNNEL_IP_DST: encap.Destination = attribute.Address; break;
                case LWTUNNEL_IP_FLAGS: encap.Checksum = (attribute.U16BigEndian & TUNNEL_CSUM) != 0; break;
            }
        }
        return encap;
    }

    private record struct Encap(uint? Vni, IPAddress? Destination, bool Checksum);
}
