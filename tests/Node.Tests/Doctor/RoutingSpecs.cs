using System.Net;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Node.Doctor;
using static AkkaOverlay.Node.Tests.Doctor.HealthyHost;

namespace AkkaOverlay.Node.Tests.Doctor;

/// <summary>Routes and rules of others: which take packets from ours, and which do not.</summary>
public sealed class RoutingSpecs
{
    private const string None = "";

    private static readonly (string What, DoctorFacts Facts, string Found)[] Cases =
    [
        ("more specific", With(Route("10.244.2.0/25", 2, 3)), "bites foreign-routes"),
        ("in our route's place", With(Route("10.244.2.0/24", 2, 3)), "bites foreign-routes"),
        ("in the place of ours, which is missing", Facts with { Routes = [.. Facts.Routes.Where(route => route.Protocol != 77), Route("10.244.2.0/24", 2, 3)] }, "bites foreign-routes"),
        ("behind ours", With(Route("10.244.2.0/24", 2, 3) with { Metric = 100 }), None),
        ("less specific than ours", With(Route("10.244.0.0/17", 2, 3)), None),
        ("the whole network's", With(Route("10.244.0.0/16", 2, 3)), None),
        ("less specific than what is missing", Facts with { Routes = [.. Facts.Routes.Where(route => route.Protocol != 77), Route("10.244.0.0/17", 2, 3)] }, None),
        ("of a subnet that nobody has yet", With(Route("10.244.99.0/24", 2, 3)), "note foreign-routes"),
        ("a container's own", With(Route("10.244.1.7/32", 9, 3)), None),
        ("a table that no rule leads to", With(Route("10.244.2.0/25", 2, 3) with { Table = 55 }), None),
        ("a table that a rule leads to", With(Route("10.244.2.0/25", 2, 3) with { Table = 55 }, Rule(50, 55)), "bites foreign-rules"),
        ("a table that is asked after ours", With(Route("10.244.2.0/25", 2, 3) with { Table = 55 }, Rule(32770, 55)), None),
        ("a throw", With(Route("10.0.0.0/8", 0, 3) with { Table = 55, Type = RouteType.Throw }, Rule(50, 55)), None),
        ("a default route that the rule suppresses", With(Route("0.0.0.0/0", 2, 3) with { Table = 55 }, Rule(50, 55) with { SuppressPrefixLength = 0 }), None),
        ("a longer route that it does not", With(Route("10.0.0.0/8", 2, 3) with { Table = 55 }, Rule(50, 55) with { SuppressPrefixLength = 0 }), "bites foreign-rules"),
        ("a VPN behind the main table's specific routes", With(Route("0.0.0.0/0", 2, 3) with { Table = 55 }, Rule(100, 254) with { SuppressPrefixLength = 0 }, Rule(101, 55)), None),
        ("containers' own subnet in another table", With(Route("10.244.1.0/24", 2, 3) with { Table = 55 }, Rule(50, 55)), None),
        ("a rule for some users or ports", With(Route("0.0.0.0/0", 2, 3) with { Table = 55 }, Rule(50, 55) with { Partial = true, IsNarrowed = true }), "note foreign-rules"),
        ("one that refuses some ports", With(Rule(50, 0) with { Action = RuleAction.Prohibit, Partial = true, IsNarrowed = true }), "note foreign-rules"),
        ("one that refuses all", With(Rule(50, 0) with { Action = RuleAction.Prohibit, Partial = true }), "bites foreign-rules"),
        ("one that refuses what ours has not taken", With(Rule(32767, 0) with { Action = RuleAction.Prohibit, Partial = true }), None),
        ("udp: more specific than the network", InUdp(Route("10.244.0.0/17", 2, 3)), "bites foreign-routes"),
        ("udp: no host's", InUdp(Route("10.244.128.0/17", 2, 3)), "note foreign-routes"),
        ("udp: less specific", InUdp(Route("10.0.0.0/8", 2, 3)), None),
        ("own table: main is asked later", InOwnTable(Route("10.244.2.0/25", 2, 3)), None),
        ("own table: a rule that leads to main first", InOwnTable(Route("10.244.2.0/25", 2, 3), Rule(100, 254)), "bites foreign-rules"),
        ("own table: in it", InOwnTable(Route("10.244.2.0/25", 2, 3) with { Table = 700 }), "bites foreign-routes"),
    ];

    public static TheoryData<string> Names => [.. Cases.Select(one => one.What)];

    [Theory]
    [MemberData(nameof(Names))]
    public void What_takes_packets_away_is_found_and_nothing_else(string what)
    {
        var findings = AllChecks.Judge(Cases.Single(one => one.What == what).Facts).Findings;
        Assert.Equal(Cases.Single(one => one.What == what).Found, string.Join(", ", findings.Select(finding => $"{(finding.Bites ? "bites" : "note")} {finding.Check}")));
    }

    [Fact]
    public void A_rule_that_is_not_fully_seen_is_shown_and_not_deleted() =>
        Assert.Equal("ip rule show priority 50", Assert.Single(AllChecks.Judge(With(Rule(50, 0) with { Action = RuleAction.Prohibit, Partial = true, IsNarrowed = true })).Findings).Mend);

    [Fact]
    public void The_route_itself_is_named_and_no_other_to_the_same_place() => Assert.Equal(
        "ip route del 10.244.2.0/25 via 192.168.7.99",
        Assert.Single(AllChecks.Judge(With(Route("10.244.2.0/25", 2, 3) with { Gateway = IPAddress.Parse("192.168.7.99") })).Findings).Mend);

    private static DoctorFacts With(Route route, params Rule[] rules) => Facts with { Routes = [.. Facts.Routes, route], Rules = [.. Facts.Rules, .. rules] };

    private static DoctorFacts With(Rule rule) => Facts with { Rules = [.. Facts.Rules, rule] };

    /// <summary>One route to the whole network, as the udp back end has it.</summary>
    private static DoctorFacts InUdp(Route route) => Facts with
    {
        Network = NetConf.Parse("""{"Network":"10.244.0.0/16","Backend":{"Type":"udp","Port":8472}}"""),
        Links = [.. Facts.Links.Where(link => link != Tunnel), new Link(3, "flannel0") { Kind = "tun", Up = true, Carrier = true, Mtu = 1472, Alias = $"akka-overlay {Mine}", Tun = new TunSettings(false, true, true) }],
        Routes = [.. Facts.Routes.Where(one => one.Protocol != 77), Route("10.244.0.0/16", 3, 77), route],
    };

    /// <summary>With --route-table 700.</summary>
    private static DoctorFacts InOwnTable(Route route, params Rule[] rules) => Facts with
    {
        Routes = [.. Facts.Routes.Select(one => one.Protocol == 77 ? one with { Table = 700 } : one), route],
        Rules = [.. Facts.Rules, Rule(7700, 700) with { Protocol = 77, Destination = IpPrefix.Parse("10.244.0.0/16") }, .. rules],
    };
}
