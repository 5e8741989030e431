using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.View;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Proc;

namespace AkkaOverlay.Actors.Tests.View;

public sealed class HostViewActorSpecs : TestKit
{
    private readonly ManualTime time = new();
    private readonly EventRing events;
    private readonly Dictionary<string, DeviceCounters> counters = new() { ["flannel.1"] = new(100, 1, 200, 2), ["eth0"] = new(9, 9, 9, 9) };

    public HostViewActorSpecs() => events = new EventRing(100, time);

    [Fact]
    public void A_host_says_what_it_is_and_what_it_has_carried()
    {
        events.Add(EventKind.Repair, EventWeight.Warning, "", "put right");
        time.Advance(TimeSpan.FromSeconds(90));
        var view = Ask(Status());
        Assert.Equal((Samples.Node(1), "host1", "0.1.0", TimeSpan.FromSeconds(90), null, 2, 1450), (view.Node, view.Host, view.Version, view.UpFor, view.Problem, view.Peers, view.Mtu));
        Assert.Equal(new TunnelTraffic("flannel.1", 100, 1, 200, 2), view.Traffic);
        Assert.Equal(("put right", TimeSpan.FromSeconds(90)), (view.Events[0].Text, view.Events[0].Age));
    }

    [Fact]
    public void A_way_is_what_a_probe_found_and_else_what_the_kernel_has()
    {
        var probes = new Probes { [Samples.Node(2)] = new PeerWay(Samples.Node(2), WayState.Lossy, 300) };
        Assert.Equal([new PeerWay(Samples.Node(2), WayState.Lossy, 300), new PeerWay(Samples.Node(3), WayState.Programmed)], Ask(Status(), probes).Ways);
    }

    [Theory]
    [InlineData("tunnels", WayState.Waiting)]
    [InlineData("routes", WayState.Waiting)]
    [InlineData("underlay", WayState.Programmed)]
    public void What_is_not_ready_is_named(string component, WayState way)
    {
        var view = Ask(Status(new Component("lease", true, "10.244.1.0/24"), new Component(component, false, "1 object missing")));
        Assert.Equal($"{component}: 1 object missing", view.Problem);
        Assert.All(view.Ways, item => Assert.Equal(way, item.State));
    }

    [Fact]
    public void Without_a_tunnel_device_there_is_no_traffic_to_tell_of()
    {
        counters.Remove("flannel.1");
        Assert.Null(Ask(Status()).Traffic);
    }

    [Fact]
    public void Probes_that_are_late_do_not_make_the_host_silent() => Assert.All(Ask(Status(), new LateProbes()).Ways, way => Assert.Equal(WayState.Programmed, way.State));

    [Fact]
    public void Several_that_ask_at_once_cost_one_look()
    {
        var actor = Actor(NoProbes.Instance);
        for (int number = 1; number <= 3; number++)
        {
            actor.Tell(new ViewProtocol.DescribeHost(number));
            if (number == 1)
                Answer(Status());
            Assert.Equal(number, ExpectMsg<ViewProtocol.HostDescribed>().Number);
        }
        time.Advance(TimeSpan.FromSeconds(1));
        actor.Tell(new ViewProtocol.DescribeHost(4));
        Answer(Status());
        Assert.Equal(4, ExpectMsg<ViewProtocol.HostDescribed>().Number);
    }

    [Fact]
    public void A_host_that_is_busy_says_nothing_and_answers_the_next_question()
    {
        var actor = Actor(NoProbes.Instance);
        actor.Tell(new ViewProtocol.DescribeHost(1));
        ExpectMsg<HostProtocol.GetStatus>();
        ExpectNoMsg(TimeSpan.FromSeconds(3));
        actor.Tell(new ViewProtocol.DescribeHost(2));
        Answer(Status());
        Assert.Equal(2, ExpectMsg<ViewProtocol.HostDescribed>().Number);
    }

    private HostView Ask(HostStatus status, IPeerProbes? probes = null)
    {
        Actor(probes ?? NoProbes.Instance).Tell(new ViewProtocol.DescribeHost(7));
        Answer(status);
        var answer = ExpectMsg<ViewProtocol.HostDescribed>();
        Assert.Equal(7, answer.Number);
        return answer.View;
    }

    /// <summary>The test's own actor plays the host's network.</summary>
    private void Answer(HostStatus status)
    {
        ExpectMsg<HostProtocol.GetStatus>();
        Reply(status);
    }

    private void Reply(HostStatus status) => LastSender.Tell(status);

    private IActorRef Actor(IPeerProbes probes)
    {
        // Up since the clock's zero, whenever the actor is made.
        var began = new ManualTime();
        return Sys.ActorOf(HostViewActor.Props(TestActor, new HostViewSources("0.1.0", events, probes, () => counters), new Since(time, began)));
    }

    private static HostStatus Status(params Component[] components) => new(
        Samples.Node(1),
        "host1",
        components.All(component => component.Ready),
        [.. components],
        Samples.Lease(1),
        Samples.Version(Samples.IPv4Network),
        HostPlan.Nothing with
        {
            Mtu = 1450,
            Links = [new WantedVxlan("flannel.1", 1450, 1, 8472, "eth0", Samples.Address("192.168.7.1"), new MacAddress(1), false, false)],
            Reached = [Reached(2), Reached(3)],
        },
        new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)),
        0);

    private static ReachedSubnet Reached(int n) => new(Samples.Node(n), IpPrefix.Parse($"10.244.{n}.0/24"), new NextHop("flannel.1", null), "vxlan");

    private sealed class Probes : Dictionary<NodeId, PeerWay>, IPeerProbes
    {
        public Task<IReadOnlyDictionary<NodeId, PeerWay>> LatestAsync() => Task.FromResult<IReadOnlyDictionary<NodeId, PeerWay>>(this);
    }

    private sealed class LateProbes : IPeerProbes
    {
        public Task<IReadOnlyDictionary<NodeId, PeerWay>> LatestAsync() => Task.FromException<IReadOnlyDictionary<NodeId, PeerWay>>(new AskTimeoutException("late"));
    }

    /// <summary>A clock that stands at zero when it is asked for the first time.</summary>
    private sealed class Since(ManualTime time, ManualTime zero) : TimeProvider
    {
        private bool asked;

        public override long TimestampFrequency => time.TimestampFrequency;

        public override long GetTimestamp()
        {
            if (asked)
                return time.GetTimestamp();
            asked = true;
            return zero.GetTimestamp();
        }
    }
}
