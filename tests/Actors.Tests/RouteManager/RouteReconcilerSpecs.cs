using System.Collections.Immutable;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.RouteManager;

/// <summary>eth0 with 192.168.7.1/24; routes by way of host-gw, which need nothing but that device.</summary>
public sealed class RouteReconcilerSpecs : IDisposable
{
    private readonly FakeRtnetlink kernel = new();
    private readonly ManualTime time = new();
    private readonly ObjectHistory history;
    private readonly RouteReconciler reconciler;
    private readonly int eth0;

    public RouteReconcilerSpecs()
    {
        eth0 = kernel.AddDevice("eth0", "192.168.7.1/24").Index;
        kernel.Addresses.Add(new InterfaceAddress(eth0, IpPrefix.Parse("fd07::1/64")));
        history = new ObjectHistory(time);
        reconciler = new RouteReconciler(kernel, history);
    }

    public void Dispose() => kernel.Dispose();

    [Fact]
    public void Missing_routes_are_added_and_their_hops_are_in_use()
    {
        var outcome = Reconcile(Wanted(2), Wanted(3));
        Assert.Equal((2, 0), (outcome.Written, outcome.Missing));
        Assert.Equal([Hop(2), Hop(3)], outcome.InUse.OrderBy(hop => hop.ToString(), StringComparer.Ordinal));
        Assert.Equal([Route(2), Route(3)], kernel.Routes);
        Assert.All(kernel.Writes, write => Assert.False(Assert.IsType<RtnetlinkChange.PutRoute>(write).Replace));
    }

    [Fact]
    public void What_is_as_wanted_is_not_written_again()
    {
        Reconcile(Wanted(2), WantedIPv6(2));
        kernel.Writes.Clear();
        var outcome = Reconcile(Wanted(2), WantedIPv6(2));
        Assert.Equal((0, 0), (outcome.Written, outcome.Missing));
        Assert.Empty(kernel.Writes);
    }

    [Fact]
    public void While_the_device_of_a_whole_network_is_absent_its_packets_go_nowhere_and_not_by_the_default_route()
    {
        var network = IpPrefix.Parse("10.244.0.0/16");
        var byDevice = new WantedRoute(Samples.Node(1), network, new NextHop("flannel-wg", null), OnLink: false);
        var nowhere = WantedRoute.Nowhere(Samples.Node(1), network);
        Reconcile(byDevice, nowhere);
        Assert.Equal((RouteType.Blackhole, RouteReconciler.LastMetric), (Assert.Single(kernel.Routes).Type, kernel.Routes[0].Metric));
        kernel.AddDevice("flannel-wg", "10.244.1.0/32");
        Assert.Equal(0, Reconcile(byDevice, nowhere).Missing);
        Assert.Equal([RouteType.Blackhole, RouteType.Unicast], kernel.Routes.Select(route => route.Type));
    }

    [Fact]
    public void An_ipv6_route_has_the_kernel_s_metric_and_is_recognised()
    {
        Reconcile(WantedIPv6(2));
        Assert.Equal(1024u, Assert.Single(kernel.Routes).Metric);
    }

    [Fact]
    public void A_different_route_of_ours_is_replaced_in_one_step()
    {
        kernel.Routes.Add(Route(2) with { Gateway = Samples.Address("192.168.7.99") });
        var outcome = Reconcile(Wanted(2));
        Assert.Equal(new RtnetlinkChange.PutRoute(Route(2), Replace: true), Assert.Single(kernel.Writes));
        Assert.Equal([Route(2)], kernel.Routes);
        Assert.Equal([Hop(2)], outcome.InUse);
    }

    [Fact]
    public void Routes_of_others_are_untouched_and_in_the_way_are_a_failure_of_that_route_alone()
    {
        var foreign = Route(2) with { Protocol = 4, Gateway = Samples.Address("192.168.7.200") };
        var elsewhere = Route(9) with { Protocol = 3 };
        var otherTable = Route(5) with { Table = 100, Protocol = 4 };
        kernel.Routes.AddRange([foreign, elsewhere, otherTable]);
        var outcome = Reconcile(Wanted(2), Wanted(3));
        Assert.Equal((1, 1), (outcome.Written, outcome.Missing));
        Assert.Contains("17", Assert.Single(outcome.NewErrors), StringComparison.Ordinal);
        Assert.Equal([foreign, elsewhere, otherTable, Route(3)], kernel.Routes);
        Assert.Equal("failed", reconciler.Compare(Goal(true, Wanted(2))).Single(row => row.Name == "10.244.2.0/24").State);
    }

