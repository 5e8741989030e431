using System.Collections.Immutable;

namespace AkkaOverlay.Kernel.Netfilter;

/// <summary>The families of nftables' tables that matter here (NFPROTO_*).</summary>
public enum TableFamily : byte
{
    Inet = NftablesConstants.NFPROTO_INET,
    IPv4 = NftablesConstants.NFPROTO_IPV4,
    IPv6 = NftablesConstants.NFPROTO_IPV6,
}

/// <summary>A table in which something was changed, and the chain where it was one or a rule of one.</summary>
public readonly record struct TouchedChain(TableFamily Family, string Table, string? Chain);

/// <summary>One transaction of nftables, complete. iptables-nft's changes are such too; those of iptables-legacy are told by nobody.</summary>
/// <param name="ProcessId">Who made it, in the first process namespace; 0 where nobody knows.</param>
/// <param name="PortId">Netlink port id of the maker: as a rule its process id where it lives.</param>
/// <param name="Overrun">Some was lost, or it was too much to tell: anything may have changed.</param>
public sealed record NetfilterEvent(int ProcessId, uint PortId, string ProcessName, ImmutableHashSet<TouchedChain> Touched, bool Overrun = false);
