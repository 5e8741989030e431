using System.Collections.Immutable;
using AkkaOverlay.Actors.LeaseFeed;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using AkkaOverlay.Actors.Tests.Leases;
using CsCheck;

namespace AkkaOverlay.Actors.Tests.LeaseFeed;

public class FeedStateSpecs
{
    private static readonly Guid Epoch = Guid.Parse("00000000-0000-0000-0000-0000000000e1");
    private static readonly Guid OtherEpoch = Guid.Parse("00000000-0000-0000-0000-0000000000e2");
    private static readonly NetworkVersion Network = Samples.Version(Samples.IPv4Network);

    [Fact]
    public void A_snapshot_of_one_page_is_shown()
    {
        var step = FeedState.Unknown.With(Page(5, 0, 1, 1, 2));
        Assert.True(step is { Complete: true, Gap: false });
        Shows(step.State, Epoch, 5, 1, 2);
        Assert.Equal(Network, step.State.Network);
    }

    [Fact]
    public void A_ledger_without_leases_is_a_snapshot_too() => Shows(FeedState.Unknown.With(Page(1, 0, 1)).State, Epoch, 1);

    [Theory]
    [InlineData(0, 1, 2)]
    [InlineData(2, 1, 0)]
    [InlineData(1, 1, 2, 2, 0)]
    [InlineData(0, 0, 0, 2, 1)]
    public void Pages_come_in_any_order_and_more_than_once(params int[] order)
    {
        var state = FeedState.Unknown;
        for (int i = 0; i < order.Length; i++)
        {
            var step = state.With(Page(9, order[i], 3, order[i] + 1));
            Assert.Equal((i == order.Length - 1, false), (step.Complete, step.Gap));
            state = step.State;
            if (!step.Complete)
                Shows(state, Guid.Empty, 0);
        }
        Shows(state, Epoch, 9, 1, 2, 3);
    }

    [Fact]
    public void Pages_of_two_snapshots_are_not_mixed()
    {
        var state = FeedState.Unknown.With(Page(5, 0, 2, 1)).State;
        var step = state.With(Page(6, 1, 2, 2));
        Assert.False(step.Complete);
        step = step.State.With(Page(6, 0, 2, 3));
        Assert.True(step.Complete);
        Shows(step.State, Epoch, 6, 2, 3);
    }

    [Fact]
    public void While_a_snapshot_comes_the_old_state_is_shown()
    {
        var state = FeedState.Unknown.With(Page(5, 0, 1, 1)).State;
        var step = state.With(Page(8, 0, 2, 2));
        Assert.False(step.Complete);
        Shows(step.State, Epoch, 5, 1);
    }

    [Fact]
    public void Changes_in_order_are_shown_one_by_one()
    {
        var state = FeedState.Unknown.With(Page(5, 0, 1, 1)).State;
        state = Applied(state.With(new LeaseProtocol.Change(Epoch, 5, 6, new LeaseEvent.Granted(Samples.Lease(2)))));
        Shows(state, Epoch, 6, 1, 2);
        var renamed = Samples.Lease(2) with { NodeName = "renamed" };
        state = Applied(state.With(new LeaseProtocol.Change(Epoch, 6, 7, new LeaseEvent.Changed(renamed))));
        Assert.Equal(renamed, state.Leases[Samples.Node(2)]);
        state = Applied(state.With(new LeaseProtocol.Change(Epoch, 7, 8, new LeaseEvent.Released(Samples.Node(1), 2))));
        Assert.Equal([renamed], Sorted(state.Leases));
        state = Applied(state.With(new LeaseProtocol.Change(Epoch, 8, 9, new LeaseEvent.NetworkSet(2, Samples.DualNetwork))));
        Assert.Equal(new NetworkVersion(2, Samples.DualNetwork), state.Network);
        Assert.Equal(9, state.Revision);

        static FeedState Applied(FeedState.Step step)
        {
            Assert.True(step is { Complete: true, Gap: false });
            return step.State;
        }
    }

    [Fact]
    public void A_lost_change_is_a_gap_and_shows_nothing()
    {
        var state = FeedState.Unknown.With(Page(5, 0, 1, 1)).State;
        var step = state.With(new LeaseProtocol.Change(Epoch, 6, 7, new LeaseEvent.Granted(Samples.Lease(2))));
        Assert.True(step is { Complete: false, Gap: true });
        Shows(step.State, Epoch, 5, 1);
    }

    [Fact]
    public void A_change_of_another_epoch_is_a_gap_whatever_its_revision()
    {
        var state = FeedState.Unknown.With(Page(5, 0, 1, 1)).State;
        foreach (long previous in (long[])[1, 5, 9])
        {
            var step = state.With(new LeaseProtocol.Change(OtherEpoch, previous, previous + 1, new LeaseEvent.Released(Samples.Node(1), 2)));
            Assert.True(step is { Complete: false, Gap: true });
            Shows(step.State, Epoch, 5, 1);
        }
    }

    [Fact]
    public void Before_the_first_snapshot_every_change_is_a_gap() =>
        Assert.True(FeedState.Unknown.With(new LeaseProtocol.Change(Epoch, 0, 1, new LeaseEvent.Granted(Samples.Lease(1)))) is { Complete: false, Gap: true });

