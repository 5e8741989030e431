using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Rtnetlink;
using static AkkaOverlay.Kernel.Netlink.NetlinkConstants;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Fuzz.Targets;

/// <summary>
/// Genuine messages. What asks the kernel for an object has the form of what tells of it, so most are written by the product's own encoders;
/// the rest as linux/rtnetlink.h and linux/netlink.h say.
/// </summary>
internal static class NetlinkSamples
{
    private const uint Sequence = 1;

    private static readonly MacAddress Mac = new(0x0200_0000_0001);
    private static readonly IPAddress V4 = IPAddress.Parse("192.0.2.9");
    private static readonly IPAddress V6 = IPAddress.Parse("2001:db8::9");

    public static byte[] Done { get; } = Write(writer =>
    {
        writer.Begin(NLMSG_DONE, 2, Sequence);
        writer.Header(0);
        writer.End();
    });

    public static IReadOnlyList<byte[]> Links { get; } =
    [
        Write(writer => LinkMessages.Encode(writer, new RtnetlinkChange.CreateVxlan("flannel.1", new VxlanSettings(1, 8472) { Local = V4, Lower = 2, Gbp = true }, 1450, Mac), Sequence)),
        Write(writer => LinkMessages.Encode(writer, new RtnetlinkChange.CreateVxlan("flannel-v6.1", new VxlanSettings(1, 8472) { Local = V6, Group = V6, L2Miss = true, L3Miss = true }, 1430, Mac), Sequence)),
        Write(writer => LinkMessages.Encode(writer, new RtnetlinkChange.CreateVeth("eth0", "eth0p", 7), Sequence)),
        Write(writer => LinkMessages.Encode(writer, new RtnetlinkChange.CreateBridge("cni0"), Sequence)),
    ];

    public static IReadOnlyList<byte[]> Addresses { get; } =
    [
        Write(writer => AddressMessages.Encode(writer, new RtnetlinkChange.PutAddress(new InterfaceAddress(2, IpPrefix.Parse("192.0.2.1/24"))), Sequence)),
        Write(writer => AddressMessages.Encode(writer, new RtnetlinkChange.PutAddress(new InterfaceAddress(2, IpPrefix.Parse("2001:db8::1/64")) { Flags = AddressFlags.NoDad }), Sequence)),
    ];

    public static IReadOnlyList<byte[]> Routes { get; } =
    [
        Route(new Route(IpPrefix.Parse("10.1.2.0/24")) { Gateway = V4, Interface = 2, OnLink = true, Protocol = 77, Mtu = 1400, PreferredSource = V4, Metric = 5 }),
        Route(new Route(IpPrefix.Parse("10.1.2.0/24")) { Gateway = V6, Interface = 2, Table = 5000 }),
        Route(new Route(IpPrefix.Parse("fd00::/64")) { Gateway = V6, Interface = 2, Protocol = 77 }),
        Route(new Route(IpPrefix.Parse("0.0.0.0/0")) { Type = RouteType.Blackhole }),
        Write(writer =>
        {
            writer.Begin(RTM_NEWROUTE, 2, Sequence);
            writer.Header(new RtMsg { rtm_family = AF_INET, rtm_dst_len = 16, rtm_table = 254, rtm_type = 1 });
            writer.Address(RTA_DST, IPAddress.Parse("10.1.0.0"));
            // struct rtnexthop: rtnh_len, rtnh_flags, rtnh_hops, rtnh_ifindex; then attributes.
            int hops = writer.BeginNested(RTA_MULTIPATH);
            writer.Header(0x0000_0010);
            writer.Header(2);
            writer.Address(RTA_GATEWAY, V4);
            writer.EndNested(hops);
            writer.End();
        }),
    ];

    public static IReadOnlyList<byte[]> Neighbours { get; } =
    [
        Neighbour(new Neighbour(3, V4) { LinkLayer = Mac, State = NeighbourState.Permanent, Protocol = 77 }),
        Neighbour(new Neighbour(3, V6) { State = NeighbourState.Permanent }),
    ];

    public static IReadOnlyList<byte[]> Fdb { get; } =
    [
        Write(writer => FdbMessages.Encode(writer, new RtnetlinkChange.PutFdb(new FdbEntry(3, Mac) { Destination = V4, State = NeighbourState.Permanent, Vni = 7, Port = 4789 }), Sequence)),
        Write(writer => FdbMessages.Encode(writer, new RtnetlinkChange.PutFdb(new FdbEntry(3, MacAddress.Zero) { Destination = V6 }), Sequence)),
    ];

    /// <summary>One of each, and several in a datagram.</summary>
    public static IReadOnlyList<byte[]> Objects { get; } =
    [
        .. Links, .. Addresses, .. Routes, .. Neighbours, .. Fdb,
        [.. Links[0], .. Routes[0], .. Neighbours[0], .. Fdb[0]],
    ];

    public static IReadOnlyList<byte[]> Acknowledgements { get; } =
    [
        Done,
        Acknowledge(0, 0, NLM_F_CAPPED, whole: false, text: null),
        Acknowledge(-17, 0, NLM_F_CAPPED, whole: false, text: null),
        Acknowledge(-22, 0, NLM_F_CAPPED | NLM_F_ACK_TLVS, whole: false, text: "Invalid attribute"),
        Acknowledge(-22, 4, NLM_F_ACK_TLVS, whole: true, text: "Nexthop has invalid gateway"),
        Acknowledge(-22, 4, NLM_F_ACK_TLVS, whole: true, text: null),
    ];

    private static byte[] Route(Route route) => Write(writer => RouteMessages.Encode(writer, new RtnetlinkChange.PutRoute(route, Replace: true), Sequence));

    private static byte[] Neighbour(Neighbour neighbour) => Write(writer => NeighbourMessages.Encode(writer, new RtnetlinkChange.PutNeighbour(neighbour), Sequence));

    /// <summary>struct nlmsgerr: the errno, the request or only its header, then NLMSGERR_ATTR_*.</summary>
    private static byte[] Acknowledge(int error, uint missing, int flags, bool whole, string? text) => Write(writer =>
    {
        byte[] request = whole ? Links[3] : [.. Links[3][..16]];
        writer.Begin(NLMSG_ERROR, (ushort)flags, Sequence);
        writer.Header(error);
        foreach (int word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(request))
            writer.Header(word);
        if (text is not null)
            writer.Text(NLMSGERR_ATTR_MSG, text);
        if (missing != 0)
            writer.U32(NLMSGERR_ATTR_MISS_TYPE, missing);
        writer.End();
    });

    private static byte[] Write(Action<MessageWriter> write)
    {
        var writer = new MessageWriter(256);
        write(writer);
        return writer.Written.ToArray();
    }
}
