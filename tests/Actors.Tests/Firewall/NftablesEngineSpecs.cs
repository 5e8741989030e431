using System.Diagnostics;
using AkkaOverlay.Actors.Firewall;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Namespaces;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Netfilter;
using Xunit.Abstractions;
using static AkkaOverlay.Actors.Tests.Firewall.FirewallSamples;

namespace AkkaOverlay.Actors.Tests.Firewall;

/// <summary>Against the kernel's nftables and the real nft, in a namespace of the test's own; needs root.</summary>
public sealed class NftablesEngineSpecs : IDisposable
{
    private static int serial;

    private readonly ITestOutputHelper output;
    private readonly string name = $"ao-fw-{Environment.ProcessId}-{Interlocked.Increment(ref serial)}";
    private readonly NetworkNamespace inside;
    private readonly RecordingTools tools;
    private readonly NftablesEngine engine;

    public NftablesEngineSpecs(ITestOutputHelper output)
    {
        this.output = output;
        inside = NetworkNamespace.Create(name);
        tools = new RecordingTools(new ToolRunner(inside.StartProcess));
        engine = new NftablesEngine(tools);
    }

    public void Dispose()
    {
        inside.Dispose();
        NetworkNamespace.Delete(name);
    }

    [Fact]
    public void What_is_in_place_is_left_alone_and_a_new_peer_is_one_small_transaction()
    {
        Assert.Equal((1, null), Put(Samples.Lease(2)));
        tools.Inputs.Clear();
        Assert.Equal((0, null), Put(Samples.Lease(2)));
        Assert.Equal((0, null), Put([Samples.Lease(2)], look: true));
        Assert.Equal((1, null), Put(Samples.Lease(2), Samples.Lease(3)));
        Assert.Equal(2, Assert.Single(tools.Inputs).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal((0, null), Put([Samples.Lease(2), Samples.Lease(3)], look: true));
    }

    [Theory]
    [InlineData("flush ruleset")]
    [InlineData("flush chain inet akka-overlay tunnel")]
    [InlineData("add rule inet akka-overlay forward drop")]
    [InlineData("insert rule inet akka-overlay tunnel accept")]
    [InlineData("delete element inet akka-overlay hosts4 { 192.168.7.2 }")]
    [InlineData("add element inet akka-overlay hosts4 { 192.168.7.99 }")]
    [InlineData("delete chain inet akka-overlay guard-input")]
    [InlineData("add chain inet akka-overlay guard-input { policy drop ; }")]
    [InlineData("add table inet akka-overlay { flags dormant ; }")]
    public void Whatever_somebody_changes_is_seen_and_put_right(string change)
    {
        Put(Samples.Lease(2));
        string before = List();
        var result = new ToolRunner(inside.StartProcess).Run("nft", ["-f", "-"], change + "\n");
        Assert.True(result.Succeeded, result.Error);
        Assert.NotEqual(before, List());
        Assert.Equal((1, null), Put([Samples.Lease(2)], look: true));
        Assert.Equal(Chains(before), Chains(List()));
    }

    [Fact]
    public void On_a_partial_view_no_peer_is_shut_out_not_by_a_process_that_starts_anew_either()
    {
        Put(Samples.Lease(2), Samples.Lease(3));
        var anew = new NftablesEngine(tools);
        Assert.Null(anew.Reconcile(Wanted(NetworkOf(), null, Samples.Lease(2)), mayRemove: false, look: true).Error);
        Assert.Contains("192.168.7.3", List(), StringComparison.Ordinal);
        Assert.Null(anew.Reconcile(Wanted(NetworkOf(), null, Samples.Lease(2)), mayRemove: true, look: false).Error);
        Assert.DoesNotContain("192.168.7.3", List(), StringComparison.Ordinal);
    }

    [Fact]
    public void Sets_that_another_back_end_had_go_with_it()
    {
        Put(Samples.Lease(2));
        Assert.Contains("set bound4", List(), StringComparison.Ordinal);
        var udp = Wanted(NetworkOf(backEnd: """{"Type":"udp"}"""), null, Samples.Lease(2));
        Assert.Equal((1, null), engine.Reconcile(udp, mayRemove: true, look: false) is var outcome ? (outcome.Written, outcome.Error) : default);
        Assert.DoesNotContain("set bound", List(), StringComparison.Ordinal);
        Assert.DoesNotContain("delete table", string.Concat(tools.Inputs), StringComparison.Ordinal);
        Assert.Equal(0, engine.Reconcile(udp, mayRemove: true, look: true).Written);
    }

    [Fact]
    public void A_member_that_somebody_took_away_does_not_cost_the_whole_table()
    {
        Put(Samples.Lease(2), Samples.Lease(3));
        Run("delete element inet akka-overlay hosts4 { 192.168.7.3 }");
        tools.Inputs.Clear();
        Assert.Equal((1, null), Put(Samples.Lease(2)));
        Assert.DoesNotContain("delete table", string.Concat(tools.Inputs), StringComparison.Ordinal);
        Assert.DoesNotContain("192.168.7.3", List(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_elses_table_is_touched_and_ours_goes_when_nothing_is_wanted()
    {
        Run("add table inet theirs");
        Put(Samples.Lease(2));
        Assert.Equal(1, engine.Reconcile(WantedFirewall.Nothing(FirewallNames.Default), mayRemove: true, look: false).Written);
        Assert.Equal("table inet theirs\n", new ToolRunner(inside.StartProcess).Run("nft", ["list", "tables"]).Output);
    }

    [Fact]
    public void Two_families_and_MasqExclude_are_read_back_as_written()
    {
        var network = NetworkOf(more: ""","EnableIPv6":true,"IPv6Network":"fd42::/56","MasqExclude":["192.168.0.0/16","0.0.0.0/0","fd00::/8"]""");
        var outcome = engine.Reconcile(Wanted(network, null, Samples.DualLease(2), Samples.DualLease(3)), mayRemove: true, look: true);
        Assert.Equal((1, null), (outcome.Written, outcome.Error));
        Assert.Empty(outcome.Notes);
    }

    [Fact]
    public void Five_thousand_peers_are_sets_and_not_rules()
    {
        var peers = Enumerable.Range(2, 5000).Select(n => Samples.Lease(2) with
        {
            Owner = Samples.Node(n),
            Subnets = new LeaseSubnets(new IpPrefix(IpPrefix.Parse("10.0.0.0/8").AddressAt((UInt128)(n * 256)), 24), null),
            Public = new HostAddresses(IpPrefix.Parse("192.168.0.0/16").AddressAt((UInt128)n), null),
        }).ToArray();
        var network = AkkaOverlay.Actors.Network.NetConf.Parse("""{"Network":"10.0.0.0/8","EnableNFTables":true,"Backend":{"Type":"vxlan"}}""");

        string Time(string what, Lease[] leases, bool look)
        {
            var wanted = Wanted(network, null, leases);
            var processor = Environment.CpuUsage.TotalTime;
            long began = Stopwatch.GetTimestamp();
            Assert.Null(engine.Reconcile(wanted, mayRemove: true, look).Error);
            return $"{what} {Stopwatch.GetElapsedTime(began).TotalMilliseconds:0} ms ({(Environment.CpuUsage.TotalTime - processor).TotalMilliseconds:0} ms of our own processor time)";
        }

        output.WriteLine($"measured: 5000 peers: {Time("whole", peers[..^1], true)}, {Time("one more", peers, false)}, {Time("one less", peers[1..], false)}, {Time("compared", peers[1..], true)}");
        Assert.True(List().Split('\n').Count(line => line.Contains("comment", StringComparison.Ordinal)) < 40);
    }

    [Fact]
    public void A_kernel_without_a_part_gets_the_rest_and_it_is_said()
    {
        tools.Refuse = script => script.Contains("fib ", StringComparison.Ordinal);
        var outcome = engine.Reconcile(Wanted(NetworkOf(), null, Samples.Lease(2)), mayRemove: true, look: true);
        Assert.Null(outcome.Error);
        Assert.Equal("the guard does not look at the way a packet came (Could not process rule: Not supported)", Assert.Single(outcome.Notes));
        Assert.DoesNotContain("fib", List(), StringComparison.Ordinal);
        Assert.Contains("@bound4", List(), StringComparison.Ordinal);
        // And once it can, all of it.
        tools.Refuse = _ => false;
        Assert.Equal((1, null), Put([Samples.Lease(2)], look: true));
        Assert.Contains("fib", List(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"nftables": [{"table": {"family": "inet", "name": "akka-overlay", "handle": 1, "flags": """)]
    [InlineData("""{"nftables": [{"table": {"family": "inet", "name": "akka-overlay", "handle": 1, "flags": ["dormant"]}}]}""")]
    public void A_dump_that_cannot_be_read_or_tells_of_flags_has_the_table_written_whole(string dump)
    {
        Put(Samples.Lease(2), Samples.Lease(3));
        string? answer = dump;
        tools.Answer = arguments => arguments[0] == "-j" ? Interlocked.Exchange(ref answer, null) : null;
        tools.Inputs.Clear();
        var outcome = engine.Reconcile(Wanted(NetworkOf(), null, Samples.Lease(2)), mayRemove: false, look: true);
        Assert.Equal((1, null), (outcome.Written, outcome.Error));
        Assert.Contains("delete table inet akka-overlay", Assert.Single(tools.Inputs), StringComparison.Ordinal);
        // On a partial view what this process wrote stays.
        if (dump[^1] != '}')
            Assert.Contains("192.168.7.3", List(), StringComparison.Ordinal);
        answer = dump;
        Assert.True(engine.Remove("akka-overlay"));
        Assert.Equal("", List());
    }

    [Fact]
    public void What_is_refused_altogether_leaves_what_there_was()
    {
        Put(Samples.Lease(2));
        string before = List();
        tools.Refuse = _ => true;
        var outcome = engine.Reconcile(Wanted(NetworkOf(), null, Samples.Lease(2), Samples.Lease(3)), mayRemove: true, look: false);
        Assert.Equal("nft refused our rules: Could not process rule: Not supported", outcome.Error);
        Assert.Equal(before, List());
        tools.Refuse = _ => false;
        Assert.Equal((1, null), Put(Samples.Lease(2), Samples.Lease(3)));
    }

    private (int, string?) Put(params Lease[] peers) => Put(peers, look: false);

    private (int, string?) Put(Lease[] peers, bool look)
    {
        var outcome = engine.Reconcile(Wanted(NetworkOf(), null, peers), mayRemove: true, look);
        return (outcome.Written, outcome.Error);
    }

    private void Run(string script) => Assert.True(new ToolRunner(inside.StartProcess).Run("nft", ["-f", "-"], script + "\n").Succeeded);

    /// <summary>A chain that was made anew is the last one, and no other for that.</summary>
    private static string[] Chains(string list) => [.. list.Split("\tchain ").Select(chain => chain.TrimEnd('}', '\n', '\t')).Order(StringComparer.Ordinal)];

    private string List() => new ToolRunner(inside.StartProcess).Run("nft", ["list", "ruleset"]).Output;

    /// <summary>The real programs; keeps the scripts, and refuses some.</summary>
    private sealed class RecordingTools(IToolRunner real) : IToolRunner
    {
        public List<string> Inputs { get; } = [];

        public Func<string, bool> Refuse { get; set; } = _ => false;

        /// <summary>What is printed in the program's place; null lets the program answer.</summary>
        public Func<IReadOnlyList<string>, string?> Answer { get; set; } = _ => null;

        public bool Has(string program) => real.Has(program);

        public ToolResult Run(string program, IReadOnlyList<string> arguments, string input = "")
        {
            if (input.Length > 0)
                Inputs.Add(input);
            if (Answer(arguments) is { } answer)
                return FakeTools.Done(answer);
            return input.Length > 0 && Refuse(input) ? FakeTools.Refused("/dev/stdin:3:1-2: Error: Could not process rule: Not supported\n") : real.Run(program, arguments, input);
        }
    }
}
