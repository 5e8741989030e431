using AkkaOverlay.Actors.Network;
using AkkaOverlay.Node.Docker;
using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Docker;

/// <summary>All of the rules or none, and one line that says why.</summary>
public sealed class DockerFirewallSpecs
{
    private const string Dual = "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.3.1/24\nFLANNEL_IPV6_NETWORK=fd42::/48\nFLANNEL_IPV6_SUBNET=fd42:0:0:3::1/64\nFLANNEL_MTU=1450\n";

    private readonly FakeIptables tools = new();

    [Fact]
    public void Three_tables_of_each_family()
    {
        Assert.Equal(6, Ensure().Count);
        Assert.Equal(
            [
                "iptables filter: -I DOCKER-USER 1 -s 10.244.0.0/16 -d 10.244.0.0/16", "iptables nat: -I POSTROUTING 1 -s 10.244.0.0/16 -d 10.244.0.0/16",
                "iptables raw: -I PREROUTING 1 -s 10.244.0.0/16 -d 10.244.3.0/24", "ip6tables filter: -I DOCKER-USER 1 -s fd42::/48 -d fd42::/48",
                "ip6tables nat: -I POSTROUTING 1 -s fd42::/48 -d fd42::/48", "ip6tables raw: -I PREROUTING 1 -s fd42::/48 -d fd42:0:0:3::/64",
            ],
            tools.Told);
    }

    [Fact]
    public void Where_one_table_is_refused_what_was_made_before_goes_again()
    {
        tools.Refused = ("ip6tables", "filter");
        // A host with another subnet before.
        tools.Saved[("iptables", "raw")] = "-A PREROUTING -s 10.244.0.0/16 -d 10.244.9.0/24 -m comment --comment akka-overlay-docker -j ACCEPT\n";
        var refused = Assert.Throws<StartException>(Ensure);
        Assert.Equal("ip6tables-restore refuses our rules: iptables-restore v1.8.9 (nf_tables): line 2: RULE_INSERT failed (Operation not supported)", refused.Message);
        Assert.Equal(
            [
                "iptables filter: -D DOCKER-USER -s 10.244.0.0/16 -d 10.244.0.0/16", "iptables nat: -D POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16",
                "iptables raw: -D PREROUTING -s 10.244.0.0/16 -d 10.244.3.0/24; -I PREROUTING 1 -s 10.244.0.0/16 -d 10.244.9.0/24",
            ],
            tools.Told[4..]);
    }

    [Theory]
    [InlineData("FLANNEL_IPV6_NETWORK=fd42::/48\n", "", "FLANNEL_IPV6_NETWORK is missing in subnet.env")]
    [InlineData("FLANNEL_NETWORK=10.244.0.0/16\n", "", "FLANNEL_NETWORK is missing in subnet.env")]
    [InlineData("10.244.0.0/16", "10.9.0.0/16", "subnet.env: 10.244.3.0/24 is no part of FLANNEL_NETWORK 10.9.0.0/16")]
    [InlineData("10.244.0.0/16", "0.0.0.0/0", "subnet.env: 10.244.3.0/24 is no part of FLANNEL_NETWORK 0.0.0.0/0")]
    [InlineData("fd42::/48", "fd42::/96", "subnet.env: fd42:0:0:3::/64 is no part of FLANNEL_IPV6_NETWORK fd42::/96")]
    public void A_subnet_file_that_cannot_be_right_changes_nothing_in_either_family(string right, string wrong, string message)
    {
        Assert.Equal(message, Assert.Throws<StartException>(() => Ensure(Dual.Replace(right, wrong, StringComparison.Ordinal))).Message);
        Assert.Empty(tools.Told);
    }

    [Fact]
    public void Who_may_not_look_is_told_so_and_not_that_Docker_does_not_run()
    {
        tools.Blind = "iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)\n";
        const string Message = "iptables-save: iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission denied (you must be root)";
        Assert.Equal(Message, Assert.Throws<StartException>(Ensure).Message);
        var (removed, errors) = new DockerFirewall(tools, NetworkName.Default).Remove();
        Assert.Empty(removed);
        Assert.Equal([Message, Message.Replace("iptables-save: ", "ip6tables-save: ", StringComparison.Ordinal)], errors);
    }

    [Fact]
    public void Without_Docker_in_a_family_that_must_have_it_nothing_is_done()
    {
        tools.Saved.Remove(("iptables", "filter"));
        Assert.StartsWith("iptables: there is no chain DOCKER-USER: start Docker first", Assert.Throws<StartException>(Ensure).Message, StringComparison.Ordinal);
        Assert.Empty(tools.Told);
    }

    /// <summary>A Docker without IPv6 has no chain there, and may have no program.</summary>
    [Fact]
    public void Without_ip6tables_IPv4_is_served()
    {
        tools.Missing.Add("ip6tables");
        Assert.Equal(3, Ensure().Count);
        tools.Missing.Add("iptables");
        Assert.StartsWith("iptables-save is not there", Assert.Throws<StartException>(Ensure).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_one_table_refuses_to_give_back_keeps_no_other()
    {
        tools.Refused = ("iptables", "filter");
        foreach (var (table, chain) in new[] { ("filter", "DOCKER-USER"), ("raw", "PREROUTING") })
            tools.Saved[("iptables", table)] = $":DOCKER-USER - [0:0]\n-A {chain} -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment akka-overlay-docker -j ACCEPT\n";
        var (removed, errors) = new DockerFirewall(tools, NetworkName.Default).Remove();
        Assert.StartsWith("iptables -t raw -A PREROUTING ", Assert.Single(removed), StringComparison.Ordinal);
        Assert.StartsWith("iptables-restore refuses our rules: ", Assert.Single(errors), StringComparison.Ordinal);
    }

    private IReadOnlyList<string> Ensure() => Ensure(Dual);

    private IReadOnlyList<string> Ensure(string subnetEnv) => new DockerFirewall(tools, NetworkName.Default).Ensure(SubnetEnvFile.Parse(subnetEnv));
}
