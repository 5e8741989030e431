using Akka.Actor;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>What a host makes of its lease, of the ledger, and of what the kernel says.</summary>
public sealed class HostNetworkSpecs : HostFixture
{
    [Fact]
    public void Nothing_is_touched_and_nothing_ready_before_there_is_a_lease()
    {
        var host = Start();
        var status = StatusOf(host);
        Assert.False(status.Ready);
        Assert.Equal(
            [("lease", false, "waiting for the allocator"), ("ledger", false, "waiting for the first snapshot"), ("tunnels", false, "waiting"), ("routes", false, "waiting"), ("subnet file", false, "waiting"), ("underlay", true, "eth0")],
            status.Components.Select(component => (component.Name, component.Ready, component.Detail)));
        Assert.Empty(Kernel.Writes);
        Assert.False(SubnetFileExists);
    }

    [Fact]
    public void A_lease_alone_makes_the_device_and_the_ledger_besides_the_subnet_file()
    {
        var host = Start();
        Hold(host);
        AwaitAssert(() => Assert.Equal(["ledger", "subnet file"], NotReady(host)), Patience);
        Assert.NotNull(Kernel.FindLink("flannel.1"));
        Assert.Equal(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation), Files.LoadLease());
        See(host, 10, 1);
        AwaitAssert(() => Assert.Equal(
            "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n",
            File.ReadAllText(Files.SubnetFile)), Patience);
    }

    [Fact]
    public void With_lease_and_ledger_the_host_is_ready_and_keeps_both()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2, 3);
        AwaitReady(host);
        Assert.Equal(["10.244.2.0/24", "10.244.3.0/24"], RouteDestinations());
        var status = StatusOf(host);
        Assert.Equal(["10.244.1.0/24", "revision 10, 3 leases", "as wanted", "as wanted", Files.SubnetFile, "eth0"], status.Components.Select(component => component.Detail));
        Assert.Equal(Kernel.Writes.Count, status.KernelWrites);
        AwaitAssert(() => Assert.Equal(3, Files.LoadFeed(Boot)?.View.Leases.Count), Patience);
    }

    /// <summary>How far behind it may be: known from the first word of the allocator on, and never from what was kept.</summary>
    [Fact]
    public void How_long_ago_the_allocator_was_heard_is_known()
    {
        var host = Start();
        Assert.Null(Ledger().Age);
        See(host, 10, 1, 2);
        AwaitAssert(() => Assert.NotNull(Ledger().Age), Patience);
        AwaitAssert(() => Assert.True(Ledger().Age > TimeSpan.FromMilliseconds(300)), Patience);
        host.Tell(HostProtocol.LedgerConfirmed.Instance);
        Assert.True(Ledger().Age < TimeSpan.FromMilliseconds(300));

        LedgerView Ledger() => host.Ask<LedgerView>(HostProtocol.GetLedger.Instance, Patience).Result;
    }

    [Fact]
    public void Hosts_that_come_and_go_are_followed()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2, 3);
        AwaitReady(host);
        See(host, 12, 1, 3, 4);
        AwaitAssert(() => Assert.Equal(["10.244.3.0/24", "10.244.4.0/24"], RouteDestinations()), Patience);
        AwaitAssert(() => Assert.Equal(2, Kernel.DumpFdb(0).Count), Patience);
        AwaitReady(host);
    }

    [Fact]
    public void When_the_lease_ends_everything_of_ours_goes_and_nothing_comes_back()
    {
        var foreign = new Route(AkkaOverlay.Kernel.Net.IpPrefix.Parse("10.99.0.0/24")) { Gateway = Samples.Address("192.168.7.200"), Interface = 1, Protocol = 4 };
        Kernel.Routes.Add(foreign);
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2, 3);
        AwaitReady(host);
        AwaitAssert(() => Assert.NotNull(Files.LoadFeed(Boot)), Patience);

        host.Tell(new HostProtocol.LeaseEnded(), Claimant);
        AwaitAssert(() => Assert.Null(Kernel.FindLink("flannel.1")), Patience);
        Assert.Equal([foreign], Kernel.DumpRoutes());
        Assert.False(SubnetFileExists);
        Assert.Null(Files.LoadLease());
        Assert.Null(Files.LoadFeed(Boot));
        See(host, 11, 2, 3);
        ExpectNoMsg(Silence + Silence);
        Assert.Equal([foreign], Kernel.DumpRoutes());
        Assert.Null(Files.LoadFeed(Boot));
        Assert.Equal("waiting for the allocator", StatusOf(host).Components[0].Detail);
    }

    [Fact]
    public void A_lease_that_ends_before_a_subnet_file_was_written_ends_all_the_same()
    {
        Kernel.SetUp("eth0", true);
        Kernel.Refuse = change => change is RtnetlinkChange.SetLink ? FakeRtnetlink.EPERM : null;
        var host = Start();
        Hold(host);
        AwaitAssert(() => Assert.NotNull(Kernel.FindLink("flannel.1")), Patience);
        Assert.False(SubnetFileExists);
        Kernel.Refuse = _ => null;
        host.Tell(new HostProtocol.LeaseEnded(), Claimant);
        AwaitAssert(() => Assert.Null(Kernel.FindLink("flannel.1")), Patience);
    }

    [Fact]
    public void A_conflict_is_logged_as_an_error_and_the_new_lease_replaces_the_old()
    {
        Files.SaveLease(new HeldLease(Samples.Lease(5).Subnets, 6));
        var host = Start();
        EventFilter.Error(contains: "Lease conflict: 10.244.5.0/24 is held by host5").ExpectOne(() =>
            host.Tell(new HostProtocol.LeaseHeld(Samples.Lease(1), Samples.Version(Samples.IPv4Network), "10.244.5.0/24 is held by host5"), Claimant));
        AwaitAssert(() => Assert.Equal(Samples.Lease(1).Subnets, Files.LoadLease()?.Subnets), Patience);
        See(host, 10, 1);
        AwaitAssert(() => Assert.Contains("10.244.1.1/24", File.ReadAllText(Files.SubnetFile), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void A_refusal_is_the_reason_why_there_is_no_lease()
    {
        var host = Start();
        EventFilter.Error(contains: "out of subnets").ExpectOne(() =>
        {
            host.Tell(new HostProtocol.LeaseRefused("out of subnets: all 2 of 10.9.0.0/24 are held"), Claimant);
            host.Tell(new HostProtocol.LeaseRefused("out of subnets: all 2 of 10.9.0.0/24 are held"), Claimant);
        });
        Assert.Equal("out of subnets: all 2 of 10.9.0.0/24 are held", StatusOf(host).Components[0].Detail);
    }

    [Fact]
    public void A_ledger_without_this_host_s_lease_makes_it_claim_again()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 2, 3);
        Claimant.ExpectMsg<HostProtocol.ClaimNow>(Patience);
        // A view from before the grant says nothing.
        See(host, 1, 2);
        Claimant.ExpectNoMsg(Silence);
    }

    [Fact]
    public void What_the_kernel_refuses_makes_its_component_unready_and_says_why()
    {
        Kernel.Refuse = change => change is RtnetlinkChange.PutRoute { Route: var route } && route.Destination == Samples.Lease(2).Subnets.IPv4 ? FakeRtnetlink.EPERM : null;
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2, 3);
        AwaitAssert(() =>
        {
            var routes = StatusOf(host).Components.Single(component => component.Name == "routes");
            Assert.Equal((false, "PutRoute: errno 1"), (routes.Ready, routes.Detail));
        }, Patience);
        Assert.Equal(["routes"], NotReady(host));
        Assert.Equal(["10.244.3.0/24"], RouteDestinations());
        Kernel.Refuse = _ => null;
        AwaitReady(host);
    }

    [Fact]
    public void What_somebody_takes_away_comes_back_at_the_kernel_s_event()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2);
        AwaitReady(host);
        var route = Kernel.DumpRoutes().Single();
        Kernel.Routes.Clear();
        host.Tell(new RtnetlinkEvent.RouteEvent(route, Deleted: true, PortId: 99));
        AwaitAssert(() => Assert.Equal([route], Kernel.DumpRoutes()), Patience);

        var device = Kernel.Device("flannel.1");
        Kernel.Apply([new RtnetlinkChange.DeleteLink(device.Index)]);
        host.Tell(new RtnetlinkEvent.LinkEvent(device, Deleted: true, PortId: 99));
        AwaitAssert(() => Assert.True(Kernel.FindLink("flannel.1") is { Up: true }), Patience);
        // The kernel tells RouteManager of what TunnelManager's socket made.
        host.Tell(new RtnetlinkEvent.LinkEvent(Kernel.Device("flannel.1"), Deleted: false, PortId: 99));
        AwaitAssert(() => Assert.Equal(["10.244.2.0/24"], RouteDestinations()), Patience);
    }

    [Fact]
    public void Objects_are_compared_afresh()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2);
        AwaitReady(host);
        host.Tell(HostProtocol.GetObjects.Instance);
        var rows = ExpectMsg<HostProtocol.Objects>(Patience).Rows;
        Assert.Equal(["link", "address", "neighbour", "fdb", "route"], rows.Select(row => row.Kind));
        Assert.All(rows, row => Assert.Equal("ok", row.State));
    }
}
