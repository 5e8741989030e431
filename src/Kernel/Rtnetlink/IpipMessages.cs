using System.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>IFLA_INFO_DATA of an ipip device (linux/if_tunnel.h). Without IFLA_IPTUN_PMTUDISC the kernel would set it (net/ipv4/ipip.c, ipip_netlink_parms).</summary>
internal static class IpipMessages
{
    public const string Kind = "ipip";

    public static void Encode(MessageWriter writer, IpipSettings ipip)
    {
        int data = writer.BeginNested(IFLA_INFO_DATA);
        if (ipip.Local is { } local)
            writer.Address(IFLA_IPTUN_LOCAL, local);
        if (ipip.Remote is { } remote)
            writer.Address(IFLA_IPTUN_REMOTE, remote);
        writer.U8(IFLA_IPTUN_TTL, ipip.Ttl);
        writer.U8(IFLA_IPTUN_PMTUDISC, (byte)(ipip.PathMtuDiscovery ? 1 : 0));
        if (ipip.CollectMetadata)
            writer.Flag(IFLA_IPTUN_COLLECT_METADATA);
        writer.EndNested(data);
    }

    public static IpipSettings Decode(AttributeReader data)
    {
        IPAddress? local = null, remote = null;
        byte ttl = 0;
        bool pathMtuDiscovery = false, collectMetadata = false;
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                case IFLA_IPTUN_LOCAL: local = Given(attribute.Address); break;
                case IFLA_IPTUN_REMOTE: remote = Given(attribute.Address); break;
                case IFLA_IPTUN_TTL: ttl = attribute.U8; break;
                case IFLA_IPTUN_PMTUDISC: pathMtuDiscovery = attribute.U8 != 0; break;
                case IFLA_IPTUN_COLLECT_METADATA: collectMetadata = true; break;
            }
        }
        return new IpipSettings(local, remote) { Ttl = ttl, PathMtuDiscovery = pathMtuDiscovery, CollectMetadata = collectMetadata };
    }

    /// <summary>The kernel's "any" is 0.0.0.0.</summary>
    private static IPAddress? Given(IPAddress address) => address.Equals(IPAddress.Any) ? null : address;
}
