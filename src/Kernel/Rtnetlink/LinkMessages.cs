using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>RTM_NEWLINK, RTM_SETLINK, RTM_DELLINK and RTM_GETLINK. What differs by kind of device is in <see cref="VxlanMessages"/>.</summary>
internal static class LinkMessages
{
    private const string TunKind = "tun";

    private const ushort Create = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL;

    public static void Dump(MessageWriter writer)
    {
        writer.Header(default(IfInfoMsg));
        writer.U32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
    }

    public static void Find(MessageWriter writer, string name)
    {
        Dump(writer);
        writer.Text(IFLA_IFNAME, name);
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.CreateVxlan change, uint sequence)
    {
        writer.Begin(RTM_NEWLINK, Create, sequence);
        writer.Header(default(IfInfoMsg));
        writer.Text(IFLA_IFNAME, change.Name);
        writer.U32(IFLA_MTU, (uint)change.Mtu);
        writer.Mac(IFLA_ADDRESS, change.Address);
        int info = BeginKind(writer, VxlanMessages.Kind);
        VxlanMessages.Encode(writer, change.Vxlan);
        writer.EndNested(info);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.CreateIpip change, uint sequence)
    {
        int info = BeginTunnel(writer, change.Name, change.Mtu, IpipMessages.Kind, sequence);
        IpipMessages.Encode(writer, change.Ipip);
        writer.EndNested(info);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.CreateWireGuard change, uint sequence)
    {
        writer.EndNested(BeginTunnel(writer, change.Name, change.Mtu, "wireguard", sequence));
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.CreateVeth change, uint sequence)
    {
        writer.Begin(RTM_NEWLINK, Create, sequence);
        writer.Header(default(IfInfoMsg));
        writer.Text(IFLA_IFNAME, change.Name);
        int info = BeginKind(writer, "veth");
        int data = writer.BeginNested(IFLA_INFO_DATA);
        int peer = writer.BeginNested(VETH_INFO_PEER);
        writer.Header(default(IfInfoMsg));
        writer.Text(IFLA_IFNAME, change.PeerName);
        if (change.PeerNamespace is { } descriptor)
            writer.I32(IFLA_NET_NS_FD, descriptor);
        writer.EndNested(peer);
        writer.EndNested(data);
        writer.EndNested(info);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.CreateBridge change, uint sequence)
    {
        writer.Begin(RTM_NEWLINK, Create, sequence);
        writer.Header(default(IfInfoMsg));
        writer.Text(IFLA_IFNAME, change.Name);
        writer.EndNested(BeginKind(writer, "bridge"));
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.SetLink change, uint sequence)
    {
        writer.Begin(RTM_SETLINK, NLM_F_REQUEST | NLM_F_ACK, sequence);
        writer.Header(new IfInfoMsg
        {
            ifi_index = change.Index,
            ifi_flags = change.Up == true ? IFF_UP : 0,
            ifi_change = change.Up is null ? 0 : IFF_UP,
        });
        if (change.Mtu is { } mtu)
            writer.U32(IFLA_MTU, (uint)mtu);
        if (change.Address is { } address)
            writer.Mac(IFLA_ADDRESS, address);
        if (change.Master is { } master)
            writer.I32(IFLA_MASTER, master);
        if (change.TxQueueLength is { } queue)
            writer.I32(IFLA_TXQLEN, queue);
        if (change.Alias is { } alias)
            writer.Text(IFLA_IFALIAS, alias);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.SetVxlanLearning change, uint sequence)
    {
        // RTM_SETLINK passes over what is special to a kind of device.
        writer.Begin(RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK, sequence);
        writer.Header(new IfInfoMsg { ifi_index = change.Index });
        int info = BeginKind(writer, VxlanMessages.Kind);
        VxlanMessages.EncodeLearning(writer, change.Learning);
        writer.EndNested(info);
        writer.End();
    }

