using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>The host's side of node 1 as it runs, but for the kernel; the test is its claimant and its feed.</summary>
public sealed class HostNetworkSpecs : TestKit
{
    private const string Boot = "00000000-0000-0000-0000-000000000b07";

    private static readonly Config Configuration = ConfigurationFactory.ParseString("""
        akka.loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
        akka.test.filter-leeway = 10s
        """).WithFallback(HostSystem.Configuration);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-host-");
    private readonly FakeRtnetlink kernel = new();
    private readonly HostFiles files;
    private readonly TestProbe claimant;

    public HostNetworkSpecs() : base(Configuration)
    {
        kernel.AddDevice("eth0", "192.168.7.1/24");
        files = new HostFiles(directory.FullName, Path.Combine(directory.FullName, "run", "subnet.env"));
        claimant = CreateTestProbe();
    }

    private bool SubnetFileExists => File.Exists(files.SubnetFile);

    protected override void AfterAll()
    {
        base.AfterAll();
        // An actor that ends may be in the middle of a save.
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                directory.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 5)
            {
                Thread.Sleep(100 * attempt);
            }
        }
    }

    [Fact]
    public void Nothing_is_touched_and_nothing_ready_before_there_is_a_lease()
    {
        var host = Start();
        var status = StatusOf(host);
        Assert.False(status.Ready);
        Assert.Equal(
            [("lease", false, "waiting for the allocator"), ("ledger", false, "waiting for the first snapshot"), ("tunnels", false, "waiting"), ("routes", false, "waiting"), ("subnet file", false, "waiting"), ("underlay", true, "eth0")],
            status.Components.Select(component => (component.Name, component.Ready, component.Detail)));
        Assert.Empty(kernel.Writes);
        Assert.False(SubnetFileExists);
    }

    [Fact]
    public void A_lease_alone_makes_the_device_and_the_subnet_file_but_not_readiness()
    {
        var host = Start();
        Hold(host);
        AwaitAssert(() => Assert.Equal(
            "FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n",
            File.ReadAllText(files.SubnetFile)), Patience);
        AwaitAssert(() => Assert.Equal(["ledger"], NotReady(host)), Patience);
        Assert.NotNull(kernel.FindLink("flannel.1"));
        Assert.Equal(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation), files.LoadLease());
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
        Assert.Equal(["10.244.1.0/24", "revision 10, 3 leases", "as wanted", "as wanted", files.SubnetFile, "eth0"], status.Components.Select(component => component.Detail));
        Assert.Equal(kernel.Writes.Count, status.KernelWrites);
        AwaitAssert(() => Assert.Equal(3, files.LoadFeed(Boot)?.View.Leases.Count), Patience);
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
        AwaitAssert(() => Assert.Equal(2, kernel.DumpFdb(0).Count), Patience);
        AwaitReady(host);
    }

    [Fact]
    public void Started_again_in_the_same_boot_the_saved_ledger_is_used_at_once_and_nothing_removed_until_lease_and_ledger_are_live()
    {
        LeaveBehind(1, 2, 3, 9);
        files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation));
        files.SaveFeed(Boot, new SavedLedger(HostFilesSpecs.View(1, 2, 3), Samples.Lease(1)));

        var host = Start();
        AwaitReady(host);
        Assert.Equal("10.244.1.0/24 (remembered)", StatusOf(host).Components[0].Detail);
        Assert.Equal("as remembered from before", StatusOf(host).Components[1].Detail);
        Assert.Equal(["10.244.2.0/24", "10.244.3.0/24", "10.244.9.0/24"], RouteDestinations());

        Hold(host);
        ExpectNoMsg(Silence);
        Assert.Contains("10.244.9.0/24", RouteDestinations());

        See(host, 300, 1, 2, 3);
        AwaitAssert(() => Assert.Equal(["10.244.2.0/24", "10.244.3.0/24"], RouteDestinations()), Patience);
        AwaitAssert(() => Assert.Equal(2, kernel.DumpFdb(0).Count), Patience);
        AwaitReady(host);
    }

    [Fact]
    public void A_host_that_is_killed_right_after_its_grant_knows_its_lease_when_it_is_started_again()
    {
        var host = Start();
        Hold(host);
        AwaitAssert(() => Assert.NotNull(StatusOf(host).Lease), Patience);
        Watch(host);
        Sys.Stop(host);
        ExpectTerminated(host);
        Assert.Equal("10.244.1.0/24 (remembered)", StatusOf(Start()).Components[0].Detail);
    }

    [Fact]
    public void A_live_ledger_without_a_live_lease_removes_nothing_either()
    {
        LeaveBehind(1, 2, 9);
        files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation));
        files.SaveFeed(Boot, new SavedLedger(HostFilesSpecs.View(1, 2), Samples.Lease(1)));
        var host = Start();
        See(host, 300, 1, 2, 5);
        AwaitAssert(() => Assert.Contains("10.244.5.0/24", RouteDestinations()), Patience);
        ExpectNoMsg(Silence);
        Assert.Contains("10.244.9.0/24", RouteDestinations());
        Assert.DoesNotContain(kernel.Writes, write => write.GetType().Name.StartsWith("Delete", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("another boot", 2L)]
    [InlineData(Boot, 77L)]
    public void A_ledger_of_another_boot_or_another_lease_is_not_used(string boot, long generation)
    {
        files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, generation));
        files.SaveFeed(boot, new SavedLedger(HostFilesSpecs.View(1, 2, 3), Samples.Lease(1)));
        var host = Start();
        Assert.False(StatusOf(host).Ready);
        ExpectNoMsg(Silence);
        Assert.Empty(kernel.Writes);
    }

    [Fact]
    public void When_the_lease_ends_everything_of_ours_goes_and_nothing_comes_back()
    {
        var foreign = new Route(AkkaOverlay.Kernel.Net.IpPrefix.Parse("10.99.0.0/24")) { Gateway = Samples.Address("192.168.7.200"), Interface = 1, Protocol = 4 };
        kernel.Routes.Add(foreign);
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2, 3);
        AwaitReady(host);
        AwaitAssert(() => Assert.NotNull(files.LoadFeed(Boot)), Patience);

        host.Tell(new HostProtocol.LeaseEnded(), claimant);
        AwaitAssert(() => Assert.Null(kernel.FindLink("flannel.1")), Patience);
        Assert.Equal([foreign], kernel.DumpRoutes());
        Assert.False(SubnetFileExists);
        Assert.Null(files.LoadLease());
        Assert.Null(files.LoadFeed(Boot));
        See(host, 11, 2, 3);
        ExpectNoMsg(Silence + Silence);
        Assert.Equal([foreign], kernel.DumpRoutes());
        Assert.Null(files.LoadFeed(Boot));
        Assert.Equal("waiting for the allocator", StatusOf(host).Components[0].Detail);
    }

    [Fact]
    public void A_lease_that_ends_before_a_subnet_file_was_written_ends_all_the_same()
    {
        kernel.SetUp("eth0", true);
        kernel.Refuse = change => change is RtnetlinkChange.SetLink ? FakeRtnetlink.EPERM : null;
        var host = Start();
        Hold(host);
        AwaitAssert(() => Assert.NotNull(kernel.FindLink("flannel.1")), Patience);
        Assert.False(SubnetFileExists);
        kernel.Refuse = _ => null;
        host.Tell(new HostProtocol.LeaseEnded(), claimant);
        AwaitAssert(() => Assert.Null(kernel.FindLink("flannel.1")), Patience);
    }

    [Fact]
    public void A_conflict_is_logged_as_an_error_and_the_new_lease_replaces_the_old()
    {
        files.SaveLease(new HeldLease(Samples.Lease(5).Subnets, 6));
        var host = Start();
        EventFilter.Error(contains: "Lease conflict: 10.244.5.0/24 is held by host5").ExpectOne(() =>
            host.Tell(new HostProtocol.LeaseHeld(Samples.Lease(1), Samples.Version(Samples.IPv4Network), "10.244.5.0/24 is held by host5"), claimant));
        AwaitAssert(() => Assert.Equal(Samples.Lease(1).Subnets, files.LoadLease()?.Subnets), Patience);
        AwaitAssert(() => Assert.Contains("10.244.1.1/24", File.ReadAllText(files.SubnetFile), StringComparison.Ordinal), Patience);
    }

    [Fact]
    public void A_refusal_is_the_reason_why_there_is_no_lease()
    {
        var host = Start();
        EventFilter.Error(contains: "out of subnets").ExpectOne(() =>
        {
            host.Tell(new HostProtocol.LeaseRefused("out of subnets: all 2 of 10.9.0.0/24 are held"), claimant);
            host.Tell(new HostProtocol.LeaseRefused("out of subnets: all 2 of 10.9.0.0/24 are held"), claimant);
        });
        Assert.Equal("out of subnets: all 2 of 10.9.0.0/24 are held", StatusOf(host).Components[0].Detail);
    }

    [Fact]
    public void A_host_that_is_refused_as_a_clone_takes_back_what_it_made_of_the_remembered_lease()
    {
        files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation));
        files.SaveFeed(Boot, new SavedLedger(HostFilesSpecs.View(1, 2, 3), Samples.Lease(1)));
        var host = Start();
        AwaitReady(host);
        host.Tell(new HostProtocol.LeaseRefused("node id is in use on two hosts", IsClone: true), claimant);
        AwaitAssert(() => Assert.Null(kernel.FindLink("flannel.1")), Patience);
        Assert.Empty(kernel.DumpRoutes());
        Assert.False(SubnetFileExists);
        Assert.Null(files.LoadLease());
        Assert.Equal((false, "node id is in use on two hosts"), StatusOf(host).Components[0] is var lease ? (lease.Ready, lease.Detail) : default);
        // The ledger goes on; this host makes nothing of it and keeps nothing.
        See(host, 11, 1, 2, 3);
        ExpectNoMsg(Silence + Silence);
        Assert.Empty(kernel.DumpRoutes());
        Assert.Null(files.LoadFeed(Boot));
        // Once it gets a lease of its own it is a host like any other.
        Hold(host);
        AwaitReady(host);
        Assert.Equal(["10.244.2.0/24", "10.244.3.0/24"], RouteDestinations());
    }

    [Fact]
    public void Peers_of_a_lost_ledger_are_carried_until_they_claim_again_and_one_that_leaves_the_new_ledger_is_gone_at_once()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2, 3, 4);
        AwaitReady(host);
        // A ledger that begins anew, which host 3 leaves again. Host 4 has not claimed yet.
        See(host, OtherEpoch, 4, 1, 2, 3);
        AwaitReady(host);
        Assert.Equal(["10.244.2.0/24", "10.244.3.0/24", "10.244.4.0/24"], RouteDestinations());
        See(host, OtherEpoch, 5, 1, 2);
        AwaitAssert(() => Assert.Equal(["10.244.2.0/24", "10.244.4.0/24"], RouteDestinations()), Patience);
        // And another one, before the carried have had their time: they are carried on.
        See(host, Guid.NewGuid(), 2, 1);
        AwaitReady(host);
        Assert.Equal(["10.244.2.0/24", "10.244.4.0/24"], RouteDestinations());
    }

    [Fact]
    public void After_a_fail_over_a_host_that_left_meanwhile_is_gone_at_once()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2, 3, 4);
        AwaitReady(host);
        See(host, OtherEpoch, 11, 1, 2, 3);
        AwaitAssert(() => Assert.Equal(["10.244.2.0/24", "10.244.3.0/24"], RouteDestinations()), Patience);
    }

    [Fact]
    public void A_ledger_without_this_host_s_lease_makes_it_claim_again()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 2, 3);
        claimant.ExpectMsg<HostProtocol.ClaimNow>(Patience);
        // A view from before the grant says nothing.
        See(host, 1, 2);
        claimant.ExpectNoMsg(Silence);
    }

    [Fact]
    public void What_the_kernel_refuses_makes_its_component_unready_and_says_why()
    {
        kernel.Refuse = change => change is RtnetlinkChange.PutRoute { Route: var route } && route.Destination == Samples.Lease(2).Subnets.IPv4 ? FakeRtnetlink.EPERM : null;
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
        kernel.Refuse = _ => null;
        AwaitReady(host);
    }

    [Fact]
    public void What_somebody_takes_away_comes_back_at_the_kernel_s_event()
    {
        var host = Start();
        Hold(host);
        See(host, 10, 1, 2);
        AwaitReady(host);
        var route = kernel.DumpRoutes().Single();
        kernel.Routes.Clear();
        host.Tell(new RtnetlinkEvent.RouteEvent(route, Deleted: true, PortId: 99));
        AwaitAssert(() => Assert.Equal([route], kernel.DumpRoutes()), Patience);

        var device = kernel.Device("flannel.1");
        kernel.Apply([new RtnetlinkChange.DeleteLink(device.Index)]);
        host.Tell(new RtnetlinkEvent.LinkEvent(device, Deleted: true, PortId: 99));
        AwaitAssert(() => Assert.True(kernel.FindLink("flannel.1") is { Up: true }), Patience);
        // The kernel tells RouteManager of what TunnelManager's socket made.
        host.Tell(new RtnetlinkEvent.LinkEvent(kernel.Device("flannel.1"), Deleted: false, PortId: 99));
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

    private IActorRef Start() => Sys.ActorOf(HostNetworkActor.Props(new HostSettings(
        Samples.Node(1),
        "host1",
        new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)),
        files,
        Boot,
        IpMasq: true,
        () => kernel,
        TimeProvider.System)));

    /// <summary>What an earlier process of node 1 left in the kernel: device, and the whole way to each of these peers.</summary>
    private void LeaveBehind(int mine, params int[] peers)
    {
        var earlier = Sys.ActorOf(HostNetworkActor.Props(new HostSettings(
            Samples.Node(mine),
            "host1",
            new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)),
            new HostFiles(directory.CreateSubdirectory("earlier").FullName, Path.Combine(directory.FullName, "earlier", "subnet.env")),
            Boot,
            true,
            () => kernel,
            TimeProvider.System)));
        Hold(earlier);
        See(earlier, 5, [mine, .. peers]);
        AwaitReady(earlier);
        Watch(earlier);
        Sys.Stop(earlier);
        ExpectTerminated(earlier);
        kernel.Writes.Clear();
    }

    private void Hold(IActorRef host) => host.Tell(new HostProtocol.LeaseHeld(Samples.Lease(1), Samples.Version(Samples.IPv4Network), null), claimant);

    private static readonly Guid OtherEpoch = Guid.Parse("ff112233-4455-6677-8899-aabbccddeeff");

    private static void See(IActorRef host, long revision, params int[] nodes) => See(host, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), revision, nodes);

    private static void See(IActorRef host, Guid epoch, long revision, params int[] nodes) => host.Tell(new HostProtocol.LedgerSeen(
        epoch,
        revision,
        Samples.Version(Samples.IPv4Network),
        nodes.ToImmutableDictionary(Samples.Node, node => Samples.Lease(node))));

    private HostStatus StatusOf(IActorRef host)
    {
        var probe = CreateTestProbe();
        host.Tell(HostProtocol.GetStatus.Instance, probe);
        return probe.ExpectMsg<HostStatus>(Patience);
    }

    private IEnumerable<string> NotReady(IActorRef host) => StatusOf(host).Components.Where(component => !component.Ready).Select(component => component.Name);

    private void AwaitReady(IActorRef host) => AwaitAssert(() => Assert.Empty(NotReady(host)), Patience);

    private IEnumerable<string> RouteDestinations() => kernel.DumpRoutes().Select(route => route.Destination.ToString()).Order(StringComparer.Ordinal);
}
