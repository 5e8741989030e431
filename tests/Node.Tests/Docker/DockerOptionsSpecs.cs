using AkkaOverlay.Node.Docker;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>What mk-docker-opts.sh makes of a subnet.env.</summary>
public sealed class DockerOptionsSpecs
{
    private const string Whole = "FLANNEL_NETWORK=10.1.0.0/16\nFLANNEL_SUBNET=10.1.74.1/24\nFLANNEL_MTU=1472\nFLANNEL_IPMASQ=false\n";

    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public void Both_forms_are_the_scripts() => Assert.Equal(
        """
        DOCKER_OPT_BIP="--bip=10.1.74.1/24"
        DOCKER_OPT_IPMASQ="--ip-masq=true"
        DOCKER_OPT_MTU="--mtu=1472"
        DOCKER_OPTS=" --bip=10.1.74.1/24 --ip-masq=true --mtu=1472"

        """,
        Of(Whole).Format(Nothing, individual: true, "DOCKER_OPTS"));

    [Fact]
    public void One_who_masquerades_tells_Docker_not_to() => Assert.Equal(
        "DOCKER_OPTS=\" --bip=10.1.74.1/24 --ip-masq=false --mtu=1472\"\n",
        Of(Whole.Replace("IPMASQ=false", "IPMASQ=true", StringComparison.Ordinal)).Format(Nothing, individual: false, "DOCKER_OPTS"));

    [Fact]
    public void Without_ip_masq_nothing_is_said_of_it_whatever_stands_there() => Assert.Equal(
        "K=\" --bip=10.1.74.1/24 --mtu=1472\"\n",
        DockerOptions.From(SubnetEnvFile.Parse(Whole.Replace("=false", "=maybe", StringComparison.Ordinal)), saysIpMasq: false).Format(Nothing, individual: false, "K"));

    [Fact]
    public void What_was_set_before_stands_in_front_and_options_of_the_environment_are_sorted_in() => Assert.Equal(
        "DOCKER_OPT_BIP=\"--bip=10.1.74.1/24\"\nDOCKER_OPT_DEBUG=\"-D\"\nDOCKER_OPT_IPMASQ=\"--ip-masq=true\"\nDOCKER_OPT_MTU=\"--mtu=1472\"\n"
        + "DOCKER_OPTS=\"--icc=false  --bip=10.1.74.1/24 -D --ip-masq=true --mtu=1472\"\n",
        Of(Whole).Format(
            new Dictionary<string, string> { ["DOCKER_OPTS"] = "--icc=false", ["DOCKER_OPT_DEBUG"] = "-D", ["DOCKER_OPT_MTU"] = "of an earlier run", ["PATH"] = "/bin" },
            individual: true, "DOCKER_OPTS"));

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("FLANNEL_NETWORK=10.1.0.0/16\nFLANNEL_SUBNET=10.1.74.1/24\nFLANNEL_MTU=14", "half written")]
    [InlineData("FLANNEL_NETWORK=10.1.0.0/16\n", "FLANNEL_SUBNET is missing")]
    [InlineData("FLANNEL_SUBNET=10.1.74.1/24\n", "FLANNEL_MTU is missing")]
    [InlineData("FLANNEL_SUBNET=10.1.74.1/24\nFLANNEL_MTU=1472\n", "FLANNEL_IPMASQ is missing")]
    [InlineData("FLANNEL_SUBNET=10.1.74.1/24\nFLANNEL_MTU=1472\nFLANNEL_IPMASQ=yes\n", "Invalid value of FLANNEL_IPMASQ: yes")]
    [InlineData("FLANNEL_SUBNET=10.1.74.1\nFLANNEL_MTU=1472\nFLANNEL_IPMASQ=true\n", "FLANNEL_SUBNET '10.1.74.1'")]
    [InlineData("FLANNEL_SUBNET=fd00::1/64\nFLANNEL_MTU=1472\nFLANNEL_IPMASQ=true\n", "of the other family")]
    [InlineData("FLANNEL_SUBNET=10.1.74.1/24\nFLANNEL_MTU=67\nFLANNEL_IPMASQ=true\n", "FLANNEL_MTU '67'")]
    [InlineData("FLANNEL_SUBNET=10.1.74.1/24\nFLANNEL_MTU=big\nFLANNEL_IPMASQ=true\n", "FLANNEL_MTU 'big'")]
    [InlineData("FLANNEL_IPV6_SUBNET=fd00::1/64\nFLANNEL_MTU=1430\nFLANNEL_IPMASQ=true\n", "Docker's bridge needs an IPv4 subnet")]
    [InlineData("{}\n", "'{}' is not NAME=VALUE")]
    public void What_is_not_whole_is_refused(string text, string expected) => Assert.Contains(
        expected, Assert.Throws<FormatException>(() => Of(text)).Message, StringComparison.Ordinal);

    private static DockerOptions Of(string text) => DockerOptions.From(SubnetEnvFile.Parse(text), saysIpMasq: true);
}
