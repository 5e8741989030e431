using System.Net;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Tests.View;

public sealed class ProbedWaysSpecs
{
    private static readonly NodeId Peer = NodeId.New();

    [Theory]
    [InlineData(ProbeState.Ok, WayState.Answers)]
    [InlineData(ProbeState.Loss, WayState.Lossy)]
    [InlineData(ProbeState.FullSizeLost, WayState.FullSizeLost)]
    [InlineData(ProbeState.Dead, WayState.Silent)]
    [InlineData(ProbeState.Unreachable, WayState.Unknown)]
    public void What_probes_say_shows(ProbeState probed, WayState way) => Assert.Equal(new PeerWay(Peer, way, 120), Assert.Single(ProbedWays.Of([Row(probed)]).Values));

    [Theory]
    [InlineData(ProbeState.Waiting)]
    [InlineData(ProbeState.NotProbed)]
    public void Where_nobody_has_tried_the_kernel_has_the_word(ProbeState probed) => Assert.Empty(ProbedWays.Of([Row(probed)]));

    [Fact]
    public void The_worse_of_both_IP_versions_shows()
    {
        Assert.Equal(WayState.Silent, ProbedWays.Of([Row(ProbeState.Ok), Row(ProbeState.Dead)])[Peer].State);
        Assert.Equal(WayState.Silent, ProbedWays.Of([Row(ProbeState.Dead), Row(ProbeState.Ok)])[Peer].State);
        Assert.Equal(WayState.Answers, ProbedWays.Of([Row(ProbeState.Unreachable), Row(ProbeState.Ok)])[Peer].State);
    }

    private static ProbeRow Row(ProbeState state) => new(
        "akka.tcp://overlay@192.0.2.1:4053", Peer, "h2", IPAddress.Parse("10.244.2.0"), state, 1450, null, null, null, default, default, 0, TimeSpan.FromMicroseconds(120), null, null);
}
