namespace AkkaOverlay.Actors.Extension;

/// <summary>The values that commands get, by their names in the environment; flannel's, and those of the other family.</summary>
public static class ExtensionNames
{
    public const string Network = "NETWORK";
    public const string IPv6Network = "IPV6NETWORK";
    public const string Subnet = "SUBNET";
    public const string IPv6Subnet = "IPV6SUBNET";
    public const string PublicIp = "PUBLIC_IP";
    public const string PublicIPv6 = "PUBLIC_IPV6";

    /// <summary>Before the lease counts.</summary>
    public static IReadOnlyList<string> OfHost { get; } = [Network, IPv6Network, PublicIp, PublicIPv6];

    /// <summary>Of this host with its lease.</summary>
    public static IReadOnlyList<string> OfLease { get; } = [Network, IPv6Network, Subnet, IPv6Subnet, PublicIp, PublicIPv6];

    /// <summary>Of another host: subnets and addresses are that one's.</summary>
    public static IReadOnlyList<string> OfPeer { get; } = OfLease;
}
