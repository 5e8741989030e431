using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>Whose leases outlive the ledger that they were in.</summary>
public sealed class CarriedLeasesSpecs
{
    private static readonly Guid One = Guid.NewGuid(), Other = Guid.NewGuid();

    [Theory]
    [InlineData(5, true)]
    [InlineData(10, false)]
    [InlineData(11, false)]
    public void Another_ledger_that_is_behind_is_what_they_are_carried_for(long revision, bool begins)
    {
        Assert.Equal(begins, CarriedLeases.BeginWith(View(One, 10, 1, 2), Seen(Other, revision, 1)));
        Assert.False(CarriedLeases.BeginWith(View(One, 10, 1, 2), Seen(One, revision, 1)));
        Assert.False(CarriedLeases.BeginWith(LedgerView.Unknown, Seen(One, revision, 1)));
        Assert.Equal(begins ? [2] : [], Carried(CarriedLeases.None.After(View(One, 10, 1, 2), Seen(Other, revision, 1))));
    }

    [Fact]
    public void Whom_the_new_ledger_has_had_is_carried_no_more_and_does_not_come_back()
    {
        var carried = CarriedLeases.None.After(View(One, 10, 1, 2, 3, 4), Seen(Other, 1, 1));
        Assert.Equal([2, 3, 4], Carried(carried));
        carried = carried.After(View(Other, 1, 1), Seen(Other, 2, 1, 2, 4));
        Assert.Equal([3], Carried(carried));
        // Released there.
        carried = carried.After(View(Other, 2, 1, 2, 4), Seen(Other, 3, 1, 2));
        Assert.Equal([3], Carried(carried));
    }

    [Fact]
    public void A_third_ledger_adds_to_those_of_the_first()
    {
        var carried = CarriedLeases.None.After(View(One, 10, 1, 2), Seen(Other, 5, 1, 3));
        Assert.Equal([2, 3], Carried(carried.After(View(Other, 5, 1, 3), Seen(Guid.NewGuid(), 1, 1))));
    }

    [Fact]
    public void One_whose_subnet_somebody_else_holds_does_not_count()
    {
        var carried = CarriedLeases.None.After(View(One, 10, 1, 2, 3), Seen(Other, 1, 1));
        var stranger = Samples.Lease(9) with { Subnets = Samples.Lease(2).Subnets };
        Assert.Equal([3], Carried(carried, Samples.Lease(1), stranger));
        // Given back before the time is over: it counts again.
        Assert.Equal([2, 3], Carried(carried, Samples.Lease(1)));
    }

    private static LedgerView View(Guid epoch, long revision, params int[] nodes) => new(true, epoch, revision, Samples.Version(Samples.IPv4Network), Leases(nodes));

    private static HostProtocol.LedgerSeen Seen(Guid epoch, long revision, params int[] nodes) => new(epoch, revision, Samples.Version(Samples.IPv4Network), Leases(nodes));

    private static ImmutableDictionary<NodeId, Lease> Leases(params IEnumerable<int> nodes) => nodes.ToImmutableDictionary(Samples.Node, node => Samples.Lease(node));

    /// <summary>Of which nodes, beside these leases.</summary>
    private static IEnumerable<int> Carried(CarriedLeases carried, params Lease[] beside) =>
        Enumerable.Range(1, 9).Where(node => carried.Beside(beside.ToImmutableDictionary(lease => lease.Owner)).Any(lease => lease.Owner == Samples.Node(node)));
}
