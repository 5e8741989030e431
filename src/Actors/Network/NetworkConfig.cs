using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Network;

/// <summary>
/// What a net-conf file means once every default is filled in; files that mean the same give equal values. At least one pool is set.
/// </summary>
public sealed record NetworkConfig
{
    /// <summary>The IPv4 subnets; null when <c>EnableIPv4</c> is false.</summary>
    public SubnetPool? IPv4 { get; init; }

    /// <summary>The IPv6 subnets; null when <c>EnableIPv6</c> is false.</summary>
    public SubnetPool? IPv6 { get; init; }

    public bool EnableIPv4 => IPv4 is not null;

    public bool EnableIPv6 => IPv6 is not null;

    /// <summary>Packet filter rules go through nftables and not through iptables.</summary>
    public bool EnableNFTables { get; init; }

    public BackEndConfig BackEnd { get; init; } = new VxlanConfig();

    /// <summary>Destinations that are never masqueraded, even with <c>--ip-masq</c>. Ascending, distinct, without host bits.</summary>
    public EquatableArray<IpPrefix> MasqExclude { get; init; }
}