    public static void Encode(MessageWriter writer, RtnetlinkChange.DeleteLink change, uint sequence)
    {
        writer.Begin(RTM_DELLINK, NLM_F_REQUEST | NLM_F_ACK, sequence);
        writer.Header(new IfInfoMsg { ifi_index = change.Index });
        writer.End();
    }

    /// <summary>
    /// Null for messages of AF_BRIDGE: they tell of a bridge's port, not of a device, and their RTM_DELLINK means only that the port left.
    /// </summary>
    public static Link? Decode(in NetlinkMessage message)
    {
        if (message.Type is not (RTM_NEWLINK or RTM_DELLINK))
            return null;
        var header = message.Header<IfInfoMsg>();
        if (header.ifi_family != AF_UNSPEC)
            return null;

        string name = "";
        string? kind = null;
        int mtu = 0, master = 0, lower = 0;
        MacAddress? address = null;
        VxlanSettings? vxlan = null;
        TunSettings? tun = null;
        IpipSettings? ipip = null;
        string? alias = null;
        int queue = 0;
        foreach (var attribute in message.Attributes<IfInfoMsg>())
        {
            switch (attribute.Type)
            {
                case IFLA_IFNAME: name = attribute.Text; break;
                case IFLA_MTU: mtu = attribute.I32; break;
                case IFLA_MASTER: master = attribute.I32; break;
                case IFLA_LINK: lower = attribute.I32; break;
                case IFLA_ADDRESS: address = attribute.Mac; break;
                case IFLA_TXQLEN: queue = attribute.I32; break;
                case IFLA_IFALIAS: alias = attribute.Text; break;
                case IFLA_LINKINFO: (kind, vxlan, tun, ipip) = DecodeInfo(attribute.Nested); break;
            }
        }
        return new Link(header.ifi_index, name)
        {
            Kind = kind,
            Up = (header.ifi_flags & IFF_UP) != 0,
            Carrier = (header.ifi_flags & IFF_LOWER_UP) != 0,
            Loopback = (header.ifi_flags & IFF_LOOPBACK) != 0,
            Mtu = mtu,
            Address = address,
            Master = master,
            Lower = lower,
            Vxlan = vxlan,
            Tun = tun,
            Ipip = ipip,
            Alias = alias,
            TxQueueLength = queue,
        };
    }

    private static (string? Kind, VxlanSettings? Vxlan, TunSettings? Tun, IpipSettings? Ipip) DecodeInfo(AttributeReader info)
    {
        string? kind = null;
        var data = default(AttributeReader);
        foreach (var attribute in info)
        {
            if (attribute.Type == IFLA_INFO_KIND)
                kind = attribute.Text;
            else if (attribute.Type == IFLA_INFO_DATA)
                data = attribute.Nested;
        }
        return (
            kind,
            kind == VxlanMessages.Kind ? VxlanMessages.Decode(data) : null,
            kind == TunKind ? DecodeTun(data) : null,
            kind == IpipMessages.Kind ? IpipMessages.Decode(data) : null);
    }

    private static TunSettings DecodeTun(AttributeReader data)
    {
        bool tap = false, persistent = false, multiQueue = false;
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                // IFF_TAP.
                case IFLA_TUN_TYPE: tap = attribute.U8 == 2; break;
                case IFLA_TUN_PERSIST: persistent = attribute.U8 != 0; break;
                case IFLA_TUN_MULTI_QUEUE: multiQueue = attribute.U8 != 0; break;
            }
        }
        return new TunSettings(tap, persistent, multiQueue);
    }

    private static int BeginTunnel(MessageWriter writer, string name, int mtu, string kind, uint sequence)
    {
        writer.Begin(RTM_NEWLINK, Create, sequence);
        writer.Header(default(IfInfoMsg));
        writer.Text(IFLA_IFNAME, name);
        writer.U32(IFLA_MTU, (uint)mtu);
        return BeginKind(writer, kind);
    }

    private static int BeginKind(MessageWriter writer, string kind)
    {
        int info = writer.BeginNested(IFLA_LINKINFO);
        writer.Text(IFLA_INFO_KIND, kind);
        return info;
    }
}