    [Fact]
    public void Stale_routes_of_ours_are_swept_after_the_new_ones_stand()
    {
        kernel.Routes.Add(Route(7));
        var outcome = Reconcile(Wanted(2));
        Assert.Equal([new RtnetlinkChange.PutRoute(Route(2), false), new RtnetlinkChange.DeleteRoute(Route(7))], kernel.Writes);
        Assert.Equal([Hop(2)], outcome.InUse);
    }

    [Fact]
    public void A_narrower_route_stays_until_the_wider_one_that_takes_its_packets_over_is_there()
    {
        kernel.Routes.AddRange([Route(2), Route(3)]);
        var whole = Wanted(9) with { Destination = IpPrefix.Parse("10.244.0.0/16") };
        reconciler.Reconcile(new RouteGoal([whole, Wanted(3)], [Hop(3)], true));
        Assert.Equal([Route(2), Route(3)], kernel.Routes);
        // One that is in no way of it is no concern of it.
        kernel.Routes.Add(Route(5) with { Destination = IpPrefix.Parse("10.99.0.0/24") });
        reconciler.Reconcile(new RouteGoal([whole, Wanted(3)], [Hop(3)], true));
        Assert.Equal([Route(2), Route(3)], kernel.Routes);
        reconciler.Reconcile(new RouteGoal([whole, Wanted(3)], [Hop(3), Hop(9)], true));
        Assert.Equal(["10.244.3.0/24", "10.244.0.0/16"], kernel.Routes.Select(route => route.Destination.ToString()));
    }

    [Fact]
    public void On_a_partial_view_nothing_is_removed()
    {
        kernel.Routes.Add(Route(7));
        var outcome = reconciler.Reconcile(Goal(false, Wanted(2)));
        Assert.Equal([Route(7), Route(2)], kernel.Routes);
        Assert.Equal([Hop(2), Hop(7)], outcome.InUse.OrderBy(hop => hop.ToString(), StringComparer.Ordinal));
    }

    [Fact]
    public void A_next_hop_that_is_not_ready_gets_no_route()
    {
        var outcome = reconciler.Reconcile(new RouteGoal([Wanted(2)], [], MayRemove: true));
        Assert.Equal((0, 1), (outcome.Written, outcome.Missing));
        Assert.Equal("waiting", Assert.Single(reconciler.Compare(new RouteGoal([Wanted(2)], [], true))).State);
    }

    [Fact]
    public void Until_the_new_next_hop_is_ready_the_old_route_stays()
    {
        var old = Route(2) with { Gateway = Samples.Address("192.168.7.99") };
        kernel.Routes.Add(old);
        var outcome = reconciler.Reconcile(new RouteGoal([Wanted(2)], [], MayRemove: true));
        Assert.Empty(kernel.Writes);
        Assert.Equal([new NextHop("eth0", Samples.Address("192.168.7.99"))], outcome.InUse);
        Assert.Equal(1, outcome.Missing);
    }

    [Fact]
    public void A_route_that_stands_stays_when_its_hop_is_reported_not_ready()
    {
        kernel.Routes.Add(Route(2));
        var outcome = reconciler.Reconcile(new RouteGoal([Wanted(2)], [], MayRemove: true));
        Assert.Equal((0, 0), (outcome.Written, outcome.Missing));
        Assert.Equal([Route(2)], kernel.Routes);
    }

    [Fact]
    public void Without_the_device_a_route_waits()
    {
        var wanted = Wanted(2) with { Hop = new NextHop("gone", Samples.Address("192.168.7.2")) };
        var outcome = reconciler.Reconcile(new RouteGoal([wanted], [wanted.Hop], true));
        Assert.Equal((0, 1), (outcome.Written, outcome.Missing));
    }

    [Fact]
    public void Routes_that_went_with_their_device_come_back()
    {
        Reconcile(Wanted(2), Wanted(3));
        kernel.SetUp("eth0", false);
        Assert.Empty(kernel.Routes);
        kernel.SetUp("eth0", true);
        Assert.Equal(2, Reconcile(Wanted(2), Wanted(3)).Written);
        Assert.Equal([Route(2), Route(3)], kernel.Routes);
    }

