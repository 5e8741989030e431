using Akka.Actor;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

public class CloneWatchSpecs
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);
    private static readonly Guid One = Guid.Parse("00000000-0000-0000-0000-000000000001");
    private static readonly Guid Two = Guid.Parse("00000000-0000-0000-0000-000000000002");

    private readonly CloneWatch watch = new();

    [Fact]
    public void The_same_process_is_accepted_wherever_it_is()
    {
        Assert.Equal(CloneVerdict.Accept, watch.Judge(Host(1, One), null, Long));
        Assert.Equal(CloneVerdict.Accept, watch.Judge(Host(9, One), Samples.Lease(1), Long));
    }

    [Fact]
    public void A_process_that_was_started_again_at_its_address_is_accepted_at_once()
    {
        watch.Judge(Host(1, One), null, Long);
        Assert.Equal(CloneVerdict.Accept, watch.Judge(Host(1, Two), Samples.Lease(1), Long));
        Assert.Equal(Two, watch.KnownAs(Samples.Node(1))!.Incarnation);
    }

    [Fact]
    public void Another_process_at_another_address_is_refused_when_the_first_one_lives()
    {
        var (first, copy) = (Host(1, One), Host(2, Two));
        watch.Judge(first, null, Long);
        Assert.Equal(CloneVerdict.AskFormer, watch.Judge(copy, Samples.Lease(1), Long));
        Assert.Equal(CloneVerdict.Wait, watch.Judge(copy, Samples.Lease(1), Long));
        Assert.Equal(copy, watch.Lives(Samples.Node(1), One));
        Assert.Equal(first, watch.KnownAs(Samples.Node(1)));
        // Asked once, answered once; and what comes too late changes nothing.
        Assert.Null(watch.Lives(Samples.Node(1), One));
        Assert.Null(watch.Silent(Samples.Node(1), Two));
        Assert.False(watch.MaySpeak(Samples.Node(1), Two, copy.Address));
        Assert.True(watch.MaySpeak(Samples.Node(1), One, copy.Address));
        Assert.Equal(
            $"node id {Samples.Node(1)} is in use on two hosts: host1 at 192.168.7.1 (overlay@192.168.7.1:4053) was there first and keeps its lease, "
            + "host2 at 192.168.7.2 (overlay@192.168.7.2:4053) is refused. If host2 is a copy, delete <state-dir>/node-id there and start it again",
            CloneWatch.Refusal(first, copy));
    }

    [Fact]
    public void It_is_accepted_when_the_first_one_is_silent()
    {
        watch.Judge(Host(1, One), null, Long);
        watch.Judge(Host(2, Two), Samples.Lease(1), Long);
        Assert.Null(watch.Lives(Samples.Node(1), Two));
        Assert.Equal(Two, watch.Silent(Samples.Node(1), Two)!.Incarnation);
        Assert.Equal(CloneVerdict.Accept, watch.Judge(Host(2, Two), Samples.Lease(1), Long));
        Assert.Equal(CloneVerdict.AskFormer, watch.Judge(Host(1, One), Samples.Lease(1), Long));
    }

    [Fact]
    public void A_new_allocator_waits_for_the_one_whose_address_the_ledger_has()
    {
        Assert.Equal(CloneVerdict.Wait, watch.Judge(Host(2, Two), Samples.Lease(1), TimeSpan.FromSeconds(3)));
        Assert.Equal(CloneVerdict.Accept, watch.Judge(Host(1, One), Samples.Lease(1), TimeSpan.FromSeconds(3)));
        Assert.Equal(CloneVerdict.AskFormer, watch.Judge(Host(2, Two), Samples.Lease(1), TimeSpan.FromSeconds(4)));
    }

    [Fact]
    public void A_host_that_moved_while_there_was_no_allocator_is_accepted_once_the_other_had_its_chance() =>
        Assert.Equal(CloneVerdict.Accept, watch.Judge(Host(2, Two), Samples.Lease(1), CloneWatch.Settled));

    [Fact]
    public void After_the_lease_has_ended_there_is_nobody_to_ask()
    {
        watch.Judge(Host(1, One), null, Long);
        watch.Note(new LeaseEvent.Released(Samples.Node(1), 2));
        Assert.Equal(CloneVerdict.Accept, watch.Judge(Host(2, Two), null, Long));
    }

    /// <summary>Node 1's id, on the host of that number.</summary>
    private static Claimer Host(int host, Guid incarnation) =>
        new(Samples.Node(1), incarnation, new RemoteRef(host), $"host{host}", Samples.Public(host));

    private sealed class RemoteRef(int host) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(Address.Parse($"akka.tcp://overlay@192.168.7.{host}:4053")) / "user" / "claimant";

        public override IActorRefProvider Provider => throw new NotSupportedException();
    }
}
