using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>RTM_NEWROUTE, RTM_DELROUTE and RTM_GETROUTE (linux/rtnetlink.h, struct rtmsg).</summary>
internal static class RouteMessages
{
    public static void Dump(MessageWriter writer, byte family, RouteFilter filter)
    {
        writer.Header(new RtMsg { rtm_family = family, rtm_protocol = filter.Protocol ?? 0 });
        if (filter.Table is { } table)
            writer.U32(RTA_TABLE, table);
        if (filter.Interface is { } index)
            writer.I32(RTA_OIF, index);
    }

    public static void Lookup(MessageWriter writer, IPAddress destination)
    {
        byte family = Family.Of(destination);
        writer.Header(new RtMsg
        {
            rtm_family = family,
            rtm_dst_len = (byte)destination.BitLength(),
            // IPv6 names the table unasked, and refuses the flag when it checks strictly (inet6_rtm_valid_getroute_req).
            rtm_flags = family == AF_INET ? RTM_F_LOOKUP_TABLE : 0,
        });
        writer.Address(RTA_DST, destination);
    }

    /// <param name="fibMatch">The answer is the route that was found, not the way that it makes.</param>
    public static void Lookup(MessageWriter writer, RouteQuestion question, bool fibMatch)
    {
        byte family = Family.Of(question.Destination);
        writer.Header(new RtMsg
        {
            rtm_family = family,
            rtm_dst_len = (byte)question.Destination.BitLength(),
            rtm_src_len = (byte)(question.Source?.BitLength() ?? 0),
            rtm_flags = (family == AF_INET ? RTM_F_LOOKUP_TABLE : 0) | (fibMatch ? RTM_F_FIB_MATCH : 0),
        });
        writer.Address(RTA_DST, question.Destination);
        if (question.Source is { } source)
            writer.Address(RTA_SRC, source);
        if (question.InputInterface != 0)
            writer.I32(RTA_IIF, question.InputInterface);
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.PutRoute change, uint sequence)
    {
        var route = change.Route;
        int how = change.Replace ? NLM_F_REPLACE : NLM_F_EXCL;
        writer.Begin(RTM_NEWROUTE, (ushort)(NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | how), sequence);
        Body(writer, route, route is { OnLink: true, NexthopId: null } ? RTNH_F_ONLINK : 0);
        if (route.PreferredSource is { } source)
            writer.Address(RTA_PREFSRC, source);
        if (route.Mtu != 0)
        {
            int metrics = writer.BeginNested(RTA_METRICS);
            writer.U32(RTAX_MTU, route.Mtu);
            writer.EndNested(metrics);
        }
        writer.End();
    }

    /// <summary>
    /// The kernel compares each field that is given. It has no way to say "metric 0" or "no gateway": there it takes the first route that the other
    /// fields leave, which is the one meant when that one exists, for a lower metric stands first.
    /// </summary>
    public static void Encode(MessageWriter writer, RtnetlinkChange.DeleteRoute change, uint sequence)
    {
        writer.Begin(RTM_DELROUTE, NLM_F_REQUEST | NLM_F_ACK, sequence);
        Body(writer, change.Route, flags: 0);
        writer.End();
    }

    /// <summary>Null for entries of the route cache (RTM_F_CLONED) and for families other than IPv4 and IPv6.</summary>
    public static Route? Decode(in NetlinkMessage message) =>
        message.Type is RTM_NEWROUTE or RTM_DELROUTE && (message.Header<RtMsg>().rtm_flags & RTM_F_CLONED) == 0 ? DecodeAny(message) : null;

