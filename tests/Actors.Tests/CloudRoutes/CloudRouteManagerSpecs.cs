using System.Collections.Immutable;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.CloudRoutes;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.CloudRoutes;

/// <summary>The actor around the passes; the test is its HostNetwork.</summary>
public sealed class CloudRouteManagerSpecs() : TestKit(HostSystem.Configuration)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    private readonly FakeCloud cloud = new();

    [Fact]
    public void A_network_without_a_cloud_asks_nobody()
    {
        var manager = Start();
        manager.Tell(new HostProtocol.SetGoal(HostPlan.Nothing, MayRemove: true));
        ExpectNoMsg(Silence);
        Assert.Equal(0, cloud.Opened);
    }

    [Fact]
    public void A_host_is_reported_in_place_once_its_route_was_read_back()
    {
        var goal = Goal(1);
        Start().Tell(goal);
        var report = ExpectMsg<HostProtocol.CloudReport>(Patience);
        Assert.True(report.InPlace);
        Assert.Same(goal.Plan, report.PlanSeen);
        Assert.Equal(["10.244.1.0/24"], cloud.Mine);
    }

    [Fact]
    public void Another_plan_with_the_same_lease_is_reported_without_asking_the_cloud_again()
    {
        var manager = Start();
        manager.Tell(Goal(1));
        ExpectMsg<HostProtocol.CloudReport>(Patience);
        int reads = cloud.Reads;
        var next = Goal(1, 2, 3);
        manager.Tell(next);
        Assert.Same(next.Plan, ExpectMsg<HostProtocol.CloudReport>(Patience).PlanSeen);
        Assert.Equal(reads, cloud.Reads);
    }

    [Fact]
    public void A_lease_that_is_given_back_takes_the_route_along()
    {
        var manager = Start();
        manager.Tell(Goal(1));
        ExpectMsg<HostProtocol.CloudReport>(Patience);
        var nothing = new HostProtocol.SetGoal(HostPlan.Nothing, MayRemove: true);
        manager.Tell(nothing);
        var report = ExpectMsg<HostProtocol.CloudReport>(Patience);
        Assert.Same(nothing.Plan, report.PlanSeen);
        Assert.True(report.InPlace);
        Assert.Empty(cloud.Mine);
    }

    [Fact]
    public void A_pass_that_hangs_holds_up_neither_the_actor_nor_the_next_goal()
    {
        cloud.Hangs = true;
        var manager = Start();
        manager.Tell(Goal(1));
        AwaitAssert(() => Assert.Equal(1, cloud.Reads), Patience);
        cloud.Hangs = false;
        manager.Tell(Goal(4));
        var report = ExpectMsg<HostProtocol.CloudReport>(Patience);
        Assert.True(report.InPlace);
        Assert.Equal(["10.244.4.0/24"], cloud.Mine);
    }

    [Fact]
    public void A_failure_that_nobody_foresaw_is_reported()
    {
        cloud.Failure = new InvalidOperationException("boom");
        Start().Tell(Goal(1));
        var report = ExpectMsg<HostProtocol.CloudReport>(Patience);
        Assert.False(report.InPlace);
        Assert.Equal("InvalidOperationException: boom", report.Detail);
    }

    private IActorRef Start()
    {
        var manager = ActorOfAsTestActorRef<CloudRouteManagerActor>(CloudRouteManagerActor.Props(_ => cloud.Open()), TestActor);
        ExpectMsg<HostProtocol.GoalWanted>(Patience);
        return manager;
    }

    private static HostProtocol.SetGoal Goal(int mine, params int[] others) => new(HostPlan.Nothing with
    {
        Cloud = new CloudGoal(new AwsVpcConfig(), Samples.Public(1), [Prefix(mine)], [Samples.IPv4Network.IPv4!], [.. others.Select(Prefix)]),
    }, MayRemove: true);

    private static IpPrefix Prefix(int n) => IpPrefix.Parse($"10.244.{n}.0/24");

    private sealed class FakeCloud : ICloudRoutes
    {
        private ImmutableList<CloudRoute> routes = [];
        private int reads;

        public int Opened { get; private set; }

        public bool Hangs { get; set; }

        public Exception? Failure { get; set; }

        public int Reads => Volatile.Read(ref reads);

        public IEnumerable<string> Mine => routes.Select(route => route.Destination.ToString());

        public ICloudRoutes Open()
        {
            Opened++;
            return this;
        }

        public async Task<CloudView> ReadAsync(CloudGoal goal, CancellationToken cancel)
        {
            Interlocked.Increment(ref reads);
            if (Failure is not null)
                throw Failure;
            if (Hangs)
                await Task.Delay(Timeout.Infinite, cancel);
            return new CloudView("me", ["t"], [.. routes], Forwards: true);
        }

        public Task ApplyAsync(CloudCall call, CancellationToken cancel)
        {
            routes = call switch
            {
                CloudCall.Create(var table, var destination) => routes.Add(new CloudRoute(table, destination, CloudTarget.Here, "me", true)),
                CloudCall.Delete(var old) => routes.Remove(old),
                _ => routes,
            };
            return Task.CompletedTask;
        }

        public void Dispose()
        {
        }
    }
}