    [Fact]
    public void A_failing_route_is_tried_again_later_and_later_and_holds_up_no_other()
    {
        kernel.Refuse = change => change is RtnetlinkChange.PutRoute { Route: var route } && route.Destination == Route(2).Destination ? FakeRtnetlink.EPERM : null;
        Assert.Single(Reconcile(Wanted(2), Wanted(3)).NewErrors);
        Assert.Equal([Route(3)], kernel.Routes);
        int tries = 0;
        var refuse = kernel.Refuse;
        kernel.Refuse = change =>
        {
            tries++;
            return refuse(change);
        };
        for (int tenth = 0; tenth < 70; tenth++)
        {
            Assert.Empty(Reconcile(Wanted(2), Wanted(3)).NewErrors);
            time.Advance(TimeSpan.FromMilliseconds(100));
        }
        // After 1, 2 and 4 seconds, and the next is 8 seconds away.
        Assert.Equal(2, tries);
        kernel.Refuse = _ => null;
        time.Advance(RetryTable.LongestDelay);
        Assert.Equal((1, 0), (Reconcile(Wanted(2), Wanted(3)).Written, Reconcile(Wanted(2), Wanted(3)).Missing));
        Assert.Empty(history.Retries.Errors);
    }

    [Fact]
    public void A_stale_route_that_cannot_go_is_tried_again_later_too()
    {
        kernel.Routes.Add(Route(7));
        int tries = 0;
        kernel.Refuse = change =>
        {
            tries++;
            return FakeRtnetlink.EPERM;
        };
        Assert.Single(Reconcile().NewErrors);
        Assert.Equal(RetryTable.FirstDelay, history.Retries.NextDelay());
        for (int tenth = 0; tenth < 29; tenth++)
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            var outcome = Reconcile();
            Assert.Empty(outcome.NewErrors);
            Assert.Equal([Hop(7)], outcome.InUse);
        }
        Assert.Equal(2, tries);
        kernel.Routes.Clear();
        Reconcile();
        Assert.Empty(history.Retries.Errors);
    }

    [Fact]
    public void A_route_that_somebody_removed_first_is_no_failure()
    {
        kernel.Routes.Add(Route(7));
        kernel.Refuse = change => change is RtnetlinkChange.DeleteRoute ? FakeRtnetlink.ESRCH : null;
        var outcome = Reconcile();
        Assert.Empty(outcome.NewErrors);
        Assert.Empty(outcome.InUse);
        Assert.Empty(history.Retries.Errors);
    }

    [Fact]
    public void Rows_tell_wanted_from_actual()
    {
        kernel.Routes.AddRange([Route(2), Route(3) with { Gateway = Samples.Address("192.168.7.99") }, Route(7)]);
        var rows = reconciler.Compare(Goal(true, Wanted(2), Wanted(3), Wanted(4)));
        Assert.Equal(
            [("10.244.2.0/24", "ok"), ("10.244.3.0/24", "differs"), ("10.244.4.0/24", "missing"), ("10.244.7.0/24", "stale")],
            rows.Select(row => (row.Name, row.State)));
        Assert.Empty(kernel.Writes);
    }

    private static NextHop Hop(int n) => new("eth0", Samples.Address($"192.168.7.{n}"));

    private static WantedRoute Wanted(int n) => new(Samples.Node(n), IpPrefix.Parse($"10.244.{n}.0/24"), Hop(n), OnLink: false);

    private static WantedRoute WantedIPv6(int n) => new(Samples.Node(n), IpPrefix.Parse($"fd42:0:0:{n}::/64"), new NextHop("eth0", Samples.Address($"fd07::{n}")), OnLink: false);

    private Route Route(int n) => new(IpPrefix.Parse($"10.244.{n}.0/24")) { Gateway = Hop(n).Gateway, Interface = eth0, Protocol = RouteReconciler.OverlayProtocol };

    private static RouteGoal Goal(bool mayRemove, params WantedRoute[] routes) => new([.. routes], routes.Select(route => route.Hop).ToImmutableHashSet(), mayRemove);

    private RouteOutcome Reconcile(params WantedRoute[] routes) => reconciler.Reconcile(Goal(true, routes));
}
