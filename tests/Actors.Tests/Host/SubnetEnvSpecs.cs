using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>flannel's file, byte for byte.</summary>
public class SubnetEnvSpecs
{
    private static readonly IpPrefix V4 = IpPrefix.Parse("10.42.0.0/24");
    private static readonly IpPrefix V6 = IpPrefix.Parse("2001:cafe:42::/64");

    private static readonly NetworkConfig Dual =
        NetConf.Parse("""{ "Network": "10.42.0.0/16", "EnableIPv6": true, "IPv6Network": "2001:cafe:42::/56" }""");

    [Fact]
    public void Ipv4() => Assert.Equal(
        "FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.0.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n",
        SubnetEnv.Format(Dual with { IPv6 = null }, new LeaseSubnets(V4, null), 1450, ipMasq: true));

    [Fact]
    public void Ipv6() => Assert.Equal(
        "FLANNEL_IPV6_NETWORK=2001:cafe:42::/56\nFLANNEL_IPV6_SUBNET=2001:cafe:42::1/64\nFLANNEL_MTU=1430\nFLANNEL_IPMASQ=false\n",
        SubnetEnv.Format(Dual with { IPv4 = null }, new LeaseSubnets(null, V6), 1430, ipMasq: false));

    [Fact]
    public void Both_families() => Assert.Equal(
        "FLANNEL_NETWORK=10.42.0.0/16\nFLANNEL_SUBNET=10.42.0.1/24\n"
        + "FLANNEL_IPV6_NETWORK=2001:cafe:42::/56\nFLANNEL_IPV6_SUBNET=2001:cafe:42::1/64\nFLANNEL_MTU=1430\nFLANNEL_IPMASQ=true\n",
        SubnetEnv.Format(Dual, new LeaseSubnets(V4, V6), 1430, ipMasq: true));
}
