using System.Threading.Channels;
using Akka.Actor;
using Akka.Cluster;
using AkkaOverlay.Actors.Cluster;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>What an operator does with members, and what a listener hears of it, in a cluster over TCP on loopback.</summary>
public sealed class MemberOperatorSpecs : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly OverlayLab lab = new(core: 1);

    public MemberOperatorSpecs()
    {
        lab.Start(1);
        lab.Start(2);
        Eventually(() => lab.Cluster(1).State.Members.Count(member => member.Status == MemberStatus.Up) == 2);
    }

    public void Dispose() => lab.Dispose();

    [Fact]
    public async Task A_member_that_is_put_out_and_lives_is_a_member_again_and_listeners_hear_of_it()
    {
        var (plain, uid) = (lab.Akka(2), lab.Cluster(2).SelfUniqueAddress.Uid);
        var channel = Channel.CreateBounded<ClusterEvent.IClusterDomainEvent>(1000);
        var feed = lab.System(1)!.System.ActorOf(DomainEventFeed.Props(lab.Cluster(1), channel.Writer));
        Assert.Equal(OperatorOutcome.NoSuchMember, (await Tell(1, new OperatorProtocol.Down("127.9.9.9"))).Outcome);
        Assert.Equal(OperatorOutcome.Accepted, (await Tell(1, new OperatorProtocol.Down(plain))).Outcome);
        Eventually(() => lab.Cluster(1).State.Members.Any(member => member.Address.ToString() == plain && member.UniqueAddress.Uid != uid && member.Status == MemberStatus.Up));
        lab.System(1)!.System.Stop(feed);
        var heard = await AllOf(channel);
        // First the state as it was, then what happened.
        Assert.Equal(2, heard.OfType<ClusterEvent.MemberUp>().Take(2).Count());
        Assert.Contains(heard, item => item is ClusterEvent.MemberDowned downed && downed.Member.UniqueAddress.Uid == uid);
        Assert.Contains(heard, item => item is ClusterEvent.MemberRemoved { PreviousStatus: MemberStatus.Down } removed && removed.Member.UniqueAddress.Uid == uid);
    }

    [Fact]
    public async Task A_listener_that_does_not_read_is_let_go()
    {
        var channel = Channel.CreateBounded<ClusterEvent.IClusterDomainEvent>(1);
        lab.System(1)!.System.ActorOf(DomainEventFeed.Props(lab.Cluster(1), channel.Writer));
        // The present state alone is more than one event.
        await Task.Delay(TimeSpan.FromSeconds(1));
        Assert.Single(await AllOf(channel));
    }

    [Fact]
    public async Task Whoever_is_in_a_cluster_is_not_sent_to_another_one()
    {
        Assert.Equal(OperatorOutcome.Accepted, (await Tell(2, new OperatorProtocol.Join(lab.Akka(1)))).Outcome);
        Assert.Equal(OperatorOutcome.Refused, (await Tell(2, new OperatorProtocol.Join("127.9.9.9"))).Outcome);
        Assert.Equal(OperatorOutcome.Refused, (await Tell(1, new OperatorProtocol.Join(lab.Akka(1)))).Outcome);
        Assert.Equal(OperatorOutcome.BadAddress, (await Tell(1, new OperatorProtocol.Join("nobody"))).Outcome);
        Assert.Equal(2, lab.Cluster(1).State.Members.Count);
    }

    [Fact]
    public async Task Whoever_is_told_to_leave_says_so() => Assert.Equal(
        new OperatorProtocol.Answered(OperatorOutcome.Accepted, $"Leaving {lab.Akka(2)}: its lease is given back, and its process ends"), await Tell(1, new OperatorProtocol.Leave(lab.Akka(2))));

    [Fact]
    public async Task A_host_that_is_stopping_already_says_why_it_does_not()
    {
        lab.Objection = "it is stopping already";
        Assert.Equal(
            new OperatorProtocol.Answered(OperatorOutcome.Refused, $"{lab.Akka(2)} does not leave: it is stopping already"), await Tell(1, new OperatorProtocol.Leave(lab.Akka(2))));
    }

    private static async Task<IReadOnlyList<ClusterEvent.IClusterDomainEvent>> AllOf(Channel<ClusterEvent.IClusterDomainEvent> channel)
    {
        using var patience = new CancellationTokenSource(Patience);
        var all = new List<ClusterEvent.IClusterDomainEvent>();
        await foreach (var item in channel.Reader.ReadAllAsync(patience.Token))
            all.Add(item);
        return all;
    }

    private Task<OperatorProtocol.Answered> Tell(int number, object wish) => lab.System(number)!.Operator.Ask<OperatorProtocol.Answered>(wish, Patience);

    private static void Eventually(Func<bool> isSo) => Assert.True(SpinWait.SpinUntil(isSo, Patience), "it does not come to that");
}
