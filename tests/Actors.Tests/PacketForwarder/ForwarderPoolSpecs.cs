using System.Net;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Network;
using AkkaOverlay.Actors.PacketForwarder;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Kernel.Forwarding;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Noise;
using AkkaOverlay.Kernel.Rtnetlink;
using AkkaOverlay.Kernel.Tun;

namespace AkkaOverlay.Actors.Tests.PacketForwarder;

public sealed class ForwarderPoolSpecs : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<FakeLoop> loops = [];
    private readonly Lock gate = new();
    private Exception? refusal;
    private string? lacking;
    private int attempts;
    private readonly TunnelKeys keys = new(StaticKey.Generate(), 1);
    private readonly Dictionary<int, PublicKey> publicKeys = [];

    [Fact]
    public void Every_queue_is_served_before_the_device_is_said_to_be()
    {
        var pool = Start(queues: 3);
        pool.Tell(Goal(2), TestActor);
        AwaitForwarded("flannel0");
        Assert.Equal(3, Running.Count);
        Assert.All(Running, loop => Assert.Equal(("flannel0", new IPEndPoint(Samples.Address("192.168.7.1"), 8285)), (loop.Device, loop.Local.Single())));
        Assert.Equal((3, 3, "Checksum, Gro"), StatusOf(pool) is var status ? (status.Queues, status.Serving, status.Offloads) : default);
    }

    [Fact]
    public void A_new_peer_is_another_table_and_nothing_else()
    {
        var pool = Start(queues: 1);
        pool.Tell(Goal(2), TestActor);
        AwaitForwarded("flannel0");
        var before = Running.Single();
        var tables = before.Tables;
        var first = tables.Current;
        pool.Tell(Goal(2, 3), TestActor);
        AwaitAssert(() => Assert.NotSame(first, tables.Current), Patience);
        Assert.Same(before, Running.Single());
        Assert.Equal(2, StatusOf(pool).Peers.Length);
    }

    [Fact]
    public void Another_address_of_the_host_begins_new_loops_with_the_counters_of_the_old()
    {
        var pool = Start(queues: 1);
        pool.Tell(Goal(2), TestActor);
        AwaitForwarded("flannel0");
        var old = Running.Single();
        pool.Tell(Goal(Samples.Public(9), 2), TestActor);
        AwaitAssert(() => Assert.Equal("192.168.7.9", Running.Single().Local.Single().Address.ToString()), Patience);
        Assert.True(old.Ended);
        Assert.Same(old.Counters, Running.Single().Counters);
    }

    [Fact]
    public void A_loop_that_ends_is_opened_again_and_counted()
    {
        var pool = Start(queues: 2);
        pool.Tell(Goal(2), TestActor);
        AwaitForwarded("flannel0");
        var victim = Running[0];
        EventFilter.Warning(contains: "is not served: read from flannel0: gone").ExpectOne(() => victim.Fail(new NetlinkException(new NetlinkError(77, "read from flannel0: gone"))));
        AwaitAssert(() => Assert.Equal(1, StatusOf(pool) is { Serving: 2 } status ? status.Restarts : -1), Patience);
        Assert.True(victim.Ended);
        // Its word comes twice, or late: the loop that runs now is another one.
        victim.Fail(new InvalidOperationException("late"));
        AwaitAssert(() => Assert.Equal(2, Running.Count), Patience);
    }

    [Fact]
    public void A_device_that_is_not_there_yet_is_waited_for_and_its_event_ends_the_waiting()
    {
        refusal = new NetlinkException(new NetlinkError(19, "flannel0: open a queue: No such device (ENODEV)"));
        var pool = Start(queues: 1);
        pool.Tell(Goal(2), TestActor);
        AwaitAssert(() => Assert.Equal(["queue 0: flannel0: open a queue: No such device (ENODEV)"], StatusOf(pool).Problems.AsEnumerable()), Patience);
        Assert.Equal(0, StatusOf(pool).Restarts);
        // Long enough for the pause to have grown.
        Thread.Sleep(1500);
        refusal = null;
        pool.Tell(Appeared(persistent: true));
        AwaitForwarded("flannel0", TimeSpan.FromMilliseconds(600));
    }

    [Fact]
    public void A_device_that_does_not_stay_is_no_reason_to_try()
    {
        refusal = new NetlinkException(new NetlinkError(19, "flannel0: open a queue: No such device (ENODEV)"));
        var pool = Start(queues: 1);
        pool.Tell(Goal(2), TestActor);
        // Pauses grow to 2 s: then whatever comes within a second of one attempt comes from the events.
        AwaitAssert(() => Assert.InRange(attempts, 7, int.MaxValue), Patience);
        int before = attempts;
        for (int i = 0; i < 100; i++)
            pool.Tell(Appeared(persistent: false));
        Assert.Equal(1, StatusOf(pool).Queues);
        Thread.Sleep(300);
        Assert.Equal(before, attempts);
    }

    [Fact]
    public void What_is_lacking_though_packets_flow_is_said_once_for_all_queues()
    {
        lacking = "senders get no ICMP errors: it is forbidden";
        var pool = Start(queues: 3);
        EventFilter.Warning(contains: "flannel0 is served, but senders get no ICMP errors: it is forbidden").ExpectOne(() =>
        {
            pool.Tell(Goal(2), TestActor);
            AwaitForwarded("flannel0");
        });
    }

    [Fact]
    public void What_nobody_foresaw_costs_one_queue_a_moment()
    {
        refusal = new InvalidOperationException("a bug");
        var pool = Start(queues: 1);
        EventFilter.Exception<InvalidOperationException>().Expect(1, () =>
        {
            pool.Tell(Goal(2), TestActor);
            AwaitAssert(() => Assert.True(attempts > 0), Patience);
            refusal = null;
        });
        // The actor that was started again knows nothing: the pool tells it once more.
        AwaitForwarded("flannel0");
    }

    [Fact]
    public void A_network_without_the_device_ends_the_loops()
    {
        var pool = Start(queues: 2);
        pool.Tell(Goal(2), TestActor);
        AwaitForwarded("flannel0");
        var were = Running;
        pool.Tell(new HostProtocol.SetGoal(HostPlan.Nothing, true), TestActor);
        AwaitAssert(() => Assert.All(were, loop => Assert.True(loop.Ended)), Patience);
        Assert.Null(StatusOf(pool).Device);
    }

    [Fact]
    public void A_queue_number_is_used_again_only_when_its_threads_have_ended()
    {
        using var ending = new ManualResetEventSlim();
        var pool = Start(queues: 1);
        pool.Tell(Goal(2), TestActor);
        AwaitForwarded("flannel0");
        // A thread that is in the kernel still.
        Running.Single().Ending = ending;
        pool.Tell(new HostProtocol.SetGoal(HostPlan.Nothing, true), TestActor);
        pool.Tell(Goal(2), TestActor);
        Assert.Equal("flannel0", StatusOf(pool).Device);
        Thread.Sleep(300);
        Assert.Equal(1, attempts);
        ending.Set();
        AwaitForwarded("flannel0");
        Assert.Equal(2, attempts);
    }

    [Fact]
    public void A_pool_that_was_started_again_asks_for_the_goal_and_serves_it()
    {
        var pool = Start(queues: 2, keys);
        pool.Tell(Encrypted(2), TestActor);
        AwaitForwarded("flannel0");
        var before = Running;
        var known = before[0].Endpoint!.Find(KeyOf(2));
        // What nobody foresaw.
        EventFilter.Exception<NullReferenceException>().ExpectOne(() => pool.Tell(new HostProtocol.SetGoal(null!, true), TestActor));
        // Nothing is served meanwhile, and nobody shall believe it.
        FishForMessage<HostProtocol.Forwarded>(message => message.Devices.IsEmpty, Patience);
        FishForMessage<HostProtocol.GoalWanted>(_ => true, Patience);
        Assert.Equal(pool, LastSender);
        pool.Tell(Encrypted(2), TestActor);
        AwaitForwarded("flannel0");
        Assert.All(before, loop => Assert.True(loop.Ended));
        Assert.Equal(2, Running.Count);
        // Its initiations go on counting where they were, else the peers would take them for old ones; its peers are new.
        Assert.Same(before[0].Endpoint, Running[0].Endpoint);
        Assert.NotSame(known, Running[0].Endpoint!.Find(KeyOf(2)));
        Assert.NotNull(Running[0].Endpoint!.Find(KeyOf(2)));
    }

    [Fact]
    public void A_key_exchange_that_was_started_again_knows_its_peers_and_goes_on()
    {
        var pool = Start(queues: 1, keys);
        pool.Tell(Encrypted(2), TestActor);
        AwaitForwarded("flannel0");
        var endpoint = Running.Single().Endpoint!;
        AwaitAssert(() => Assert.Equal(1, endpoint.Sessions.Count), Patience);
        // Behind the actor's back its handshake is ended: only one that begins anew begins another.
        endpoint.ChangeKey(endpoint.Find(KeyOf(2))!, KeyOf(3));
        Assert.Equal(0, endpoint.Sessions.Count);
        EventFilter.Exception<ActorKilledException>().ExpectOne(() => Sys.ActorSelection(pool.Path / "key-exchange").Tell(Kill.Instance));
        AwaitAssert(() => Assert.Equal(1, endpoint.Sessions.Count), Patience);
    }

    private List<FakeLoop> Running
    {
        get
        {
            lock (gate)
                return loops.FindAll(loop => !loop.Ended);
        }
    }

    private static RtnetlinkEvent.LinkEvent Appeared(bool persistent) =>
        new(new Link(7, "flannel0") { Kind = "tun", Tun = new TunSettings(Tap: false, persistent, MultiQueue: true) }, Deleted: false, PortId: 0);

    private IActorRef Start(int queues, TunnelKeys? with = null) => Sys.ActorOf(ForwarderPoolActor.Props(ForwarderOptions.Default with { Queues = queues }, Open, with));

    private IForwarderLoop Open(ForwarderSetup setup, int queue, ForwarderCounters counters, Action<Exception> failed)
    {
        Interlocked.Increment(ref attempts);
        if (refusal is { } refused)
            throw refused;
        var loop = new FakeLoop(setup.Device, setup.Local, setup.Tables, counters, failed) { Lacking = lacking, Endpoint = setup.Encryption?.Endpoint };
        lock (gate)
            loops.Add(loop);
        return loop;
    }

    private void AwaitForwarded(string device, TimeSpan? patience = null) =>
        FishForMessage<HostProtocol.Forwarded>(message => message.Devices.Contains(device), patience ?? Patience);

    private ForwarderStatus StatusOf(IActorRef pool)
    {
        var probe = CreateTestProbe();
        pool.Tell(HostProtocol.GetForwarders.Instance, probe);
        return probe.ExpectMsg<ForwarderStatus>(Patience);
    }

    private static HostProtocol.SetGoal Goal(params int[] peers) => Goal(Samples.Public(1), peers);

    private static HostProtocol.SetGoal Goal(HostAddresses mine, params int[] peers) => Goal(mine, new UdpConfig(), _ => new UdpOffer(), peers);

    private HostProtocol.SetGoal Encrypted(params int[] peers) =>
        Goal(Samples.Public(1), new UdpConfig { Encryption = UdpConfig.Aes256Gcm }, peer => new UdpOffer(KeyOf(peer)), peers);

    private static HostProtocol.SetGoal Goal(HostAddresses mine, UdpConfig backEnd, Func<int, UdpOffer> offer, int[] peers)
    {
        var facts = new AkkaOverlay.Actors.BackEnds.HostFacts(Samples.Node(1), new Underlay("eth0", 1500, mine, mine), Samples.IPv4Network with { BackEnd = backEnd });
        return new HostProtocol.SetGoal(Planner.Plan(facts, Samples.Lease(1, 0, offer(1)), peers.Select(peer => Samples.Lease(peer, 0, offer(peer)))), true);
    }

    private PublicKey KeyOf(int host)
    {
        if (host == 1)
            return keys.Key.PublicKey;
        if (!publicKeys.TryGetValue(host, out var key))
        {
            using var generated = StaticKey.Generate();
            publicKeys[host] = key = generated.PublicKey;
        }
        return key;
    }

    private sealed class FakeLoop(string device, IReadOnlyList<IPEndPoint> local, ForwardingTables tables, ForwarderCounters counters, Action<Exception> failed) : IForwarderLoop
    {
        public string Device { get; } = device;

        public IReadOnlyList<IPEndPoint> Local { get; } = local;

        public ForwardingTables Tables { get; } = tables;

        public ForwarderCounters Counters { get; } = counters;

        public bool Ended { get; private set; }

        public TunOffloads Granted => TunOffloads.Checksum;

        public bool Gro => true;

        public string? Lacking { get; init; }

        public NoiseEndpoint? Endpoint { get; init; }

        /// <summary>Until it is set the loop's threads do not end.</summary>
        public ManualResetEventSlim? Ending { get; set; }

        public void Fail(Exception reason) => failed(reason);

        public void Dispose()
        {
            Ending?.Wait();
            Ended = true;
        }
    }
}
