using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.RouteManager;
using AkkaOverlay.Actors.Tests.Kernel;

namespace AkkaOverlay.Actors.Tests.Reconcile;

public sealed class LatestGoalSpecs() : TestKit(HostSystem.Configuration)
{
    [Fact]
    public void Of_the_goals_that_came_during_a_comparison_only_the_last_is_compared()
    {
        using var kernelAnswers = new ManualResetEventSlim();
        using var comparing = new ManualResetEventSlim();
        var routes = RouteManagerActor.Props(AkkaOverlay.Kernel.Rtnetlink.Route.MainTable, default,
            () =>
            {
                comparing.Set();
                kernelAnswers.Wait();
                return new FakeRtnetlink();
            },
            TimeProvider.System);
        var manager = Sys.ActorOf(Props.Create(() => new Parent(TestActor, routes)));
        var goals = Enumerable.Range(2, 100).Select(n => new HostProtocol.SetGoal(Bench.Plan(Bench.Peer(n)), MayRemove: true)).ToList();

        manager.Tell(goals[0]);
        Assert.True(comparing.Wait(TimeSpan.FromSeconds(10)));
        foreach (var goal in goals[1..])
            manager.Tell(goal);
        manager.Tell("all are in its mailbox");
        FishForMessage<string>(_ => true, TimeSpan.FromSeconds(10));
        kernelAnswers.Set();

        Assert.Same(goals[0].Plan, NextReport().PlanSeen);
        Assert.Same(goals[^1].Plan, NextReport().PlanSeen);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    private HostProtocol.ManagerReport NextReport() => FishForMessage<HostProtocol.ManagerReport>(_ => true, TimeSpan.FromSeconds(10));

    /// <summary>Between the manager and the test, as HostNetwork is.</summary>
    private sealed class Parent : ReceiveActor
    {
        public Parent(IActorRef test, Props child)
        {
            var manager = Context.ActorOf(child);
            Receive<string>(test.Tell);
            ReceiveAny(message => (Sender.Equals(manager) ? test : manager).Tell(message));
        }
    }
}
