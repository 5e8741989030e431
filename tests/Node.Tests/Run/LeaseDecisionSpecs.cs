using AkkaOverlay.Node.Run;

namespace AkkaOverlay.Node.Tests.Run;

/// <summary>An operator's word about the lease of a node that ends.</summary>
public sealed class LeaseDecisionSpecs
{
    private readonly LeaseDecision lease = new();

    [Fact]
    public void It_counts_until_the_fate_of_the_lease_is_decided()
    {
        Assert.Null(lease.OperatorWants());
        Assert.True(lease.Decide(byFate: false));
        Assert.True(lease.ByOperator);
        Assert.Null(lease.OperatorWants());
    }

    [Fact]
    public void It_is_refused_where_the_lease_is_kept_already()
    {
        Assert.False(lease.Decide(byFate: false));
        Assert.Contains("keeps its lease", lease.OperatorWants(), StringComparison.Ordinal);
        Assert.False(lease.ByOperator);
    }

    [Fact]
    public void It_is_taken_where_the_lease_is_given_back_anyway()
    {
        Assert.True(lease.Decide(byFate: true));
        Assert.Null(lease.OperatorWants());
    }
}
