using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Rtnetlink.RtnetlinkConstants;

namespace AkkaOverlay.Kernel.Rtnetlink;

/// <summary>IFLA_INFO_DATA of a vxlan device (linux/if_link.h).</summary>
internal static class VxlanMessages
{
    public const string Kind = "vxlan";

    public static void Encode(MessageWriter writer, VxlanSettings vxlan)
    {
        int data = writer.BeginNested(IFLA_INFO_DATA);
        writer.U32(IFLA_VXLAN_ID, vxlan.Vni);
        writer.U16BigEndian(IFLA_VXLAN_PORT, vxlan.Port);
        writer.U8(IFLA_VXLAN_LEARNING, vxlan.Learning ? (byte)1 : (byte)0);
        if (vxlan.Local is { } local)
            writer.Address(local.BitLength() == 32 ? IFLA_VXLAN_LOCAL : IFLA_VXLAN_LOCAL6, local);
        if (vxlan.Group is { } group)
            writer.Address(group.BitLength() == 32 ? IFLA_VXLAN_GROUP : IFLA_VXLAN_GROUP6, group);
        if (vxlan.Lower != 0)
            writer.I32(IFLA_VXLAN_LINK, vxlan.Lower);
        if (vxlan.L2Miss)
            writer.U8(IFLA_VXLAN_L2MISS, 1);
        if (vxlan.L3Miss)
            writer.U8(IFLA_VXLAN_L3MISS, 1);
        if (vxlan.CollectMetadata)
            writer.U8(IFLA_VXLAN_COLLECT_METADATA, 1);
        // A flag: its presence switches it on, whatever it holds.
        if (vxlan.Gbp)
            writer.Flag(IFLA_VXLAN_GBP);
        writer.EndNested(data);
    }

    /// <summary>Alone: every setting that is not named stays.</summary>
    public static void EncodeLearning(MessageWriter writer, bool learning)
    {
        int data = writer.BeginNested(IFLA_INFO_DATA);
        writer.U8(IFLA_VXLAN_LEARNING, learning ? (byte)1 : (byte)0);
        writer.EndNested(data);
    }

    public static VxlanSettings Decode(AttributeReader data)
    {
        uint vni = 0;
        ushort port = 0;
        int lower = 0;
        IPAddress? local = null, group = null;
        bool learning = false, gbp = false, l2Miss = false, l3Miss = false, collectMetadata = false;
        foreach (var attribute in data)
        {
            switch (attribute.Type)
            {
                case IFLA_VXLAN_ID: vni = attribute.U32; break;
                case IFLA_VXLAN_PORT: port = attribute.U16BigEndian; break;
                case IFLA_VXLAN_LINK: lower = attribute.I32; break;
                case IFLA_VXLAN_LOCAL or IFLA_VXLAN_LOCAL6: local = attribute.Address; break;
                case IFLA_VXLAN_GROUP or IFLA_VXLAN_GROUP6: group = attribute.Address; break;
                case IFLA_VXLAN_LEARNING: learning = attribute.U8 != 0; break;
                case IFLA_VXLAN_L2MISS: l2Miss = attribute.U8 != 0; break;
                case IFLA_VXLAN_L3MISS: l3Miss = attribute.U8 != 0; break;
                case IFLA_VXLAN_COLLECT_METADATA: collectMetadata = attribute.U8 != 0; break;
                case IFLA_VXLAN_GBP: gbp = true; break;
            }
        }
        return new VxlanSettings(vni, port)
        {
            Local = local,
            Lower = lower,
            Learning = learning,
            Gbp = gbp,
            L2Miss = l2Miss,
            L3Miss = l3Miss,
            CollectMetadata = collectMetadata,
            Group = group,
        };
    }
}
