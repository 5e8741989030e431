using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Node.Doctor;
using AkkaOverlay.Node.Doctor.Checks;
using static AkkaOverlay.Node.Tests.Doctor.HealthyHost;

namespace AkkaOverlay.Node.Tests.Doctor;

/// <summary>Which command lets the overlay through, and for which IP version.</summary>
public sealed class ForwardFilterSpecs
{
    private const string AdminsPolicy = """{"chain":{"family":"inet","table":"admin","name":"forward","handle":1,"hook":"forward","type":"filter","prio":5,"policy":"drop"}}""";

    private static readonly DoctorFacts Dual = Facts with
    {
        Network = NetConf.Parse("""{"Network":"10.244.0.0/16","EnableIPv6":true,"IPv6Network":"fd42::/56"}"""),
        Own = [IpPrefix.Parse("10.244.1.0/24"), IpPrefix.Parse("fd42:0:0:1::/64")],
    };

    [Fact]
    public void Each_family_is_told_with_its_own_tool() => Assert.Equal(
        ["iptables -I DOCKER-USER -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT", "ip6tables -I DOCKER-USER -s fd42::/56 -d fd42::/56 -j ACCEPT"],
        Mends(Dual.Filtering([.. DockersForward("ip"), .. DockersForward("ip6")]).Running("dockerd")));

    [Fact]
    public void A_chain_of_both_families_gets_an_accept_for_each() => Assert.Equal(
        ["nft add rule inet admin forward ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept", "nft add rule inet admin forward ip6 saddr fd42::/56 ip6 daddr fd42::/56 accept"],
        Mends(Dual.Filtering([AdminsPolicy])));

    [Fact]
    public void Dockers_chain_is_not_named_where_another_table_drops()
    {
        string[] accepting = [.. DockersForward("ip").Select(item => item.Replace("\"drop\"", "\"accept\"", StringComparison.Ordinal))];
        Assert.Equal(["nft add rule inet admin forward ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept"], Mends(Facts.Filtering([.. accepting, AdminsPolicy]).Running("dockerd")));
    }

    [Fact]
    public void Dockers_chain_is_not_named_where_the_drop_comes_before_it()
    {
        const string first = """{"rule":{"family":"ip","table":"filter","chain":"FORWARD","handle":2,"expr":[{"drop":null}]}}""";
        var items = DockersForward("ip").ToList();
        items.Insert(2, first);
        Assert.Equal(["iptables -I FORWARD 1 -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT"], Mends(Facts.Filtering(items).Running("dockerd")));
    }

    [Fact]
    public void Dockers_chain_is_not_named_where_Docker_runs_without_it() => Assert.Equal(
        ["nft add rule ip t c ip saddr 10.244.0.0/16 ip daddr 10.244.0.0/16 accept"], Mends(Facts.Filtering("forward filter", "drop").Running("dockerd")));

    [Fact]
    public void The_other_end_is_a_host_that_there_is()
    {
        const string drop = """{"match":{"op":"==","left":{"payload":{"protocol":"ip","field":"daddr"}},"right":{"prefix":{"addr":"10.244.9.0","len":24}}}},{"drop":null}""";
        Assert.Single(Mends(Facts.Filtering("forward filter", "accept", drop) with { Leases = [Lease(Mine, 1), Lease(Peer, 9)] }));
        Assert.Empty(Mends(Facts.Filtering("forward filter", "accept", drop)));
    }

    private static IEnumerable<string> Mends(DoctorFacts facts) => new ForwardFilterCheck().Look(facts).Select(finding => finding.Mend);
}
