using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.SubnetAllocator;

namespace AkkaOverlay.Actors.Tests.SubnetAllocator;

/// <summary>The allocator sets another configuration, asks the hosts, and keeps it or takes it back; with a clock that the test holds.</summary>
public sealed class NetworkSpecs() : TestKit(TestJournal.Hocon)
{
    private static readonly NetworkConfig First = Samples.IPv4Network;
    private static readonly NetworkConfig Second = First with { BackEnd = new VxlanConfig { Mtu = 1400 } };

    private readonly ManualTime time = new();
    private readonly Dictionary<TestProbe, int> numbers = [];
    private IActorRef allocator = ActorRefs.Nobody;

    [Fact]
    public void Every_host_is_asked_before_and_after_and_when_all_are_content_it_is_kept()
    {
        var hosts = Start(2);
        Tell(new LeaseProtocol.SetNetwork(1, Second, false));
        Baseline(hosts);
        var compared = ExpectMsg<LeaseProtocol.NetworkCompared>();
        Assert.Equal((2, true, 2), (compared.Version, compared.Written, compared.Hosts));
        Assert.Equal("Backend.MTU the interface's -> 1400", Assert.Single(compared.Changes).ToString());
        foreach (var host in hosts)
            Assert.Equal(new LeaseEvent.NetworkSet(2, Second), NetworkSet(host) with { Note = null });
        var trial = Describe();
        Assert.Equal((2, TimeSpan.FromSeconds(20), 0), (trial.Network.Version, trial.TrialLeft, trial.Applied));
        Answer(hosts[0], NetworkProgress.Good);
        Assert.Equal(["host2 does not answer"], Describe().Waiting);
        Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(15), Describe().TrialLeft);
        Answer(hosts[1], NetworkProgress.Good);
        Assert.Equal(2, NetworkSet(hosts[0]).Version);
        var kept = Describe();
        Assert.Equal((2, null, null, 2), (kept.Network.Version, kept.TrialLeft, kept.TakenBack, kept.Applied));
    }

    [Fact]
    public void One_host_whose_packets_do_not_pass_takes_it_back_for_all()
    {
        var hosts = Start(2);
        Set(hosts);
        Answer(hosts[0], NetworkProgress.Good);
        Answer(hosts[1], NetworkProgress.Failing, "the way to host1 fails");
        NetworkSet(hosts[0]);
        Assert.Equal((3, First, "host2: the way to host1 fails"), (NetworkSet(hosts[0]) is var set ? set.Version : 0, set.Config, set.Note!.TakenBack));
        var back = Describe();
        Assert.Equal((3, "host2: the way to host1 fails", null), (back.Network.Version, back.TakenBack, back.TrialLeft));
        // And hosts are asked whether they have that.
        Pass(TimeSpan.FromSeconds(1));
        FishForVersion(hosts[0], 3);
        Answer(hosts[0], NetworkProgress.Good, version: 3);
        Assert.Equal(1, Describe().Applied);
    }

    [Fact]
    public void A_host_that_was_there_and_falls_silent_takes_it_back_when_the_time_is_over()
    {
        var hosts = Start(2);
        Set(hosts);
        Answer(hosts[0], NetworkProgress.Good);
        Pass(TimeSpan.FromSeconds(19));
        Assert.NotNull(Describe().TrialLeft);
        Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("it could not be confirmed within 20 s: host2 does not answer", Describe().TakenBack);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_next_allocator_finds_the_trial_in_the_ledger_and_judges_it(bool fails)
    {
        var hosts = Start(2);
        Set(hosts);
        Answer(hosts[0], NetworkProgress.Good);
        Restart();
        foreach (var (host, node) in hosts.Select((host, i) => (host, i + 1)))
            Follow(host, node);
        var trial = Describe();
        Assert.Equal((2, TimeSpan.FromSeconds(20)), (trial.Network.Version, trial.TrialLeft));
        Pass(TimeSpan.FromSeconds(1));
        FishForVersion(hosts[1], 2);
        Answer(hosts[0], NetworkProgress.Good);
        Answer(hosts[1], fails ? NetworkProgress.Failing : NetworkProgress.Good, "dead");
        // Not before everybody can have been heard.
        Assert.Equal(fails ? 3 : 2, Describe().Network.Version);
        Assert.Equal(fails, Describe().TrialLeft is null);
        Pass(TimeSpan.FromSeconds(8));
        var over = Describe();
        Assert.Equal((fails ? 3 : 2, null, fails ? "host2: dead" : null, fails ? First : Second), (over.Network.Version, over.TrialLeft, over.TakenBack, over.Network.Config));
        // And over another one: what is decided stays so.
        Restart();
        Assert.Equal((over.Network, null, over.TakenBack), (Describe().Network, Describe().TrialLeft, Describe().TakenBack));
    }

    [Fact]
    public void A_snapshot_in_the_middle_of_a_trial_does_not_lose_it()
    {
        var hosts = Start(2, snapshotAfter: 1);
        Set(hosts);
        AwaitAssert(() => Assert.Equal(2, Describe().Network.Version));
        Restart(snapshotAfter: 1);
        Pass(TimeSpan.FromSeconds(22));
        // Nobody followed it, so nobody has confirmed it.
        Assert.Equal((3, null, First), (Describe().Network.Version, Describe().TrialLeft, Describe().Network.Config));
        Assert.Equal("no host has confirmed it within 20 s", Describe().TakenBack);
    }

    [Fact]
    public void A_dry_run_a_stale_version_and_what_is_refused_change_nothing()
    {
        var hosts = Start(1);
        Tell(new LeaseProtocol.SetNetwork(1, Second, true));
        Baseline(hosts);
        Assert.False(ExpectMsg<LeaseProtocol.NetworkCompared>().Written);
        Assert.Contains("compared with version 5", Denied(new LeaseProtocol.SetNetwork(5, Second, false)), StringComparison.Ordinal);
        Assert.Contains("compared with version 5", Denied(new LeaseProtocol.SetNetwork(5, Second, true)), StringComparison.Ordinal);
        Assert.Contains("cannot change between these two", Denied(new LeaseProtocol.SetNetwork(1, First with { BackEnd = new AllocConfig() }, false)), StringComparison.Ordinal);
        Tell(new LeaseProtocol.SetNetwork(1, First, false));
        Assert.Equal((1, false, 0), (ExpectMsg<LeaseProtocol.NetworkCompared>() is var same ? same.Version : 0, same.Written, same.Changes.Count));
        Assert.Equal((1, null), (Describe().Network.Version, Describe().TrialLeft));
        hosts[0].ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_host_objects_to_is_refused_before_anything_is_stored(bool dryRun)
    {
        var hosts = Start(2);
        Tell(new LeaseProtocol.SetNetwork(1, Second, dryRun));
        Baseline(hosts, "the port is another network's");
        Assert.Equal("host1: the port is another network's; host2: the port is another network's", ExpectMsg<LeaseProtocol.Refused>().Text);
        Assert.Equal((1, null), (Describe().Network.Version, Describe().TrialLeft));
        // Nobody is in the way of the next one.
        Set(hosts);
    }

    [Fact]
    public void A_second_change_waits_for_the_first_and_a_host_that_says_nothing_holds_nobody_up()
    {
        var hosts = Start(2);
        Tell(new LeaseProtocol.SetNetwork(1, Second, false));
        long question = hosts[0].ExpectMsg<LeaseProtocol.ReportNetwork>().Question;
        Assert.Contains("another change of the network's configuration is under way", Denied(new LeaseProtocol.SetNetwork(1, Second, false)), StringComparison.Ordinal);
        allocator.Tell(Report(1, 1, NetworkProgress.Applying) with { Question = question });
        Assert.True(ExpectMsg<LeaseProtocol.NetworkCompared>(TimeSpan.FromSeconds(10)).Written);
        Assert.Contains("is on trial", Denied(new LeaseProtocol.SetNetwork(2, First, false)), StringComparison.Ordinal);
        // host2 said nothing before: it need not agree.
        Answer(hosts[0], NetworkProgress.Good);
        Assert.Null(Describe().TrialLeft);
    }

    /// <summary>It says nothing of what the host has against the second one.</summary>
    [Fact]
    public void An_answer_to_one_change_is_none_to_another()
    {
        var hosts = Start(1);
        Tell(new LeaseProtocol.SetNetwork(1, Second, true));
        long former = hosts[0].ExpectMsg<LeaseProtocol.ReportNetwork>().Question;
        Assert.False(ExpectMsg<LeaseProtocol.NetworkCompared>(TimeSpan.FromSeconds(10)).Written);
        Tell(new LeaseProtocol.SetNetwork(1, Second with { BackEnd = new VxlanConfig { Port = 4789 } }, false));
        long present = hosts[0].ExpectMsg<LeaseProtocol.ReportNetwork>().Question;
        Assert.NotEqual(former, present);
        allocator.Tell(Report(1, 1, NetworkProgress.Applying) with { Question = former });
        // What is said of a trial before says nothing of it either.
        allocator.Tell(Report(1, 1, NetworkProgress.Good));
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        allocator.Tell(Report(1, 1, NetworkProgress.Applying) with { Question = present, Objection = "the port is another network's" });
        Assert.Equal("host1: the port is another network's", ExpectMsg<LeaseProtocol.Refused>().Text);
    }

    private List<TestProbe> Start(int hosts, int snapshotAfter = 1000)
    {
        Open(snapshotAfter);
        var probes = new List<TestProbe>();
        for (int node = 1; node <= hosts; node++)
        {
            allocator.Tell(new LeaseProtocol.Claim(Samples.Claim(node), NetConf.Fingerprint(First)), TestActor);
            ExpectMsg<LeaseProtocol.Granted>();
            var probe = CreateTestProbe();
            Follow(probe, node);
            probes.Add(probe);
            numbers[probe] = node;
        }
        // What was granted since is news to those that came first.
        foreach (var probe in probes)
            probe.ReceiveWhile(TimeSpan.FromMilliseconds(300), message => message);
        return probes;
    }

    private void Open(int snapshotAfter) => allocator = Sys.ActorOf(SubnetAllocatorActor.Props(First, NoFence.Instance, mayForget: true, LeaseTimes.Default, time, snapshotAfter));

    private void Restart(int snapshotAfter = 1000)
    {
        Watch(allocator);
        allocator.Tell(SubnetAllocatorActor.Stop.Instance);
        ExpectTerminated(allocator);
        Open(snapshotAfter);
    }

    private void Follow(TestProbe host, int node)
    {
        allocator.Tell(new LeaseProtocol.Watch(Samples.Node(node), Guid.Empty, 0), host);
        host.FishForMessage(message => message is LeaseProtocol.Snapshot);
    }

    private void Set(List<TestProbe> hosts)
    {
        Tell(new LeaseProtocol.SetNetwork(1, Second, false));
        Baseline(hosts);
        Assert.True(ExpectMsg<LeaseProtocol.NetworkCompared>().Written);
    }

    private void Baseline(List<TestProbe> hosts, string? objection = null)
    {
        for (int i = 0; i < hosts.Count; i++)
        {
            var question = hosts[i].ExpectMsg<LeaseProtocol.ReportNetwork>();
            Assert.Equal((1, Second), (question.Version, question.Next));
            allocator.Tell(Report(i + 1, 1, NetworkProgress.Applying) with { Objection = objection, Question = question.Question });
        }
    }

    private void Answer(TestProbe host, NetworkProgress progress, string detail = "", long version = 2) => allocator.Tell(Report(numbers[host], version, progress, detail));

    private static LeaseProtocol.NetworkReport Report(int node, long version, NetworkProgress progress, string detail = "") => new(Samples.Node(node), version, progress, detail);

    private static LeaseEvent.NetworkSet NetworkSet(TestProbe host) =>
        (LeaseEvent.NetworkSet)((LeaseProtocol.Change)host.FishForMessage(message => message is LeaseProtocol.Change { Event: LeaseEvent.NetworkSet })).Event;

    private static void FishForVersion(TestProbe host, long version) => host.FishForMessage(message => message is LeaseProtocol.ReportNetwork asked && asked.Version == version);

    private LeaseProtocol.NetworkDescribed Describe()
    {
        allocator.Tell(new LeaseProtocol.DescribeNetwork(), TestActor);
        return ExpectMsg<LeaseProtocol.NetworkDescribed>();
    }

    private void Pass(TimeSpan span)
    {
        for (var left = span; left > TimeSpan.Zero; left -= TimeSpan.FromSeconds(1))
        {
            time.Advance(TimeSpan.FromSeconds(1));
            allocator.Tell(SubnetAllocatorActor.Tick.Instance);
            Describe();
        }
    }

    private void Tell(object question) => allocator.Tell(question, TestActor);

    private string Denied(object question)
    {
        Tell(question);
        return ExpectMsg<LeaseProtocol.Refused>().Text;
    }
}
