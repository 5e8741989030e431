using System.Collections.Immutable;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.Tests.Host;

public sealed class OwnLeaseSpecs
{
    private static readonly Guid Epoch = Guid.NewGuid();

    private static readonly OwnLease Held = new(Samples.Lease(1, generation: 7), Live: true);

    [Theory]
    [InlineData(7, 7, false)]
    [InlineData(7, 8, true)]
    [InlineData(7, null, true)]
    [InlineData(9, null, true)]
    // A view from before the grant.
    [InlineData(6, null, false)]
    [InlineData(6, 3, false)]
    public void A_ledger_that_must_have_the_lease_and_does_not_is_told_from_one_that_is_too_old(long revision, int? generation, bool missing)
    {
        Assert.Equal(missing, Held.IsMissingIn(Seen(Epoch, revision, generation), View(Epoch), Samples.Node(1)));
        Assert.False((Held with { Live = false }).IsMissingIn(Seen(Epoch, revision, generation), View(Epoch), Samples.Node(1)));
        Assert.False(OwnLease.Unknown.IsMissingIn(Seen(Epoch, revision, generation), View(Epoch), Samples.Node(1)));
    }

    [Fact]
    public void Another_ledger_must_have_it_at_any_revision() =>
        Assert.True(Held.IsMissingIn(Seen(Guid.NewGuid(), 1, null), View(Epoch), Samples.Node(1)));

    [Fact]
    public void What_is_over_has_no_lease_and_says_why()
    {
        var ended = Held.GivenBack();
        Assert.Equal((true, false), (ended.IsOver, ended.Live));
        Assert.Null(ended.Lease);
        var anothers = (Held with { Refusal = "another host lives under this id" }).TakenForAnothers();
        Assert.Equal((true, false), (anothers.IsOver, anothers.Live));
        Assert.Null(anothers.Lease);
        Assert.Equal(new Component("lease", false, "another host lives under this id"), anothers.ToComponent());
        Assert.False(anothers.Ended, "the ledger is followed");
    }

    [Fact]
    public void A_remembered_lease_is_ready_and_says_that_it_is_remembered()
    {
        Assert.Equal(new Component("lease", true, "10.244.1.0/24"), Held.ToComponent());
        Assert.Equal(new Component("lease", true, "10.244.1.0/24 (remembered)"), (Held with { Live = false }).ToComponent());
        Assert.Equal(new Component("lease", false, "waiting for the allocator"), OwnLease.Unknown.ToComponent());
    }

    private static LedgerView View(Guid epoch) => new(true, epoch, 1, Samples.Version(Samples.IPv4Network), ImmutableDictionary<NodeId, Lease>.Empty);

    private static HostProtocol.LedgerSeen Seen(Guid epoch, long revision, int? generation) => new(
        epoch,
        revision,
        Samples.Version(Samples.IPv4Network),
        generation is { } known ? ImmutableDictionary<NodeId, Lease>.Empty.Add(Samples.Node(1), Samples.Lease(1, known)) : ImmutableDictionary<NodeId, Lease>.Empty);
}
