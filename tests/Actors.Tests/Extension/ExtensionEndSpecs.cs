using Akka.Actor;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;
using static AkkaOverlay.Actors.Tests.Extension.ExtensionSamples;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>What undoes, and a node that ends meanwhile: the program runs on, and nobody hears how it ended.</summary>
public sealed class ExtensionEndSpecs : ExtensionManagerTest
{
    private static readonly HostProtocol.SetGoal Leave = new(HostPlan.Nothing, MayRemove: true);

    [Fact]
    public void A_Remove_that_outlives_the_node_makes_the_next_one_add_again()
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2), Peer(3))));
        Programs.Hanging = "remove";
        manager.Tell(Leave);
        AwaitAssert(() => Assert.Equal(2, Programs.Running), Patience);
        Stop(manager);
        Programs.Ran.Clear();

        InPlace(Told(Start(), Goal(Peer(2), Peer(3))));
        Assert.Equal(["add 10.244.2.0/24 192.168.7.2", "add 10.244.3.0/24 192.168.7.3"], Programs.Ran.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_ShutdownCommand_that_outlives_the_node_makes_the_next_one_begin_anew()
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        Programs.Hanging = "down";
        manager.Tell(Leave);
        AwaitAssert(() => Assert.Equal(1, Programs.Running), Patience);
        Stop(manager);
        Programs.Ran.Clear();

        InPlace(Told(Start(), Goal(Peer(2))));
        Assert.Equal(["pre 10.244.0.0/16", "post 10.244.1.0/24", "add 10.244.2.0/24 192.168.7.2"], Programs.Ran);
    }

    [Fact]
    public void A_peer_that_comes_back_while_its_Remove_fails_is_added_again()
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        Programs.Failing = "remove";
        Told(manager, Goal());
        AwaitAssert(() => Assert.Contains("remove 10.244.2.0/24", Programs.Ran), Patience);
        Programs.Ran.Clear();
        InPlace(Told(manager, Goal(Peer(2))));
        Assert.Contains("add 10.244.2.0/24 192.168.7.2", Programs.Ran);
    }

    [Fact]
    public void A_lease_that_comes_back_waits_for_the_ShutdownCommand_that_runs()
    {
        var manager = Start();
        InPlace(Told(manager, Goal()));
        Programs.Hanging = "down";
        manager.Tell(Leave);
        AwaitAssert(() => Assert.Equal(1, Programs.Running), Patience);
        Programs.Ran.Clear();
        var goal = Told(manager, Goal(Peer(2)));
        Thread.Sleep(300);
        Assert.Empty(Programs.Ran);
        Programs.Release.SetResult();
        InPlace(goal);
        Assert.Equal(["pre 10.244.0.0/16", "post 10.244.1.0/24", "add 10.244.2.0/24 192.168.7.2"], Programs.Ran);
    }

    [Fact]
    public void A_ShutdownCommand_that_fails_is_given_up_after_some_tries()
    {
        Programs.Failing = "down";
        var manager = Start();
        InPlace(Told(manager, Goal()));
        Programs.Ran.Clear();
        manager.Tell(Leave);
        FishForMessage(message => message is HostProtocol.ExtensionReport { InPlace: true } report && ReferenceEquals(report.PlanSeen, Leave.Plan), TimeSpan.FromSeconds(40));
        Assert.Equal(Enumerable.Repeat("down", ExtensionManagerActor.MostUndos), Programs.Ran);
    }

    [Fact]
    public void Another_back_end_does_not_wait_for_what_is_left_of_this_one()
    {
        Programs.Hanging = "remove";
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        var other = new HostProtocol.SetGoal(HostPlan.Nothing with { Mtu = 1450 }, MayRemove: true);
        manager.Tell(other);
        Assert.Contains("SubnetRemoveCommand for 10.244.2.0/24", InPlace(other).Detail, StringComparison.Ordinal);
    }
}
