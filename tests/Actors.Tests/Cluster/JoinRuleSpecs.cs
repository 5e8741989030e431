using Akka.Actor;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>When a host may be told to join by hand: never so that a second cluster comes of it.</summary>
public sealed class JoinRuleSpecs
{
    private static readonly Address Self = Address.Parse("akka.tcp://overlay@192.168.7.9:4053");
    private static readonly Address Other = Address.Parse("akka.tcp://overlay@192.168.7.1:4053");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void It_never_joins_itself(bool isCore) => Assert.Equal(OperatorOutcome.Refused, JoinRule.Judge(Self, isCore, [], Self).Outcome);

    [Fact]
    public void A_seed_is_left_to_the_forming_of_the_core() => Assert.Equal(OperatorOutcome.Refused, JoinRule.Judge(Self, isCore: true, [], Other).Outcome);

    [Fact]
    public void A_member_stays_where_it_is()
    {
        Assert.Equal(OperatorOutcome.Accepted, JoinRule.Judge(Self, isCore: false, [Self, Other], Other).Outcome);
        Assert.Equal(OperatorOutcome.Refused, JoinRule.Judge(Self, isCore: false, [Self], Other).Outcome);
    }

    [Fact]
    public void A_plain_host_in_no_cluster_asks_first() => Assert.Equal((OperatorOutcome.Accepted, null), JoinRule.Judge(Self, isCore: false, [], Other));

    [Theory]
    [InlineData("", true, OperatorOutcome.Accepted)]
    [InlineData("", false, OperatorOutcome.Refused)]
    [InlineData("blue", true, OperatorOutcome.Refused)]
    public void It_joins_a_member_of_its_own_network(string network, bool up, OperatorOutcome expected) =>
        Assert.Equal(expected, JoinRule.Judge(Other, new NodeProtocol.IAm(Other.ToString(), 1, up, false, 1) { Network = network }, NetworkName.Default).Outcome);

    [Fact]
    public void Nobody_is_joined_who_does_not_answer() => Assert.Equal(OperatorOutcome.Unavailable, JoinRule.Judge(Other, null, NetworkName.Default).Outcome);
}
