using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Actors.Tests.View;

/// <summary>Gathering from hosts that answer, are slow, or are dead: in real time, for it is about time.</summary>
public sealed class OverviewActorSpecs : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<int, int> questions = [];

    [Fact]
    public async Task Hosts_that_answer_are_seen_and_a_dead_one_is_silent()
    {
        var overview = Overview(4, n => n switch { 4 => ActorRefs.Nobody, 3 => Peer(n, TimeSpan.FromSeconds(1)), _ => Peer(n, TimeSpan.Zero) });
        await Until(overview, hosts => hosts.Count(host => host.View is not null) == 3 && hosts.Single(host => host.Address.Uid == 4).Silent);
        var seen = await Look(overview);
        Assert.Equal(["host1", "host2", "host3"], seen.Where(host => host.View is not null).Select(host => host.View!.Host).Order(StringComparer.Ordinal));
        Assert.All(seen.Where(host => host.Address.Uid != 4), host => Assert.False(host.Silent));
        Assert.Null(seen.Single(host => host.Address.Uid == 4).View);
    }

    [Fact]
    public async Task A_look_is_answered_at_once_whoever_is_dead()
    {
        var overview = Overview(300, _ => ActorRefs.Nobody);
        for (int i = 0; i < 5; i++)
        {
            long began = TimeProvider.System.GetTimestamp();
            Assert.Equal(300, (await Look(overview)).Count);
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task Three_hundred_hosts_are_all_seen_and_none_is_asked_too_often()
    {
        var overview = Overview(300, n => Peer(n, TimeSpan.Zero));
        long began = TimeProvider.System.GetTimestamp();
        await Until(overview, hosts => hosts.All(host => host.View is not null), TimeSpan.FromSeconds(30));
        double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        // Half a minute for a machine that is busy with something else.
        Assert.InRange(seconds, 4, 30);
        Assert.All(questions.Values, times => Assert.InRange(times, 1, 1 + (int)(seconds / 5)));
    }

    [Fact]
    public async Task Nobody_is_asked_while_nobody_looks()
    {
        var overview = Overview(2, n => Peer(n, TimeSpan.Zero));
        await Task.Delay(500);
        Assert.Empty(questions);
        await Until(overview, hosts => hosts.All(host => host.View is not null));
        await Task.Delay(OverviewActor.WatchedFor + TimeSpan.FromSeconds(1));
        int after = questions.Values.Sum();
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(after, questions.Values.Sum());
    }

    private IActorRef Overview(int hosts, Func<int, IActorRef> peer)
    {
        var peers = Enumerable.Range(1, hosts).ToDictionary(n => new UniqueAddress(new Address("akka.tcp", "overlay", $"10.0.{n / 250}.{n % 250}", 4053), n), peer);
        return Sys.ActorOf(OverviewActor.Props(() => peers.Keys, address => peers[address], TimeProvider.System));
    }

    private IActorRef Peer(int n, TimeSpan delay) => Sys.ActorOf(Props.Create(() => new FakePeer(n, delay, questions)));

    private static async Task<IReadOnlyList<HostSeen>> Look(IActorRef overview) => (await overview.Ask<ViewProtocol.Overview>(ViewProtocol.GetOverview.Instance, Patience)).Others;

    private static async Task Until(IActorRef overview, Func<IReadOnlyList<HostSeen>, bool> isSo, TimeSpan? patience = null)
    {
        for (long began = TimeProvider.System.GetTimestamp(); !isSo(await Look(overview)); await Task.Delay(200))
            Assert.True(TimeProvider.System.GetElapsedTime(began) < (patience ?? Patience), "it does not come true");
    }

    private sealed class FakePeer : ReceiveActor
    {
        public FakePeer(int n, TimeSpan delay, ConcurrentDictionary<int, int> questions) => Receive<ViewProtocol.DescribeHost>(question =>
        {
            questions.AddOrUpdate(n, 1, (_, before) => before + 1);
            Context.System.Scheduler.ScheduleTellOnce(delay, Sender, new ViewProtocol.HostDescribed(question.Number, ViewSamples.View(n)), Self);
        });
    }
}
