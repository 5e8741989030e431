using Akka.Actor;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>What a host goes on with that was known before: after its own start, and after an allocator that lost its ledger.</summary>
public sealed class HostMemorySpecs : HostFixture
{
    [Fact]
    public void Started_again_in_the_same_boot_the_saved_ledger_is_used_at_once_and_nothing_removed_until_lease_and_ledger_are_live()
    {
        LeaveBehind(1, 2, 3, 9);
        Files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation));
        Files.SaveFeed(Boot, new SavedLedger(HostFilesSpecs.View(1, 2, 3), Samples.Lease(1)));

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
        AwaitAssert(() => Assert.Equal(2, Kernel.DumpFdb(0).Count), Patience);
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
        Files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation));
        Files.SaveFeed(Boot, new SavedLedger(HostFilesSpecs.View(1, 2), Samples.Lease(1)));
        var host = Start();
        See(host, 300, 1, 2, 5);
        AwaitAssert(() => Assert.Contains("10.244.5.0/24", RouteDestinations()), Patience);
        ExpectNoMsg(Silence);
        Assert.Contains("10.244.9.0/24", RouteDestinations());
        Assert.DoesNotContain(Kernel.Writes, write => write.GetType().Name.StartsWith("Delete", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("another boot", 2L)]
    [InlineData(Boot, 77L)]
    public void A_ledger_of_another_boot_or_another_lease_is_not_used(string boot, long generation)
    {
        Files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, generation));
        Files.SaveFeed(boot, new SavedLedger(HostFilesSpecs.View(1, 2, 3), Samples.Lease(1)));
        var host = Start();
        Assert.False(StatusOf(host).Ready);
        ExpectNoMsg(Silence);
        Assert.Empty(Kernel.Writes);
    }

    [Fact]
    public void A_host_that_is_refused_as_a_clone_takes_back_what_it_made_of_the_remembered_lease()
    {
        Files.SaveLease(new HeldLease(Samples.Lease(1).Subnets, Samples.Lease(1).Generation));
        Files.SaveFeed(Boot, new SavedLedger(HostFilesSpecs.View(1, 2, 3), Samples.Lease(1)));
        var host = Start();
        AwaitReady(host);
        host.Tell(new HostProtocol.LeaseRefused("node id is in use on two hosts", IsClone: true), Claimant);
        AwaitAssert(() => Assert.Null(Kernel.FindLink("flannel.1")), Patience);
        Assert.Empty(Kernel.DumpRoutes());
        Assert.False(SubnetFileExists);
        Assert.Null(Files.LoadLease());
        Assert.Equal((false, "node id is in use on two hosts"), StatusOf(host).Components[0] is var lease ? (lease.Ready, lease.Detail) : default);
        // The ledger goes on; this host makes nothing of it and keeps nothing.
        See(host, 11, 1, 2, 3);
        ExpectNoMsg(Silence + Silence);
        Assert.Empty(Kernel.DumpRoutes());
        Assert.Null(Files.LoadFeed(Boot));
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
}
