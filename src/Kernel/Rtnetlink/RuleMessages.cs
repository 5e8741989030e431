using System.Net;
using System.Net.Sockets;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>RTM_NEWRULE, RTM_DELRULE and RTM_GETRULE (linux/fib_rules.h, struct fib_rule_hdr).</summary>
internal static class RuleMessages
{
    /// <summary>The suppression that every rule has which suppresses nothing: -1.</summary>
    private const uint NoSuppression = uint.MaxValue;

    /// <summary>Strict checking allows a family and nothing else here (fib_valid_dumprule_req): other filters are the caller's.</summary>
    public static void Dump(MessageWriter writer, byte family) => writer.Header(new FibRuleHdr { family = family });

    /// <summary>NLM_F_EXCL, for without it the kernel would take the same rule twice; it knows no NLM_F_REPLACE (fib_nl_newrule).</summary>
    public static void Encode(MessageWriter writer, RtnetlinkChange.PutRule change, uint sequence)
    {
        writer.Begin(RTM_NEWRULE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, sequence);
        Body(writer, change.Rule);
        writer.End();
    }

    /// <summary>The kernel compares what is given and takes the first rule that fits: a selector that is absent here may be present there (rule_find).</summary>
    public static void Encode(MessageWriter writer, RtnetlinkChange.DeleteRule change, uint sequence)
    {
        writer.Begin(RTM_DELRULE, NLM_F_REQUEST | NLM_F_ACK, sequence);
        Body(writer, change.Rule);
        writer.End();
    }

    /// <summary>Null for families other than IPv4 and IPv6: multicast routing has rules too.</summary>
    public static Rule? Decode(in NetlinkMessage message)
    {
        if (message.Type is not (RTM_NEWRULE or RTM_DELRULE))
            return null;
        var header = message.Header<FibRuleHdr>();
        if (!Rtnetlink.Family.IsIP(header.family))
            return null;

        IPAddress? source = null, destination = null;
        uint priority = 0, table = header.table, suppress = NoSuppression;
        uint? mark = null, mask = null;
        string? incoming = null;
        byte protocol = 0;
        bool narrowed = header.tos != 0 || (header.flags & FIB_RULE_INVERT) != 0;
        foreach (var attribute in message.Attributes<FibRuleHdr>())
        {
            switch (attribute.Type)
            {
                case FRA_SRC: source = attribute.Address; break;
                case FRA_DST: destination = attribute.Address; break;
                case FRA_IIFNAME: incoming = attribute.Text; break;
                case FRA_PRIORITY: priority = attribute.U32; break;
                case FRA_TABLE: table = attribute.U32; break;
                case FRA_FWMARK: mark = attribute.U32; break;
                case FRA_FWMASK: mask = attribute.U32; break;
                case FRA_SUPPRESS_PREFIXLEN: suppress = attribute.U32; break;
                case FRA_PROTOCOL: protocol = attribute.U8; break;
                case FRA_PAD: break;
                default: narrowed = true; break;
            }
        }
        var family = header.family == AF_INET ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6;
        return new Rule(family, priority, table)
        {
            Source = Selector(header.family, source, header.src_len),
            Destination = Selector(header.family, destination, header.dst_len),
            IncomingInterface = incoming,
            FwMark = mark,
            FwMask = mask,
            SuppressPrefixLength = suppress == NoSuppression ? null : suppress,
            Protocol = protocol,
            Action = (RuleAction)header.action,
            Partial = narrowed || header.action != FR_ACT_TO_TBL,
            IsNarrowed = narrowed,
        };
    }

    private static IpPrefix? Selector(byte family, IPAddress? address, byte length) =>
        length == 0 ? null : Rtnetlink.Family.Prefix(family, address, length);

    private static void Body(MessageWriter writer, Rule rule)
    {
        writer.Header(new FibRuleHdr
        {
            family = rule.Family == AddressFamily.InterNetwork ? AF_INET : AF_INET6,
            dst_len = (byte)(rule.Destination?.Length ?? 0),
            src_len = (byte)(rule.Source?.Length ?? 0),
            table = rule.Table <= byte.MaxValue ? (byte)rule.Table : (byte)0,
            action = FR_ACT_TO_TBL,
        });
        writer.U32(FRA_PRIORITY, rule.Priority);
        writer.U32(FRA_TABLE, rule.Table);
        if (rule.Source is { } source)
            writer.Address(FRA_SRC, source.Address);
        if (rule.Destination is { } destination)
            writer.Address(FRA_DST, destination.Address);
        if (rule.IncomingInterface is { } incoming)
            writer.Text(FRA_IIFNAME, incoming);
        if (rule.FwMark is { } mark)
            writer.U32(FRA_FWMARK, mark);
        if (rule.FwMask is { } mask)
            writer.U32(FRA_FWMASK, mask);
        if (rule.SuppressPrefixLength is { } suppress)
            writer.U32(FRA_SUPPRESS_PREFIXLEN, suppress);
        if (rule.Protocol != 0)
            writer.U8(FRA_PROTOCOL, rule.Protocol);
    }
}
