using System.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>IFLA_INFO_DATA of an ipip device (linux/if_tunnel.h). What is left out is as ip-link(8) has it: TTL of the inner packet, path MTU discovery.</summary>
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
        if (ipip.CollectMetadata)
            writer.Flag(IFLA_IPTUN_COLLECT_METADATA);
        writer.EndNested(data);
    }

    public static IpipSettings Decode(AttributeReader data)
    {
        IPAddress? local = null, remote = null;
        bool collectMetadata = false;
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                case IFLA_IPTUN_LOCAL: local = Given(attribute.Address); break;
                case IFLA_IPTUN_REMOTE: remote = Given(attribute.Address); break;
                case IFLA_IPTUN_COLLECT_METADATA: collectMetadata = true; break;
            }
        }
        return new IpipSettings(local, remote) { CollectMetadata = collectMetadata };
    }

    /// <summary>The kernel's "any" is 0.0.0.0.</summary>
    private static IPAddress? Given(IPAddress address) => address.Equals(IPAddress.Any) ? null : address;
}
