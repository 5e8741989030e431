using Akka.Actor;
using AkkaOverlay.Actors.Extension;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;
using static AkkaOverlay.Actors.Tests.Extension.ExtensionSamples;

namespace AkkaOverlay.Actors.Tests.Extension;

/// <summary>The actor around the plan; the test is its HostNetwork, and the programs are not run.</summary>
public sealed class ExtensionManagerSpecs : ExtensionManagerTest
{
    [Fact]
    public void A_network_without_commands_runs_none_and_says_nothing()
    {
        var manager = Start();
        manager.Tell(new HostProtocol.SetGoal(HostPlan.Nothing, MayRemove: true));
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        Assert.Empty(Programs.Ran);
    }

    [Fact]
    public void Commands_run_in_order_and_the_host_is_in_place_when_all_have()
    {
        var goal = Told(Start(), Goal(Peer(2), Peer(3)));
        Assert.True(InPlace(goal).InPlace);
        Assert.Equal(["pre 10.244.0.0/16", "post 10.244.1.0/24"], Programs.Ran.Take(2));
        Assert.Equal(["add 10.244.2.0/24 192.168.7.2", "add 10.244.3.0/24 192.168.7.3"], Programs.Ran.Skip(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void After_a_restart_in_the_same_boot_nothing_is_run_again_and_who_left_is_removed()
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2), Peer(3))));
        Stop(manager);
        Programs.Ran.Clear();

        manager = Start();
        InPlace(Told(manager, Goal(Peer(2), Peer(3)), mayRemove: false));
        Assert.Empty(Programs.Ran);
        Told(manager, Goal(Peer(3)), mayRemove: false);
        Told(manager, Goal(Peer(3)));
        AwaitAssert(() => Assert.Equal(["remove 10.244.2.0/24"], Programs.Ran), Patience);
    }

    [Fact]
    public void In_another_boot_everything_is_run_anew_and_nothing_undone()
    {
        InPlace(Told(Start(), Goal(Peer(2))));
        AwaitAssert(() => Assert.Contains("\"Done\":true", File.ReadAllText(FileName), StringComparison.Ordinal), Patience);
        Programs.Ran.Clear();
        InPlace(Told(Start("another boot"), Goal(Peer(3))));
        Assert.Equal(["pre 10.244.0.0/16", "post 10.244.1.0/24", "add 10.244.3.0/24 192.168.7.3"], Programs.Ran);
    }

    [Fact]
    public void One_that_fails_is_told_and_tried_again_and_holds_up_no_other()
    {
        Programs.Failing = "add 10.244.2.0/24";
        var goal = Told(Start(), Goal(Peer(2), Peer(3)));
        var report = (HostProtocol.ExtensionReport)FishForMessage(message => message is HostProtocol.ExtensionReport { Detail: var detail } && detail.Contains("exit", StringComparison.Ordinal), Patience);
        Assert.False(report.InPlace);
        Assert.Equal("SubnetAddCommand for 10.244.2.0/24: exit status 7: second?[2J line", report.Detail);
        AwaitAssert(() => Assert.Contains("add 10.244.3.0/24 192.168.7.3", Programs.Ran), Patience);
        Programs.Failing = null;
        Assert.True(InPlace(goal).InPlace);
    }

    [Fact]
    public void One_that_hangs_holds_up_no_other_and_no_more_than_eight_run_at_once()
    {
        Programs.Hanging = "add";
        var manager = Start();
        Told(manager, Goal([.. Enumerable.Range(2, 20).Select(n => Peer(n))]));
        AwaitAssert(() => Assert.Equal(ExtensionManagerActor.MostAtOnce, Programs.Running), Patience);
        Thread.Sleep(300);
        Assert.Equal(ExtensionManagerActor.MostAtOnce, Programs.Running);
        Programs.Release.SetResult();
        FishForMessage(message => message is HostProtocol.ExtensionReport { InPlace: true }, Patience);
        Assert.Equal(22, Programs.Ran.Count);
    }

    [Fact]
    public void A_lease_that_is_given_back_undoes_all_of_it()
    {
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        Programs.Ran.Clear();
        var nothing = new HostProtocol.SetGoal(HostPlan.Nothing, MayRemove: true);
        manager.Tell(nothing);
        Assert.True(InPlace(nothing).InPlace);
        Assert.Equal(["remove 10.244.2.0/24", "down"], Programs.Ran);
        AwaitAssert(() => Assert.False(File.Exists(FileName)), Patience);
    }

    [Fact]
    public void What_cannot_be_undone_is_left_after_some_tries()
    {
        Programs.Failing = "remove";
        var manager = Start();
        InPlace(Told(manager, Goal(Peer(2))));
        Programs.Ran.Clear();
        var goal = Told(manager, Goal());
        Assert.True(InPlace(goal).InPlace, "it holds up nobody");
        AwaitAssert(() => Assert.Equal(ExtensionManagerActor.MostUndos, Programs.Ran.Count), TimeSpan.FromSeconds(40));
    }

    [Fact]
    public void Data_that_no_lease_can_carry_are_not_published()
    {
        Programs.Output = new string('ä', 1025);
        Told(Start(), Goal());
        var report = (HostProtocol.ExtensionReport)FishForMessage(message => message is HostProtocol.ExtensionReport { Detail: var detail } && detail.Contains("printed", StringComparison.Ordinal), Patience);
        Assert.Equal("PreStartupCommand: printed more than the 2048 octets that a lease carries", report.Detail);
    }
}
