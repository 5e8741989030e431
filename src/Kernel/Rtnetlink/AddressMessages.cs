using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>RTM_NEWADDR, RTM_DELADDR and RTM_GETADDR (linux/if_addr.h).</summary>
internal static class AddressMessages
{
    private const AddressFlags Known = InterfaceAddress.KernelFlags | AddressFlags.NoDad;

    public static void Dump(MessageWriter writer, byte family, int interfaceIndex) =>
        writer.Header(new IfAddrMsg { ifa_family = family, ifa_index = interfaceIndex });

    public static void Encode(MessageWriter writer, RtnetlinkChange.PutAddress change, uint sequence)
    {
        writer.Begin(RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, sequence);
        Body(writer, change.Address);
        writer.U32(IFA_FLAGS, (uint)change.Address.Flags);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.DeleteAddress change, uint sequence)
    {
        writer.Begin(RTM_DELADDR, NLM_F_REQUEST | NLM_F_ACK, sequence);
        Body(writer, change.Address);
        writer.End();
    }

    /// <summary>Null for families other than IPv4 and IPv6. Flags without a name in <see cref="AddressFlags"/> are left out.</summary>
    public static InterfaceAddress? Decode(in NetlinkMessage message)
    {
        if (message.Type is not (RTM_NEWADDR or RTM_DELADDR))
            return null;
        var header = message.Header<IfAddrMsg>();
        if (!Family.IsIP(header.ifa_family))
            return null;

        IPAddress? local = null, address = null;
        uint flags = header.ifa_flags;
        foreach (var attribute in message.Attributes<IfAddrMsg>())
        {
            switch (attribute.Type)
            {
                case IFA_LOCAL: local = attribute.Address; break;
                case IFA_ADDRESS: address = attribute.Address; break;
                case IFA_FLAGS: flags = attribute.U32; break;
            }
        }
        return new InterfaceAddress(header.ifa_index, Family.Prefix(header.ifa_family, local ?? address, header.ifa_prefixlen))
        {
            Scope = (RouteScope)header.ifa_scope,
            Flags = (AddressFlags)flags & Known,
        };
    }

    private static void Body(MessageWriter writer, InterfaceAddress address)
    {
        writer.Header(new IfAddrMsg
        {
            ifa_family = Family.Of(address.Address),
            ifa_prefixlen = (byte)address.Prefix.Length,
            ifa_scope = (byte)address.Scope,
            ifa_index = address.Interface,
        });
        writer.Address(IFA_LOCAL, address.Address);
        writer.Address(IFA_ADDRESS, address.Address);
    }
}

/// <summary>Address families of rtnetlink's headers.</summary>
internal static class Family
{
    public static byte Of(IPAddress address) => address.BitLength() == 32 ? AF_INET : AF_INET6;

    public static bool IsIP(byte family) => family is AF_INET or AF_INET6;

    /// <summary>An address with a prefix length; a missing address is all zeros, as in a default route.</summary>
    /// <exception cref="NetlinkParseException">Address and length do not fit the family.</exception>
    public static IpPrefix Prefix(byte family, IPAddress? address, int length)
    {
        address ??= family == AF_INET ? IPAddress.Any : IPAddress.IPv6Any;
        return Of(address) == family && length <= address.BitLength()
            ? new IpPrefix(address, length)
            : throw new NetlinkParseException($"{address}/{length} is no prefix of family {family}.");
    }
}
