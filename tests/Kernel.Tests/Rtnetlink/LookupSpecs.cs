using System.Net;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.Sysctl;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

/// <summary>What the kernel says it would do with a packet.</summary>
public sealed class LookupSpecs : IDisposable
{
    private const byte Ours = 77;
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    [Fact]
    public void The_way_and_the_route_behind_it_are_told()
    {
        int device = _test.AddVeth();
        _test.Ip("route add 10.9.0.0/16 via 192.0.2.9 proto 77");

        var answer = _test.Kernel.Lookup(new RouteQuestion(IPAddress.Parse("10.9.1.1")));

        Assert.Null(answer.Refusal);
        Assert.Equal((device, IPAddress.Parse("192.0.2.9")), (answer.Way!.Interface, answer.Way.Gateway));
        Assert.Equal((IpPrefix.Parse("10.9.0.0/16"), Ours, Route.MainTable), (answer.Match!.Destination, answer.Match.Protocol, answer.Match.Table));
        Assert.Equal(RouteType.Local, _test.Kernel.Lookup(new RouteQuestion(IPAddress.Parse("192.0.2.1"))).Way!.Type);
        var v6 = _test.Kernel.Lookup(new RouteQuestion(IPAddress.Parse("2001:db8::9")));
        Assert.Equal((device, IpPrefix.Parse("2001:db8::/64")), (v6.Way!.Interface, v6.Match!.Destination));
    }

    [Theory]
    [InlineData("route add blackhole 10.9.0.0/16")]
    [InlineData("route add prohibit 10.9.0.0/16")]
    [InlineData("route add unreachable 10.9.0.0/16")]
    [InlineData("rule add to 10.9.0.0/16 prohibit priority 100")]
    [InlineData("rule add to 10.9.0.0/16 blackhole priority 100")]
    public void A_refusal_is_an_answer(string line)
    {
        _test.AddVeth();
        _test.Ip("route add default via 192.0.2.9");
        _test.Ip(line);
        var answer = _test.Kernel.Lookup(new RouteQuestion(IPAddress.Parse("10.9.1.1")));
        Assert.Null(answer.Way);
        Assert.NotNull(answer.Refusal);
    }

    [Fact]
    public void A_packet_that_comes_in_needs_forwarding_and_a_way_back()
    {
        int inside = _test.AddVeth();
        _test.Ip("link add br0 type bridge");
        _test.Ip("addr add 10.9.1.1/24 dev br0");
        _test.Ip("link set br0 up");
        var question = new RouteQuestion(IPAddress.Parse("10.9.1.2")) { Source = IPAddress.Parse("192.0.2.7"), InputInterface = inside };

        _test.Inside.Run(() => Sysctls.Write("net.ipv4.ip_forward", "0"));
        Assert.Null(_test.Kernel.Lookup(question).Way);
        _test.Inside.Run(() => Sysctls.Write("net.ipv4.ip_forward", "1"));
        Assert.Equal("br0", _test.Kernel.DumpLinks().Single(link => link.Index == _test.Kernel.Lookup(question).Way!.Interface).Name);
        _test.Inside.Run(() => Sysctls.Write("net.ipv4.conf.eth0.rp_filter", "1"));
        _test.Ip("route add 198.51.100.0/24 dev br0");
        Assert.Null(_test.Kernel.Lookup(question with { Source = IPAddress.Parse("198.51.100.1") }).Way);
        Assert.NotNull(_test.Kernel.Lookup(question).Way);
    }

    [Fact]
    public void A_rules_action_is_shown()
    {
        _test.Ip("rule add to 10.9.0.0/16 prohibit priority 100");
        var rule = Assert.Single(_test.Kernel.DumpRules(), rule => rule.Priority == 100);
        Assert.Equal((RuleAction.Prohibit, true, false), (rule.Action, rule.Partial, rule.IsNarrowed));
        Assert.Contains(_test.Kernel.DumpRules(), other => other is { Priority: 32766, Action: RuleAction.ToTable });
    }
}