    /// <summary>As <see cref="Decode"/>, cache entries included: the answer to a lookup is one.</summary>
    public static Route? DecodeAny(in NetlinkMessage message)
    {
        if (message.Type is not (RTM_NEWROUTE or RTM_DELROUTE))
            return null;
        var header = message.Header<RtMsg>();
        if (!Family.IsIP(header.rtm_family))
            return null;

        IPAddress? destination = null, gateway = null, source = null;
        uint table = header.rtm_table, metric = 0, mtu = 0;
        int index = 0;
        uint? nexthop = null;
        bool multipath = false;
        foreach (var attribute in message.Attributes<RtMsg>())
        {
            switch (attribute.Type)
            {
                case RTA_DST: destination = attribute.Address; break;
                case RTA_GATEWAY: gateway = attribute.Address; break;
                case RTA_VIA: gateway = attribute.Via; break;
                case RTA_OIF: index = attribute.I32; break;
                case RTA_TABLE: table = attribute.U32; break;
                case RTA_PRIORITY: metric = attribute.U32; break;
                case RTA_PREFSRC: source = attribute.Address; break;
                case RTA_METRICS: mtu = DecodeMtu(attribute.Nested); break;
                case RTA_NH_ID: nexthop = attribute.U32; break;
                case RTA_MULTIPATH: multipath = true; break;
            }
        }
        var type = (RouteType)header.rtm_type;
        bool refuses = type is RouteType.Blackhole or RouteType.Unreachable or RouteType.Prohibit or RouteType.Throw;
        // What the kernel shows of gateway and interface is a copy of the object's then.
        bool elsewhere = multipath || nexthop is not null;
        return new Route(Family.Prefix(header.rtm_family, destination, header.rtm_dst_len).Network)
        {
            Gateway = elsewhere ? null : gateway,
            // IPv6 hangs a route that refuses onto the loopback device; IPv4 gives it none.
            Interface = elsewhere || refuses ? 0 : index,
            Table = table,
            Protocol = header.rtm_protocol,
            Scope = (RouteScope)header.rtm_scope,
            Type = type,
            Metric = metric,
            OnLink = !elsewhere && (header.rtm_flags & RTNH_F_ONLINK) != 0,
            Mtu = mtu,
            PreferredSource = source,
            NexthopId = nexthop,
            Multipath = multipath,
        };
    }

    private static void Body(MessageWriter writer, Route route, uint flags)
    {
        byte family = Family.Of(route.Destination.Address);
        writer.Header(new RtMsg
        {
            rtm_family = family,
            rtm_dst_len = (byte)route.Destination.Length,
            rtm_table = route.Table <= byte.MaxValue ? (byte)route.Table : (byte)0,
            rtm_protocol = route.Protocol,
            rtm_scope = (byte)route.Scope,
            rtm_type = (byte)route.Type,
            rtm_flags = flags,
        });
        writer.Address(RTA_DST, route.Destination.Address);
        if (route.Table > byte.MaxValue)
            writer.U32(RTA_TABLE, route.Table);
        if (route.Metric != 0)
            writer.U32(RTA_PRIORITY, route.Metric);
        if (route.NexthopId is { } nexthop)
        {
            writer.U32(RTA_NH_ID, nexthop);
            return;
        }
        if (route.Interface != 0)
            writer.I32(RTA_OIF, route.Interface);
        if (route.Gateway is not { } gateway)
            return;
        if (Family.Of(gateway) == family)
            writer.Address(RTA_GATEWAY, gateway);
        else
            writer.Via(RTA_VIA, Family.Of(gateway), gateway);
    }

    private static uint DecodeMtu(AttributeReader metrics)
    {
        foreach (var metric in metrics)
        {
            if (metric.Type == RTAX_MTU)
                return metric.U32;
        }
        return 0;
    }

    /// <summary>The families whose tables a dump must read.</summary>
    public static ReadOnlySpan<byte> Families(AddressFamily? family) => family switch
    {
        null => [AF_INET, AF_INET6],
        AddressFamily.InterNetwork => [AF_INET],
        AddressFamily.InterNetworkV6 => [AF_INET6],
        _ => throw new ArgumentException($"Routes of {family} are not read here.", nameof(family)),
    };
}
