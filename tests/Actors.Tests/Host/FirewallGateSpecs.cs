using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>What waits for the packet filter's report, and what does not.</summary>
public sealed class FirewallGateSpecs
{
    private readonly FirewallGate gate = new(exists: true, ipMasq: true);

    [Fact]
    public void Without_a_packet_filter_nothing_waits()
    {
        var open = new FirewallGate(exists: false, ipMasq: true);
        Assert.Equal(Hops(2, 3), open.Through(Ready(2, 3))!.Hops);
        Assert.Null(open.Through(null));
        Assert.True(open.LetsSubnetFileBeWritten());
    }

    [Fact]
    public void No_next_hop_passes_before_the_first_report_and_then_those_of_the_plan_that_it_saw()
    {
        Assert.Null(gate.Through(Ready(2, 3)));
        Assert.True(gate.Take(Report(Plan(1, 2))));
        Assert.Equal(Hops(2), gate.Through(Ready(2, 3))!.Hops);
        Assert.True(gate.Take(Report(Plan(1, 2, 3))));
        Assert.Equal(Hops(2, 3), gate.Through(Ready(2, 3))!.Hops);
        Assert.Null(gate.Through(null));
    }

    /// <summary>A guard that failed must not cost more than itself.</summary>
    [Fact]
    public void A_report_of_failure_lets_them_pass_too()
    {
        Assert.True(gate.Take(Report(Plan(1, 2), inPlace: false)));
        Assert.Equal(Hops(2), gate.Through(Ready(2))!.Hops);
    }

    [Fact]
    public void Routes_are_told_again_only_when_other_hops_may_pass()
    {
        var plan = Plan(1, 2);
        Assert.True(gate.Take(Report(plan)));
        Assert.False(gate.Take(Report(plan, masquerades: true)), "the same plan");
        Assert.False(gate.Take(Report(Plan(1, 2))), "another plan, the same hops");
        Assert.True(gate.Take(Report(Plan(1))), "one fewer");
    }

    [Fact]
    public void The_subnet_file_waits_for_the_masquerade_and_is_not_taken_back_when_that_fails()
    {
        var plan = Plan(1, 2);
        Assert.False(gate.LetsSubnetFileBeWritten());
        gate.Take(Report(plan, inPlace: false));
        Assert.False(gate.LetsSubnetFileBeWritten());
        gate.Take(Report(plan, masquerades: true));
        Assert.True(gate.LetsSubnetFileBeWritten());
        gate.Take(Report(plan, inPlace: false));
        Assert.True(gate.LetsSubnetFileBeWritten());
        gate.Forget();
        Assert.False(gate.LetsSubnetFileBeWritten());
    }

    [Fact]
    public void Where_nobody_asked_for_masquerading_the_subnet_file_does_not_wait() =>
        Assert.True(new FirewallGate(exists: true, ipMasq: false).LetsSubnetFileBeWritten());

    [Fact]
    public void A_report_of_another_plan_says_nothing_of_this_one()
    {
        var plan = Plan(1, 2);
        Assert.Equal("waiting", gate.ToComponent(plan).Detail);
        gate.Take(Report(plan));
        Assert.Equal(new Component("firewall", true, "as wanted"), gate.ToComponent(plan));
        Assert.Equal("waiting", gate.ToComponent(Plan(1, 2)).Detail);
        Assert.Equal("waiting", gate.ToComponent(null).Detail);
        gate.Take(Report(plan, inPlace: false));
        Assert.Equal(new Component("firewall", false, "as wanted"), gate.ToComponent(plan));
    }

    /// <summary>A plan of its own each time, as the planner makes it.</summary>
    private static HostPlan Plan(int own, params int[] peers) => Planner.Plan(
        new(Samples.Node(own), new Underlay("eth0", 1500, Samples.Public(own), Samples.Public(own)), Samples.IPv4Network),
        Samples.Lease(own),
        peers.Prepend(own).Select(node => Samples.Lease(node)));

    private static ImmutableHashSet<NextHop> Hops(params int[] peers) => [.. Plan(1, peers).Routes.Select(route => route.Hop)];

    private static HostProtocol.HopsReady Ready(params int[] peers) => new(Hops(peers));

    private static HostProtocol.FirewallReport Report(HostPlan plan, bool inPlace = true, bool masquerades = false) => new(plan, inPlace, masquerades, "as wanted");
}
