using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.WayChooser;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.WayChooser;

public sealed class WayJudgementSpecs
{
    private readonly WayJudgement judgement = new(ImmutableDictionary<AvoidedWay, Avoidance>.Empty);

    [Fact]
    public void A_way_by_which_nothing_comes_back_is_passed_over_once_it_has_had_its_chance()
    {
        Assert.False(Look(0, "vxlan", ProbeState.Dead));
        Assert.False(Look(14.9, "vxlan", ProbeState.Dead));
        Assert.True(Look(15, "vxlan", ProbeState.Dead));
        Assert.Equal((new AvoidedWay(Samples.Node(2), "vxlan"), new Avoidance(1, "nothing came back from 10.244.2.0")), (judgement.Avoided.Single().Key, judgement.Avoided.Single().Value));
        Assert.False(Look(16, "vxlan", ProbeState.Dead));
    }

    [Theory]
    [InlineData(ProbeState.Unreachable)]
    [InlineData(ProbeState.FullSizeLost)]
    [InlineData(ProbeState.Loss)]
    [InlineData(ProbeState.Ok)]
    [InlineData(ProbeState.Waiting)]
    public void Whatever_else_is_no_reason_to_leave_it(ProbeState state)
    {
        Look(0, "vxlan", state);
        Assert.False(Look(100, "vxlan", state));
        Assert.Empty(judgement.Avoided);
    }

    [Fact]
    public void The_next_way_gets_time_enough_for_the_peer_and_they_take_turns()
    {
        Look(0, "vxlan", ProbeState.Ok);
        Assert.True(Look(100, "vxlan", ProbeState.Dead));
        Assert.False(Look(101, "udp", ProbeState.Dead));
        Assert.False(Look(130.9, "udp", ProbeState.Dead));
        Assert.True(Look(131, "udp", ProbeState.Dead));
        Assert.False(Look(132, "vxlan", ProbeState.Dead));
        Assert.True(Look(162, "vxlan", ProbeState.Dead));
        Assert.Equal([("udp", 2L), ("vxlan", 3L)], judgement.Avoided.OrderBy(item => item.Value.Order).Select(item => (item.Key.BackEnd, item.Value.Order)));
    }

    [Fact]
    public void It_is_not_tried_again_by_itself_and_forgotten_when_the_peer_goes()
    {
        Look(0, "vxlan", ProbeState.Ok);
        Look(100, "vxlan", ProbeState.Dead);
        Assert.False(Look(100_000, "udp", ProbeState.Ok));
        Assert.Single(judgement.Avoided);
        Assert.True(judgement.Look(TimeSpan.FromSeconds(100_001), [], []));
        Assert.Empty(judgement.Avoided);
    }

    [Fact]
    public void What_an_earlier_process_knew_counts()
    {
        var recalled = judgement.Avoided.Add(new AvoidedWay(Samples.Node(2), "host-gw"), new Avoidance(7, "nothing came back"));
        string file = SavedWays.Format("this boot", recalled);
        Assert.Equal(recalled, SavedWays.Read(file, "this boot"));
        Assert.Empty(SavedWays.Read(file, "another boot"));
        Assert.Empty(SavedWays.Read(file[..20], "this boot"));
        Assert.Empty(SavedWays.Read("{\"BootId\":\"this boot\",\"Avoided\":[null]}", "this boot"));
        var next = new WayJudgement(recalled);
        var subnet = IpPrefix.Parse("10.244.2.0/24");
        ReachedSubnet[] reached = [new ReachedSubnet(Samples.Node(2), subnet, new NextHop("flannel.1", subnet.Address), "vxlan")];
        Assert.False(next.Look(TimeSpan.Zero, reached, []));
        Assert.Equal(recalled, next.Avoided);
    }

    private bool Look(double seconds, string way, ProbeState state)
    {
        var subnet = IpPrefix.Parse("10.244.2.0/24");
        var reached = new ReachedSubnet(Samples.Node(2), subnet, new NextHop("flannel.1", subnet.Address), way);
        var row = new ProbeRow("member", Samples.Node(2), "host2", subnet.Address, state, 1450, null, null, null, default, default, null, null, null, null);
        return judgement.Look(TimeSpan.FromSeconds(seconds), [reached], [row]);
    }
}
