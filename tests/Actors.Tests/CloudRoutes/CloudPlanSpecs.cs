using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.CloudRoutes;

/// <summary>Whose route is whose, without a cloud.</summary>
public sealed class CloudPlanSpecs
{
    private static readonly NetworkConfig Network = Samples.IPv4Network with { BackEnd = new AwsVpcConfig() };

    private static readonly CloudGoal Goal = CloudGoal.Of(Facts(Network), Samples.Lease(1), [Samples.Lease(1), Samples.Lease(2)])!;

    [Fact]
    public void A_cloud_s_back_end_makes_no_kernel_object_and_keeps_the_underlay_s_MTU()
    {
        var plan = Planner.Plan(Facts(Network), Cloud(1), [Cloud(1), Cloud(2), Samples.Lease(3)]);
        Assert.Empty(plan.Links);
        Assert.Empty(plan.Addresses);
        Assert.Empty(plan.Peers);
        Assert.Empty(plan.Routes);
        Assert.Equal(1500, plan.Mtu);
        var reached = Assert.Single(plan.Reached);
        Assert.Equal((Samples.Node(2), "aws-vpc", true), (reached.Node, reached.BackEnd, reached.ByCloud));
        Assert.Equal([new CloudOffer("aws-vpc")], Planner.Offers(Facts(Network)).AsEnumerable());
    }

    [Fact]
    public void Another_back_end_wants_nothing_of_a_cloud() => Assert.Null(CloudGoal.Of(Facts(Samples.IPv4Network), Samples.Lease(1), []));

    [Fact]
    public void What_others_hold_does_not_make_another_goal()
    {
        var later = CloudGoal.Of(Facts(Network), Samples.Lease(1), [Samples.Lease(3)])!;
        Assert.NotEqual(Goal, later);
        Assert.False(later.WantsOtherThan(Goal));
        Assert.True(Goal.GivenBack().WantsOtherThan(Goal));
        Assert.False(CloudGoal.Of(Facts(Network), Samples.Lease(1), [Samples.Lease(2)])!.WantsOtherThan(Goal));
    }

    [Fact]
    public void An_empty_table_gets_this_host_s_route() =>
        Assert.Equal([new CloudCall.Create("t", Prefix(1))], Make().Calls.AsEnumerable());

    [Fact]
    public void Packets_that_the_cloud_filters_are_let_through_first_and_not_for_a_host_without_a_lease()
    {
        var view = new CloudView("me", ["t"], [], Forwards: false);
        Assert.IsType<CloudCall.AllowForwarding>(CloudPlan.Make(Goal, view, mayRemove: true).Calls[0]);
        Assert.Empty(CloudPlan.Make(Goal.GivenBack(), view, mayRemove: true).Calls);
    }

    [Theory]
    [InlineData(1, CloudTarget.Here, true, "")]
    [InlineData(1, CloudTarget.Here, false, "waiting")]
    [InlineData(1, CloudTarget.Machine, true, "conflict")]
    [InlineData(1, CloudTarget.Machine, false, "replace")]
    [InlineData(1, CloudTarget.Other, false, "conflict")]
    [InlineData(2, CloudTarget.Here, true, "create delete")]
    [InlineData(2, CloudTarget.Machine, true, "create")]
    [InlineData(2, CloudTarget.Machine, false, "create")]
    [InlineData(3, CloudTarget.Here, true, "create delete")]
    [InlineData(3, CloudTarget.Machine, true, "create")]
    [InlineData(3, CloudTarget.Machine, false, "create delete")]
    [InlineData(3, CloudTarget.Other, false, "create")]
    public void A_route_is_judged_by_its_subnet_s_lease_and_by_its_target(int subnet, CloudTarget target, bool active, string expected)
    {
        var plan = Make(new CloudRoute("t", Prefix(subnet), target, "x", active));
        Assert.Equal(expected, Words(plan));
    }

    [Fact]
    public void On_a_partial_view_nothing_stale_goes_but_a_dead_host_s_route_to_our_subnet_gives_way()
    {
        CloudRoute[] routes = [new("t", Prefix(3), CloudTarget.Machine, "x", false), new("t", Prefix(4), CloudTarget.Here, "me", true), new("t", Prefix(1), CloudTarget.Machine, "x", false)];
        Assert.Equal("replace", Words(CloudPlan.Make(Goal, new CloudView("me", ["t"], [.. routes], true), mayRemove: false)));
    }

    [Fact]
    public void Routes_that_are_no_subnet_s_stay_whoever_they_lead_to()
    {
        string[] others = ["10.244.0.0/16", "10.244.3.0/25", "10.245.3.0/24", "0.0.0.0/0"];
        Assert.Equal("create", Words(Make([.. others.Select(text => new CloudRoute("t", IpPrefix.Parse(text), CloudTarget.Machine, "x", false))])));
        Assert.Equal("create", Words(Make([.. others.Select(text => new CloudRoute("t", IpPrefix.Parse(text), CloudTarget.Here, "me", true))])));
    }

    [Fact]
    public void Each_table_is_judged_by_itself()
    {
        var view = new CloudView("me", ["a", "b"], [new CloudRoute("a", Prefix(1), CloudTarget.Here, "me", true)], true);
        Assert.Equal([new CloudCall.Create("b", Prefix(1))], CloudPlan.Make(Goal, view, mayRemove: true).Calls.AsEnumerable());
    }

    [Fact]
    public void A_route_that_is_marked_as_somebody_else_s_is_never_taken()
    {
        var route = new CloudRoute("t", Prefix(1), CloudTarget.Machine, "x", false) { MayBeOurs = false };
        Assert.Equal("conflict", Words(Make(route)));
        Assert.Equal("create", Words(Make(route with { Destination = Prefix(3) })));
        Assert.Equal("create", Words(Make(route with { Destination = Prefix(3), Target = CloudTarget.Here })));
    }

    private static CloudPlan Make(params CloudRoute[] routes) => CloudPlan.Make(Goal, new CloudView("me", ["t"], [.. routes], true), mayRemove: true);

    private static string Words(CloudPlan plan) => string.Join(' ', plan.Calls.Select(call => call.GetType().Name.ToLowerInvariant())
        .Concat(plan.Conflicts.Select(_ => "conflict")).Concat(plan.Waiting.Select(_ => "waiting")).Order(StringComparer.Ordinal));

    private static Lease Cloud(int n) => Samples.Lease(n, 0, new CloudOffer("aws-vpc"));

    private static IpPrefix Prefix(int n) => IpPrefix.Parse($"10.244.{n}.0/24");

    private static HostFacts Facts(NetworkConfig network) => new(Samples.Node(1), new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)), network);
}
