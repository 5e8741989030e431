using System.Collections.Immutable;
using System.Runtime.InteropServices;
using AkkaOverlay.Kernel.Netlink;
using static AkkaOverlay.Kernel.Netfilter.NftablesConstants;

namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>
/// Gathers nftables' notifications to transactions: the kernel tells of every object, and of the transaction's maker at the end (NFT_MSG_NEWGEN).
/// </summary>
internal sealed class TransactionReader
{
    /// <summary>A transaction that touches more chains is told as an overrun.</summary>
    internal const int MostChains = 1_000;

    private readonly HashSet<TouchedChain> touched = [];
    private bool tooMany;

    /// <returns>The transaction that the message ends; else null.</returns>
    /// <exception cref="NetlinkParseException">The message is broken.</exception>
    public NetfilterEvent? Read(in NetlinkMessage message)
    {
        if (message.Type >> 8 != NFNL_SUBSYS_NFTABLES)
            return null;
        int kind = message.Type & 0xff;
        if (kind == NFT_MSG_NEWGEN)
            return End(message);
        if (Touch(kind, message) is { } chain)
        {
            if (touched.Count < MostChains)
                touched.Add(chain);
            else
                tooMany |= !touched.Contains(chain);
        }
        return null;
    }

    /// <summary>What was gathered is not complete any more.</summary>
    public NetfilterEvent Lose()
    {
        touched.Clear();
        tooMany = false;
        return new NetfilterEvent(0, 0, "", [], Overrun: true);
    }

    private NetfilterEvent End(in NetlinkMessage message)
    {
        int process = 0;
        string name = "";
        foreach (var attribute in message.Attributes<NfGenMsg>())
        {
            if (attribute.Type == NFTA_GEN_PROC_PID)
                process = (int)attribute.U32BigEndian;
            else if (attribute.Type == NFTA_GEN_PROC_NAME)
                name = attribute.Text;
        }
        var ended = new NetfilterEvent(process, message.PortId, name, [.. touched], tooMany);
        touched.Clear();
        tooMany = false;
        return ended;
    }

    private static TouchedChain? Touch(int kind, in NetlinkMessage message)
    {
        var (tableAttribute, chainAttribute) = kind switch
        {
            NFT_MSG_NEWTABLE or NFT_MSG_DELTABLE => (NFTA_TABLE_NAME, (ushort)0),
            NFT_MSG_NEWCHAIN or NFT_MSG_DELCHAIN => (NFTA_CHAIN_TABLE, NFTA_CHAIN_NAME),
            NFT_MSG_NEWRULE or NFT_MSG_DELRULE => (NFTA_RULE_TABLE, NFTA_RULE_CHAIN),
            NFT_MSG_NEWSET or NFT_MSG_DELSET => (NFTA_SET_TABLE, (ushort)0),
            NFT_MSG_NEWSETELEM or NFT_MSG_DELSETELEM => (NFTA_SET_ELEM_LIST_TABLE, (ushort)0),
            _ => ((ushort)0, (ushort)0),
        };
        if (tableAttribute == 0)
            return null;
        string? table = null, chain = null;
        foreach (var attribute in message.Attributes<NfGenMsg>())
        {
            if (attribute.Type == tableAttribute)
                table = attribute.Text;
            else if (chainAttribute != 0 && attribute.Type == chainAttribute)
                chain = attribute.Text;
        }
        return table is null ? null : new TouchedChain((TableFamily)message.Header<NfGenMsg>().nfgen_family, table, chain);
    }

    /// <summary>struct nfgenmsg of linux/netfilter/nfnetlink.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct NfGenMsg
    {
        public readonly byte nfgen_family;
        public readonly byte version;
        public readonly ushort res_id;
    }
}
