namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>Spelled as in linux/netfilter/nfnetlink.h and linux/netfilter/nf_tables.h.</summary>
internal static class NftablesConstants
{
    public const uint NFNLGRP_NFTABLES = 7;

    public const int NFNL_SUBSYS_NFTABLES = 10;

    public const int NFT_MSG_NEWTABLE = 0;
    public const int NFT_MSG_DELTABLE = 2;
    public const int NFT_MSG_NEWCHAIN = 3;
    public const int NFT_MSG_DELCHAIN = 5;
    public const int NFT_MSG_NEWRULE = 6;
    public const int NFT_MSG_DELRULE = 8;
    public const int NFT_MSG_NEWSET = 9;
    public const int NFT_MSG_DELSET = 11;
    public const int NFT_MSG_NEWSETELEM = 12;
    public const int NFT_MSG_DELSETELEM = 14;
    public const int NFT_MSG_NEWGEN = 15;

    public const ushort NFTA_TABLE_NAME = 1;
    public const ushort NFTA_CHAIN_TABLE = 1;
    public const ushort NFTA_CHAIN_NAME = 3;
    public const ushort NFTA_RULE_TABLE = 1;
    public const ushort NFTA_RULE_CHAIN = 2;
    public const ushort NFTA_SET_TABLE = 1;
    public const ushort NFTA_SET_ELEM_LIST_TABLE = 1;
    public const ushort NFTA_GEN_PROC_PID = 2;
    public const ushort NFTA_GEN_PROC_NAME = 3;

    /// <summary>NFPROTO_* of linux/netfilter.h: a table's family.</summary>
    public const byte NFPROTO_INET = 1;
    public const byte NFPROTO_IPV4 = 2;
    public const byte NFPROTO_IPV6 = 10;
}
