using Akka.Actor;
using AkkaOverlay.Actors.Drain;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Tests.Host;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Drain;

/// <summary>Node 1 as it runs, with a container behind the bridge cni0.</summary>
public sealed class DrainActorSpecs : HostFixture
{
    private readonly IActorRef host;
    private readonly IActorRef drain;
    private readonly Link container;

    public DrainActorSpecs()
    {
        var bridge = Kernel.AddDevice("cni0", "10.244.1.1/24");
        container = Kernel.AddDevice("veth0");
        Kernel.Links[bridge.Index] = bridge with { Kind = "bridge" };
        Kernel.Links[container.Index] = container with { Kind = "veth", Master = bridge.Index };
        host = Start();
        Hold(host);
        See(host, 5, 1, 2);
        AwaitReady(host);
        drain = Sys.ActorOf(DrainActor.Props(host, () => Kernel, TimeProvider.System, bridge: null));
    }

    [Fact]
    public void The_host_serves_on_but_is_not_ready_until_its_container_is_gone()
    {
        var routes = RouteDestinations().ToList();
        drain.Tell(new DrainActor.Begin(TimeSpan.FromMinutes(1)));
        AwaitAssert(() => Assert.Equal([HostProtocol.Draining.ComponentName], NotReady(host)), Patience);
        AwaitAssert(() => Assert.StartsWith("1 container (veth0 at cni0), waits ", StatusOf(host).Components[0].Detail, StringComparison.Ordinal), Patience);
        Assert.Equal(routes, RouteDestinations());
        ExpectNoMsg(Silence);
        Kernel.Apply([new RtnetlinkChange.DeleteLink(container.Index)]);
        Assert.Equal(DrainStep.Leave, ExpectMsg<DrainActor.Ended>(Patience).Step);
        Assert.Equal(routes, RouteDestinations());
    }

    [Fact]
    public void When_the_time_is_over_the_operator_is_warned_of_what_is_left()
    {
        EventFilter.Warning(contains: "1 container (veth0 at cni0), which lose the network").ExpectOne(Patience, () => drain.Tell(new DrainActor.Begin(TimeSpan.FromSeconds(1.5))));
        Assert.Equal(DrainStep.LeaveAnyway, ExpectMsg<DrainActor.Ended>(Patience).Step);
    }

    [Fact]
    public void A_second_word_ends_the_wait_also_one_that_comes_before_it_begins()
    {
        drain.Tell(new DrainActor.Shorten(TimeSpan.Zero));
        drain.Tell(new DrainActor.Begin(TimeSpan.FromMinutes(1)));
        Assert.Equal(DrainStep.LeaveAnyway, ExpectMsg<DrainActor.Ended>(Patience).Step);
    }

    [Fact]
    public void A_wait_under_way_is_cut_short()
    {
        drain.Tell(new DrainActor.Begin(TimeSpan.FromMinutes(1)));
        AwaitAssert(() => Assert.NotEmpty(NotReady(host)), Patience);
        drain.Tell(new DrainActor.Shorten(TimeSpan.Zero));
        Assert.Equal(DrainStep.LeaveAnyway, ExpectMsg<DrainActor.Ended>(Patience).Step);
    }
}