    [Theory]
    [InlineData(3, 4)]
    [InlineData(4, 5)]
    public void Old_changes_are_passed_over(long previous, long revision)
    {
        var state = FeedState.Unknown.With(Page(5, 0, 1, 1)).State;
        var step = state.With(new LeaseProtocol.Change(Epoch, previous, revision, new LeaseEvent.Released(Samples.Node(1), 2)));
        Assert.True(step is { Complete: false, Gap: false });
        Shows(step.State, Epoch, 5, 1);
    }

    [Fact]
    public void An_older_snapshot_of_the_same_epoch_is_passed_over()
    {
        var state = FeedState.Unknown.With(Page(7, 0, 1, 1, 2)).State;
        var step = state.With(Page(5, 0, 1, 1));
        Assert.True(step is { Complete: false, Gap: false });
        Shows(step.State, Epoch, 7, 1, 2);
    }

    [Fact]
    public void A_snapshot_of_another_epoch_counts_whatever_its_revision() =>
        Shows(FeedState.Unknown.With(Page(7, 0, 1, 1, 2)).State.With(Page(3, 0, 1, 4) with { Epoch = OtherEpoch }).State, OtherEpoch, 3, 4);

    /// <summary>
    /// Two lives of an allocator speak through a network that loses, repeats and reorders. What is shown is at every moment a state that the ledger really
    /// had at that revision, never one earlier than before in the same life; and one complete snapshot is enough to be up to date.
    /// </summary>
    [Fact]
    public void Whatever_the_network_does_only_true_states_are_shown_and_a_snapshot_heals() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 3], Gen.Int.Array[0, 80], Gen.Bool).Sample((length, perPage, arrivals, twoLives) =>
        {
            var first = new Ledger(Epoch, length, perPage);
            var second = new Ledger(OtherEpoch, length + 3, perPage);
            object[] sent = twoLives ? [.. first.Messages, .. second.Messages] : [.. first.Messages];
            var state = FeedState.Unknown;
            foreach (int arrival in arrivals)
            {
                var before = state;
                state = Take(state, sent[(int)((uint)arrival % sent.Length)]).State;
                var ledger = state.Epoch == Epoch ? first : second;
                if (state.Network is not null)
                    Assert.Equal(Sorted(ledger.At[state.Revision].Leases), Sorted(state.Leases));
                Assert.True(state.Epoch != before.Epoch || state.Revision >= before.Revision, "went back");
            }
            var last = twoLives ? second : first;
            foreach (var page in last.SnapshotNow())
                state = Take(state, page).State;
            Assert.Equal(last.Table.Revision, state.Revision);
            Assert.Equal(Sorted(last.Table.Leases), Sorted(state.Leases));
        }, iter: 3_000);

    private static FeedState.Step Take(FeedState state, object message) => message switch
    {
        LeaseProtocol.Snapshot page => state.With(page),
        LeaseProtocol.Change change => state.With(change),
        _ => throw new ArgumentException("neither page nor change", nameof(message)),
    };

    private static IEnumerable<Lease> Sorted(ImmutableDictionary<NodeId, Lease> leases) => leases.Values.OrderBy(lease => lease.Generation);

    private static LeaseProtocol.Snapshot Page(long revision, int page, int pages, params int[] nodes) =>
        new(Epoch, revision, Network, nodes.Select(node => Samples.Lease(node)).ToEquatableArray(), page, pages);

    private static void Shows(FeedState state, Guid epoch, long revision, params int[] nodes)
    {
        Assert.Equal((epoch, revision), (state.Epoch, state.Revision));
        Assert.Equal(nodes.Select(node => Samples.Lease(node)), Sorted(state.Leases));
    }

    /// <summary>One life of an allocator: a history of grants and releases, and everything that it might have sent on the way.</summary>
    private sealed class Ledger
    {
        private readonly Guid epoch;
        private readonly int perPage;

        public Ledger(Guid epoch, int events, int perPage)
        {
            this.epoch = epoch;
            this.perPage = perPage;
            var driver = new LeaseTableDriver(Samples.IPv4Network);
            Table = driver.Table;
            Note();
            for (int i = 0; i < events; i++)
            {
                var before = driver.Table;
                int node = (i * 7 % 5) + 1;
                if (before.Leases.TryGetValue(Samples.Node(node), out var lease))
                    driver.Run(i % 3 == 0 ? Samples.Claim(node) with { NodeName = $"name{i}" } : new LeaseCommand.Release(lease.Owner, lease.Generation));
                else
                    driver.Grant(node);
                Table = driver.Table;
                Messages.Add(new LeaseProtocol.Change(epoch, before.Revision, Table.Revision, driver.Journal[^1]));
                Note();
            }
        }

        public LeaseTable Table { get; private set; }

        public Dictionary<long, LeaseTable> At { get; } = [];

        public List<object> Messages { get; } = [];

        public IEnumerable<LeaseProtocol.Snapshot> SnapshotNow()
        {
            var pages = Table.Leases.Values.Chunk(perPage).DefaultIfEmpty([]).ToList();
            return pages.Select((leases, page) =>
                new LeaseProtocol.Snapshot(epoch, Table.Revision, new NetworkVersion(1, Table.Network!), leases.ToEquatableArray(), page, pages.Count));
        }

        private void Note()
        {
            At[Table.Revision] = Table;
            Messages.AddRange(SnapshotNow());
        }
    }
}
