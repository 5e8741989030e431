using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Kernel.Tests.Rtnetlink;

public sealed class RuleSpecs : IDisposable
{
    private const byte Ours = 77;
    private const AddressFamily V4 = AddressFamily.InterNetwork;
    private const AddressFamily V6 = AddressFamily.InterNetworkV6;
    private readonly TestNamespace _test = new();

    public void Dispose() => _test.Dispose();

    /// <summary>A rule, and the fields of ip -j rule that say the same; ip says "all" of an absent source and nothing of an absent destination.</summary>
    public static TheoryData<string, Rule, string> Rules() => new()
    {
        { "v4 table", New(V4, 100, 300), """{"priority":100,"src":"all","table":"300","protocol":"77"}""" },
        { "v4 small table", New(V4, 101, 77), """{"priority":101,"src":"all","table":"77","protocol":"77"}""" },
        { "v4 first of all", New(V4, 0, 77), """{"priority":0,"src":"all","table":"77","protocol":"77"}""" },
        { "v4 source", New(V4, 102, 300) with { Source = IpPrefix.Parse("10.1.2.0/24") }, """{"priority":102,"src":"10.1.2.0","srclen":24,"table":"300","protocol":"77"}""" },
        { "v4 both", New(V4, 103, 300) with { Source = IpPrefix.Parse("10.1.2.3/32"), Destination = IpPrefix.Parse("10.0.0.0/8") }, """{"priority":103,"src":"10.1.2.3","dst":"10.0.0.0","dstlen":8,"table":"300","protocol":"77"}""" },
        { "v4 mark", New(V4, 104, 300) with { FwMark = 0x4d }, """{"priority":104,"src":"all","fwmark":"0x4d","table":"300","protocol":"77"}""" },
        { "v4 mark and mask", New(V4, 105, 300) with { FwMark = 0x4d00, FwMask = 0xff00 }, """{"priority":105,"src":"all","fwmark":"0x4d00","fwmask":"0xff00","table":"300","protocol":"77"}""" },
        { "v4 no mark in the mask", New(V4, 106, 300) with { FwMark = 0, FwMask = 0xff00 }, """{"priority":106,"src":"all","fwmark":"0","fwmask":"0xff00","table":"300","protocol":"77"}""" },
        { "v4 main but no default route", New(V4, 107, 254) with { SuppressPrefixLength = 0 }, """{"priority":107,"src":"all","table":"main","suppress_prefixlen":0,"protocol":"77"}""" },
        { "v4 incoming device, not there yet", New(V4, 108, 300) with { IncomingInterface = "br-blue" }, """{"priority":108,"src":"all","iif":"br-blue","iif_detached":null,"table":"300","protocol":"77"}""" },
        { "v6 incoming device", New(V6, 103, 300) with { IncomingInterface = "lo" }, """{"priority":103,"src":"all","iif":"lo","table":"300","protocol":"77"}""" },
        { "v6 table", New(V6, 100, 70000), """{"priority":100,"src":"all","table":"70000","protocol":"77"}""" },
        { "v6 both", New(V6, 101, 300) with { Source = IpPrefix.Parse("fd00:1::/32"), Destination = IpPrefix.Parse("fd00::9/128") }, """{"priority":101,"src":"fd00:1::","srclen":32,"dst":"fd00::9","table":"300","protocol":"77"}""" },
        { "v6 mark, main but no default", New(V6, 102, 254) with { FwMark = 7, FwMask = 15, SuppressPrefixLength = 0 }, """{"priority":102,"src":"all","fwmark":"0x7","fwmask":"0xf","table":"main","suppress_prefixlen":0,"protocol":"77"}""" },
    };

