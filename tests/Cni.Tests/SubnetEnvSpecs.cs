namespace AkkaOverlay.Cni.Tests;

public sealed class SubnetEnvSpecs
{
    private const string Dual = """
        FLANNEL_NETWORK=10.42.0.0/16
        FLANNEL_SUBNET=10.42.3.1/24
        FLANNEL_IPV6_NETWORK=2001:cafe:42::/56
        FLANNEL_IPV6_SUBNET=2001:cafe:42:3::1/64
        FLANNEL_MTU=1430
        FLANNEL_IPMASQ=false

        """;

    [Fact]
    public void Both_families_are_read()
    {
        var env = SubnetEnv.Parse(Dual);
        Assert.Equal(["10.42.0.0/16", "2001:cafe:42::/56"], env.Networks.Select(network => network.ToString()));
        Assert.Equal(["10.42.3.0/24", "2001:cafe:42:3::/64"], env.Subnets.Select(subnet => subnet.ToString()));
        Assert.Equal(1430, env.Mtu);
        Assert.False(env.IpMasq);
    }

    /// <summary>As flannel writes it for several networks.</summary>
    [Fact]
    public void A_list_of_networks_loses_its_duplicates() =>
        Assert.Equal(["10.1.0.0/16", "10.2.0.0/16"],
            SubnetEnv.Parse("FLANNEL_NETWORK=10.1.0.0/16,10.2.0.0/16,10.1.0.0/16\nFLANNEL_SUBNET=10.1.3.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n").Networks.Select(network => network.ToString()));

    [Fact]
    public void What_it_does_not_know_it_passes_over() => Assert.Equal(1450, SubnetEnv.Parse("# words\nOTHER=1\n\n" + Desk.SubnetEnvOf()).Mtu);

    /// <summary>Cut off anywhere, it is refused, or says what it said whole.</summary>
    [Fact]
    public void No_half_of_it_passes_for_another()
    {
        var whole = SubnetEnv.Parse(Dual);
        for (int length = 0; length < Dual.Length; length++)
        {
            if (Record.Exception(() => SubnetEnv.Parse(Dual[..length])) is { } refused)
                Assert.IsType<FormatException>(refused);
            else
                Assert.Equal(whole.Subnets, SubnetEnv.Parse(Dual[..length]).Subnets);
        }
    }

    [Theory]
    [InlineData("FLANNEL_SUBNET=10.244.1.1/24", "FLANNEL_SUBNET=10.244.1.1", "FLANNEL_SUBNET '10.244.1.1' is no IPv4 prefix")]
    [InlineData("FLANNEL_SUBNET=10.244.1.1/24", "FLANNEL_SUBNET=fd00::1/64", "FLANNEL_SUBNET 'fd00::1/64' is no IPv4 prefix")]
    [InlineData("FLANNEL_SUBNET=10.244.1.1/24", "FLANNEL_SUBNET=10.244.1.1/31", "FLANNEL_SUBNET '10.244.1.1/31' has no room for a bridge and a container")]
    [InlineData("FLANNEL_SUBNET=10.244.1.1/24", "X=", "FLANNEL_SUBNET is missing")]
    [InlineData("FLANNEL_NETWORK=10.244.0.0/16", "X=", "FLANNEL_NETWORK is missing")]
    [InlineData("FLANNEL_NETWORK=10.244.0.0/16", "FLANNEL_NETWORK=10.244.0.0/16,", "FLANNEL_NETWORK '' is no IPv4 prefix")]
    [InlineData("FLANNEL_MTU=1450", "FLANNEL_MTU=14x", "FLANNEL_MTU '14x' is no number of octets from 68 to 65535")]
    [InlineData("FLANNEL_MTU=1450", "FLANNEL_MTU=14", "FLANNEL_MTU '14' is no number of octets from 68 to 65535")]
    [InlineData("FLANNEL_MTU=1450", "FLANNEL_MTU=", "FLANNEL_MTU '' is no number of octets from 68 to 65535")]
    [InlineData("FLANNEL_IPMASQ=true", "FLANNEL_IPMASQ=t", "FLANNEL_IPMASQ 't' is neither true nor false")]
    [InlineData("FLANNEL_IPMASQ=true", "", "FLANNEL_IPMASQ is missing")]
    public void A_wrong_value_is_named(string right, string wrong, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => SubnetEnv.Parse(Desk.SubnetEnvOf().Replace(right, wrong, StringComparison.Ordinal))).Message);

    [Fact]
    public void What_is_not_there_is_said_with_its_path() =>
        Assert.Equal("/nowhere/subnet.env is not there: the host has no subnet yet", Assert.Throws<FormatException>(() => SubnetEnv.Read("/nowhere/subnet.env")).Message);
}
