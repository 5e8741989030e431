using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

public sealed class SubnetAllocatorSpecs() : TestKit(TestJournal.Hocon)
{
    private static readonly NetworkConfig Network = Samples.IPv4Network;
    private static readonly string Fingerprint = NetConf.Fingerprint(Network);
    private static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(300);

    [Fact]
    public void The_first_claim_founds_the_network_and_is_granted()
    {
        var allocator = Start();
        allocator.Tell(Claim(1));
        var granted = ExpectMsg<LeaseProtocol.Granted>();
        Assert.Equal((1, Network), (granted.Network.Version, granted.Network.Config));
        Assert.Equal("10.244.1.0/24", granted.Lease.Subnets.ToString());
        Assert.Equal(2, granted.Lease.Generation);
    }

    [Fact]
    public void The_ledger_s_network_counts_and_not_that_of_a_later_allocator()
    {
        Granted(Start(), 1);
        Restart(out var allocator, Samples.DualNetwork);
        allocator.Tell(Claim(2));
        Assert.Equal(Network, ExpectMsg<LeaseProtocol.Granted>().Network.Config);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another")]
    public void A_claim_made_for_another_network_is_told_the_right_one_and_gets_nothing(string? fingerprint)
    {
        var allocator = Start();
        allocator.Tell(Claim(1) with { NetworkFingerprint = fingerprint });
        Assert.Equal(Network, ExpectMsg<LeaseProtocol.NetworkIs>().Network.Config);
        Granted(allocator, 2);
        var page = Snapshot(allocator, CreateTestProbe()).Single();
        Assert.Equal([Samples.Node(2)], page.Leases.Select(lease => lease.Owner));
    }

    [Fact]
    public void Nothing_is_answered_or_announced_before_the_journal_has_it()
    {
        var allocator = Start();
        Granted(allocator, 1);
        var watcher = CreateTestProbe();
        Snapshot(allocator, watcher);
        Journal(new TestJournal.Hold());
        allocator.Tell(Claim(2));
        ExpectNoMsg(Silence);
        watcher.ExpectNoMsg(TimeSpan.Zero);
        Journal(new TestJournal.LetGo());
        Assert.Equal(Samples.Node(2), ExpectMsg<LeaseProtocol.Granted>().Lease.Owner);
        watcher.ExpectMsg<LeaseProtocol.Change>();
    }

    [Fact]
    public void An_allocator_that_cannot_write_answers_nothing_and_stops_and_leases_stay()
    {
        var allocator = Start();
        var held = Granted(allocator, 1);
        var watcher = CreateTestProbe();
        Snapshot(allocator, watcher);
        Watch(allocator);
        Journal(new TestJournal.Fail(true));
        allocator.Tell(Claim(2));
        ExpectTerminated(allocator);
        ExpectNoMsg(Silence);
        watcher.ExpectNoMsg(TimeSpan.Zero);

        Journal(new TestJournal.Fail(false));
        allocator = Start();
        Assert.Equal(held, Granted(allocator, 1));
        // The subnet that was nearly granted is granted now, once.
        Assert.Equal("10.244.2.0/24", Granted(allocator, 3).Subnets.ToString());
    }

    [Fact]
    public void Leases_outlive_the_allocator()
    {
        var allocator = Start();
        var leases = Enumerable.Range(1, 5).Select(node => Granted(allocator, node)).ToList();
        allocator.Tell(new LeaseProtocol.Release(Samples.Node(3), leases[2].Generation));
        ExpectMsg<LeaseProtocol.Released>();
        leases.RemoveAt(2);
        Restart(out allocator);
        Assert.Equal(leases, Snapshot(allocator, CreateTestProbe()).SelectMany(page => page.Leases).OrderBy(lease => lease.Generation));
        foreach (var lease in leases)
        {
            allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(lease.Owner.Value.ToByteArray()[0], new HeldLease(lease.Subnets, lease.Generation)), Fingerprint));
            Assert.Equal((lease, (string?)null), ExpectMsg<LeaseProtocol.Granted>() is var granted ? (granted.Lease, granted.Conflict) : default);
        }
    }

    [Fact]
    public void A_release_is_answered_as_often_as_it_is_asked()
    {
        var allocator = Start();
        var lease = Granted(allocator, 1);
        for (int i = 0; i < 3; i++)
        {
            allocator.Tell(new LeaseProtocol.Release(lease.Owner, lease.Generation));
            ExpectMsg(new LeaseProtocol.Released(lease.Owner, lease.Generation));
        }
        allocator.Tell(new LeaseProtocol.Release(Samples.Node(9), 77));
        ExpectMsg(new LeaseProtocol.Released(Samples.Node(9), 77));
    }

    [Fact]
    public void A_late_release_of_an_earlier_hold_does_not_end_the_present_one()
    {
        var allocator = Start();
        var earlier = Granted(allocator, 1);
        allocator.Tell(new LeaseProtocol.Release(earlier.Owner, earlier.Generation));
        ExpectMsg<LeaseProtocol.Released>();
        var present = Granted(allocator, 1);
        allocator.Tell(new LeaseProtocol.Release(earlier.Owner, earlier.Generation));
        Assert.Equal(present, ExpectMsg<LeaseProtocol.Granted>().Lease);
        Assert.Equal(present, Granted(allocator, 1));
    }

    [Fact]
    public void A_network_without_free_subnets_refuses_with_the_reason()
    {
        var small = NetConf.Parse("""{ "Network": "10.9.0.0/24", "SubnetLen": 28, "SubnetMin": "10.9.0.16", "SubnetMax": "10.9.0.16" }""");
        var allocator = Start(small);
        allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(1), NetConf.Fingerprint(small)));
        ExpectMsg<LeaseProtocol.Granted>();
        allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(2), NetConf.Fingerprint(small)));
        var refused = ExpectMsg<LeaseProtocol.Refused>();
        Assert.Equal(RefusalReason.OutOfSubnets, refused.Reason);
        Assert.Contains("out of subnets", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_watcher_gets_the_ledger_in_pages_and_then_every_change_in_order()
    {
        var allocator = Start(Samples.DualNetwork with { IPv4 = NetConf.Parse("""{ "Network": "10.0.0.0/8" }""").IPv4, IPv6 = null });
        var watcher = CreateTestProbe();
        string fingerprint = "";
        allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(1), null));
        fingerprint = NetConf.Fingerprint(ExpectMsg<LeaseProtocol.NetworkIs>().Network.Config);
        for (int node = 1; node <= 450; node++)
        {
            allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(1) with { Owner = Samples.Node(node) }, fingerprint));
            ExpectMsg<LeaseProtocol.Granted>();
        }
        var pages = Snapshot(allocator, watcher);
        Assert.Equal([(0, 5, 100), (1, 5, 100), (2, 5, 100), (3, 5, 100), (4, 5, 50)], pages.Select(page => (page.Page, page.Pages, page.Leases.Count)));
        Assert.Equal(450, pages.SelectMany(page => page.Leases).Select(lease => lease.Owner).Distinct().Count());
        Assert.Single(pages.Select(page => (page.Epoch, page.Revision)).Distinct());

        long revision = pages[0].Revision;
        for (int node = 451; node <= 460; node++)
            allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(1) with { Owner = Samples.Node(node) }, fingerprint));
        for (int node = 451; node <= 460; node++)
        {
            var change = watcher.ExpectMsg<LeaseProtocol.Change>();
            Assert.Equal((pages[0].Epoch, revision, revision + 1), (change.Epoch, change.Previous, change.Revision));
            Assert.Equal(Samples.Node(node), Assert.IsType<LeaseEvent.Granted>(change.Event).Lease.Owner);
            revision++;
        }
    }

    [Fact]
    public void A_watcher_that_has_it_all_is_told_so()
    {
        var allocator = Start();
        Granted(allocator, 1);
        var watcher = CreateTestProbe();
        var page = Snapshot(allocator, watcher).Single();
        allocator.Tell(new LeaseProtocol.Watch(Samples.Node(9), page.Epoch, page.Revision), watcher);
        watcher.ExpectMsg(new LeaseProtocol.UpToDate(page.Epoch, page.Revision));
        allocator.Tell(new LeaseProtocol.Watch(Samples.Node(9), page.Epoch, page.Revision - 1), watcher);
        watcher.ExpectMsg<LeaseProtocol.Snapshot>();
        // Asking twice does not mean hearing twice.
        Granted(allocator, 2);
        watcher.ExpectMsg<LeaseProtocol.Change>();
        watcher.ExpectNoMsg(Silence);
    }

    [Fact]
    public void Every_life_has_an_epoch_of_its_own()
    {
        var allocator = Start();
        Granted(allocator, 1);
        var before = Snapshot(allocator, CreateTestProbe()).Single();
        Restart(out allocator);
        var watcher = CreateTestProbe();
        allocator.Tell(new LeaseProtocol.Watch(Samples.Node(9), before.Epoch, before.Revision), watcher);
        var after = watcher.ExpectMsg<LeaseProtocol.Snapshot>();
        Assert.NotEqual(before.Epoch, after.Epoch);
        Assert.Equal((before.Revision, before.Leases), (after.Revision, after.Leases));
    }

    [Fact]
    public void A_renewal_is_not_announced_and_not_written()
    {
        var allocator = Start();
        var lease = Granted(allocator, 1);
        var watcher = CreateTestProbe();
        Snapshot(allocator, watcher);
        Journal(new TestJournal.Fail(true));
        Assert.Equal(lease, Granted(allocator, 1));
        watcher.ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_dead_watcher_is_forgotten()
    {
        var allocator = Start();
        Granted(allocator, 1);
        var watcher = CreateTestProbe();
        Snapshot(allocator, watcher);
        var deadLetters = CreateTestProbe();
        Sys.EventStream.Subscribe(deadLetters, typeof(Akka.Event.DeadLetter));
        Watch(watcher);
        Sys.Stop(watcher);
        ExpectTerminated(watcher);
        AwaitAssert(() =>
        {
            // Once the allocator has heard of it, a change sends nothing into the void.
            while (deadLetters.HasMessages)
                deadLetters.ReceiveOne(TimeSpan.Zero);
            allocator.Tell(Claim(2) with { Command = Samples.Claim(2) with { NodeName = $"{Guid.NewGuid()}" } });
            ExpectMsg<LeaseProtocol.Granted>();
            deadLetters.ExpectNoMsg(Silence);
        }, TimeSpan.FromSeconds(10));
    }

    private IActorRef Start(NetworkConfig? network = null) => Sys.ActorOf(SubnetAllocatorActor.Props(network ?? Network, NoFence.Instance, mayForget: true));

    private void Restart(out IActorRef allocator, NetworkConfig? network = null)
    {
        var before = LastSender;
        Watch(before);
        before.Tell(SubnetAllocatorActor.Stop.Instance);
        ExpectTerminated(before);
        allocator = Start(network);
    }

    private static LeaseProtocol.Claim Claim(int node) => new(Samples.Claim(node), Fingerprint);

    private Lease Granted(IActorRef allocator, int node)
    {
        allocator.Tell(Claim(node));
        return ExpectMsg<LeaseProtocol.Granted>().Lease;
    }

    private static List<LeaseProtocol.Snapshot> Snapshot(IActorRef allocator, TestProbe watcher)
    {
        allocator.Tell(new LeaseProtocol.Watch(Samples.Node(9), Guid.Empty, 0), watcher);
        var pages = new List<LeaseProtocol.Snapshot>();
        do
            pages.Add(watcher.ExpectMsg<LeaseProtocol.Snapshot>());
        while (pages.Count < pages[0].Pages);
        return pages;
    }

    private void Journal(object command)
    {
        var probe = CreateTestProbe();
        Persistence.Instance.Apply(Sys).JournalFor("").Tell(command, probe);
        probe.ExpectMsg<TestJournal.Obeyed>();
    }
}