    [Theory]
    [MemberData(nameof(Rules), DisableDiscoveryEnumeration = true)]
    public void A_rule_comes_back_equal_is_what_ip_shows_and_goes(string what, Rule rule, string shown)
    {
        Assert.NotEmpty(what);
        _test.Do(new RtnetlinkChange.PutRule(rule));

        Assert.Equal([rule], _test.Kernel.DumpRules(rule.Family, Ours));
        Assert.Equal([Fields(JsonDocument.Parse(shown).RootElement)], IpRules(rule.Family).Where(fields => fields.Contains("protocol=77")));
        Assert.Empty(_test.Kernel.DumpRules(rule.Family == V4 ? V6 : V4, Ours));

        var again = Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.PutRule(rule)]));
        Assert.Equal(17, again!.Errno);
        _test.Do(new RtnetlinkChange.DeleteRule(rule));
        Assert.Empty(_test.Kernel.DumpRules(null, Ours));
        var gone = Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.DeleteRule(rule)]));
        Assert.Equal(2, gone!.Errno);
    }

    [Fact]
    public void A_new_namespace_has_the_kernels_rules()
    {
        Rule[] expected =
        [
            new(V4, 0, 255) { Protocol = 2 }, new(V4, 32766, 254) { Protocol = 2 }, new(V4, 32767, 253) { Protocol = 2 },
            new(V6, 0, 255) { Protocol = 2 }, new(V6, 32766, 254) { Protocol = 2 },
        ];
        Assert.Equal(expected, _test.Kernel.DumpRules());
        Assert.Equal(expected[..3], _test.Kernel.DumpRules(V4));
        Assert.Equal(expected[3..], _test.Kernel.DumpRules(V6, 2));
    }

    [Fact]
    public void The_protocol_tells_ours_from_the_rules_of_others()
    {
        var ours = New(V4, 500, 300);
        _test.Ip("rule add priority 499 table 300");
        _test.Ip("rule add priority 501 table 300 protocol static");
        _test.Do(new RtnetlinkChange.PutRule(ours));

        Assert.Equal([ours], _test.Kernel.DumpRules(V4, Ours));
        var error = Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.DeleteRule(ours with { Priority = 501 })]));
        Assert.Equal("delete rule priority 501 table 300: No such file or directory (ENOENT)", error!.Text);
        Assert.Equal([(499, 0), (500, 77), (501, 4)], _test.Kernel.DumpRules(V4).Where(rule => rule.Table == 300).Select(rule => ((int)rule.Priority, (int)rule.Protocol)));
    }

    [Fact]
    public void The_same_rule_of_somebody_else_is_another_rule_and_stays()
    {
        _test.Ip("rule add priority 500 table 300 fwmark 0x4d");
        var ours = New(V4, 500, 300) with { FwMark = 0x4d };

        _test.Do(new RtnetlinkChange.PutRule(ours));
        var error = Assert.Single(_test.Kernel.Apply([new RtnetlinkChange.PutRule(ours)]));
        Assert.Equal("add rule priority 500 fwmark 0x4d table 300: File exists (EEXIST)", error!.Text);
        _test.Do(new RtnetlinkChange.DeleteRule(ours));

        Assert.Equal([ours with { Protocol = 0 }], _test.Kernel.DumpRules(V4).Where(rule => rule.Table == 300));
    }

    [Theory]
    [InlineData("oif lo table 300")]
    [InlineData("not from 10.0.0.0/8 table 300")]
    [InlineData("tos 0x10 table 300")]
    [InlineData("ipproto udp dport 8472 table 300")]
    [InlineData("uidrange 1-2 table 300")]
    [InlineData("l3mdev")]
    [InlineData("prohibit")]
    [InlineData("goto 32766")]
    [InlineData("table 300 suppress_ifgroup 4")]
    public void A_rule_that_says_more_than_the_record_can_is_marked(string rule)
    {
        _test.Ip($"rule add priority 600 protocol 77 {rule}");

        var read = Assert.Single(_test.Kernel.DumpRules(V4, Ours));

        Assert.True(read.Partial);
        Assert.Equal(rule != "prohibit", read.IsNarrowed);
        Assert.NotEqual(New(V4, 600, read.Table) with { Source = read.Source }, read);
    }

    [Fact]
    public void The_monitor_tells_of_rules_of_both_families()
    {
        using var events = new BlockingCollection<RtnetlinkEvent>();
        using var monitor = _test.Inside.Run(() => new RtnetlinkMonitor());
        monitor.Start(events.Add);
        Rule[] rules = [New(V4, 700, 300) with { FwMark = 9 }, New(V6, 700, 300) with { Source = IpPrefix.Parse("fd00::/8") }];

        foreach (var rule in rules)
        {
            _test.Do(new RtnetlinkChange.PutRule(rule), new RtnetlinkChange.DeleteRule(rule));
            foreach (bool deleted in new[] { false, true })
            {
                Assert.True(events.TryTake(out var told, TimeSpan.FromSeconds(10)));
                Assert.Equal(new RtnetlinkEvent.RuleEvent(rule, deleted, _test.Kernel.PortId), told);
            }
        }
        _test.Ip("-6 rule flush");
        Assert.True(events.TryTake(out var flushed, TimeSpan.FromSeconds(10)));
        Assert.True(flushed is RtnetlinkEvent.RuleEvent { Deleted: true, Rule.Family: V6 } && flushed.PortId != _test.Kernel.PortId);
    }

    [Fact]
    public void A_marked_packet_takes_the_other_table()
    {
        int device = _test.AddVeth();
        _test.Do(
            new RtnetlinkChange.PutRoute(new Route(IpPrefix.Parse("10.9.0.0/16")) { Gateway = IPAddress.Parse("192.0.2.9"), Interface = device, Table = 300, Protocol = Ours }, false),
            new RtnetlinkChange.PutRule(New(V4, 800, 300) with { FwMark = 0x4d }));

        Assert.Contains("via 192.0.2.9", _test.Ip("route get 10.9.1.1 mark 0x4d"), StringComparison.Ordinal);
        Assert.Null(_test.Kernel.LookupRoute(IPAddress.Parse("10.9.1.1")));
    }

    private static Rule New(AddressFamily family, uint priority, uint table) => new(family, priority, table) { Protocol = Ours };

    private List<string> IpRules(AddressFamily family) =>
        [.. JsonDocument.Parse(_test.Ip($"-j {(family == V4 ? "-4" : "-6")} -d rule")).RootElement.EnumerateArray().Select(Fields)];

    private static string Fields(JsonElement rule) =>
        string.Join(' ', rule.EnumerateObject().Select(field => $"{field.Name}={field.Value}").Order(StringComparer.Ordinal));
}
