using System.Collections.Immutable;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.WayChooser;
using AkkaOverlay.Kernel.Net;

namespace AkkaOverlay.Actors.Tests.WayChooser;

public sealed class WayJudgementSpecs
{
    private readonly WayJudgement judgement = new();

    [Fact]
    public void A_way_by_which_nothing_comes_back_is_passed_over_once_it_has_had_its_chance()
    {
        Assert.False(Look(0, "vxlan", ProbeState.Dead));
        Assert.False(Look(14.9, "vxlan", ProbeState.Dead));
        Assert.True(Look(15, "vxlan", ProbeState.Dead));
        Assert.Equal(new AvoidedWay(Samples.Node(2), "vxlan"), Assert.Single(judgement.Avoided).Key);
        Assert.Equal("nothing came back from 10.244.2.0", judgement.Avoided.Values.Single());
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
    public void The_next_way_gets_its_own_time()
    {
        Look(0, "vxlan", ProbeState.Ok);
        Assert.True(Look(100, "vxlan", ProbeState.Dead));
        Assert.False(Look(101, "udp", ProbeState.Dead));
        Assert.False(Look(115, "udp", ProbeState.Dead));
        Assert.True(Look(116, "udp", ProbeState.Dead));
        Assert.Equal(2, judgement.Avoided.Count);
    }

    [Fact]
    public void After_an_hour_or_when_the_peer_has_gone_it_is_forgotten()
    {
        Look(0, "vxlan", ProbeState.Ok);
        Look(100, "vxlan", ProbeState.Dead);
        Assert.False(Look(3699, "udp", ProbeState.Ok));
        Assert.True(Look(3700, "udp", ProbeState.Ok));
        Assert.Empty(judgement.Avoided);

        Look(4000, "vxlan", ProbeState.Dead);
        Assert.True(Look(4015, "vxlan", ProbeState.Dead));
        Assert.Single(judgement.Avoided);
        Assert.True(judgement.Look(TimeSpan.FromSeconds(4016), [], []));
        Assert.Empty(judgement.Avoided);
    }

    private bool Look(double seconds, string way, ProbeState state)
    {
        var subnet = IpPrefix.Parse("10.244.2.0/24");
        var reached = new ReachedSubnet(Samples.Node(2), subnet, new NextHop("flannel.1", subnet.Address), way);
        var row = new ProbeRow("member", Samples.Node(2), "host2", subnet.Address, state, 1450, null, null, null, default, default, null, null, null, null);
        return judgement.Look(TimeSpan.FromSeconds(seconds), [reached], [row]);
    }
}
