using System.Net;
using Akka.Actor;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.BackEnds;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Plan;
using AkkaOverlay.Actors.Probes;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Net;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Probes;

/// <summary>The manager between a HostNetwork, an agent and sockets that the test plays. Node 1 probes node 2.</summary>
public sealed class ProbeManagerSpecs : TestKit
{
    private const string Member = "akka.tcp://overlay@192.168.7.2:4053";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly FakeRtnetlink kernel = new();
    private readonly FakeProbeNetwork network = new();
    private readonly TestProbe host;
    private readonly TestProbe agent;

    public ProbeManagerSpecs() : base(HostSystem.Configuration)
    {
        kernel.AddDevice("flannel.1", "10.244.1.0/32");
        host = CreateTestProbe("network");
        agent = CreateTestProbe("agent");
    }

    [Fact]
    public async Task What_is_asked_and_answered_is_told_to_whoever_asks()
    {
        long since = TimeProvider.System.GetTimestamp();
        var manager = Start();
        var table = await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Ok }]);
        var row = table.Rows[0];
        Assert.Equal(("host2", "10.244.2.0", 1450, 0d), (row.Name, row.Address!.ToString(), row.FullSize, row.Loss));
        Assert.Equal("10.244.1.0:40000", Assert.Single(table.Own).ToString());
        Assert.True(network.Asked.TryPeek(out var first));
        Assert.Equal(("10.244.2.0:40000", 7UL, 1450 - 28), (first.To.ToString(), first.Token, first.Length));
        Assert.False((await AllAnswered(manager, TimeProvider.System.GetTimestamp())).Yes);
        await AwaitAssertAsync(async () => Assert.True((await AllAnswered(manager, since)).Yes), TimeSpan.FromSeconds(25), TimeSpan.FromMilliseconds(200));
        Assert.Equal(1, (await AllAnswered(manager, since)).Paths);
    }

    [Fact]
    public async Task Where_nothing_comes_back_the_control_plane_is_asked_and_its_word_decides()
    {
        var manager = Start();
        await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Ok }]);
        network.Arrives = (_, _) => false;
        // The peer is asked by the control plane, and is silent there too.
        await agent.FishForMessageAsync(message => message is ProbeProtocol.Check { Member: Member }, Patience);
        await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Unreachable }]);
        Assert.Empty((await Table(manager)).Failing);
        // It speaks: only the data plane fails.
        manager.Tell(new ProbeProtocol.Heard(Member, Said()), agent);
        var failing = Assert.Single((await TableWhere(manager, table => table.Failing.Any())).Failing);
        Assert.Equal(ProbeState.Dead, failing.State);
        Assert.Equal("nothing comes back from 10.244.2.0", failing.Describe());
        network.Arrives = (_, _) => true;
        await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Ok }]);
    }

    [Fact]
    public async Task Only_large_packets_lost_is_named_with_their_size()
    {
        network.Arrives = (_, length) => length < 1000;
        var manager = Start();
        var failing = Assert.Single((await TableWhere(manager, table => table.Failing.Any())).Failing);
        Assert.Equal("packets of 1450 octets do not come back from 10.244.2.0, small ones do", failing.Describe());
    }

    [Fact]
    public async Task A_restart_closes_the_sockets_and_asks_for_all_that_was_known()
    {
        var manager = Start();
        await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Ok }]);
        var socket = network.Open[IPAddress.Parse("10.244.1.0")];
        network.Arrives = (_, _) => throw new InvalidOperationException("planted");
        await host.FishForMessageAsync(message => message is HostProtocol.GoalWanted, Patience);
        Assert.True(socket.Closed);
        await agent.FishForMessageAsync(message => message is ProbeProtocol.NeighboursWanted, Patience);
        network.Arrives = (_, _) => true;
        Introduce(manager);
        await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Ok }]);
    }

    [Fact]
    public async Task A_socket_that_ends_is_opened_again_and_an_address_that_goes_ends_the_probes()
    {
        var manager = Start();
        await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Ok }]);
        var address = IPAddress.Parse("10.244.1.0");
        var first = network.Open[address];
        first.Fail();
        await AwaitAssertAsync(() => Assert.NotSame(first, network.Open[address]), Patience);
        await TableWhere(manager, table => table.Rows is [{ State: ProbeState.Ok }]);
        var held = kernel.Addresses.Single();
        kernel.Addresses.Clear();
        manager.Tell(new RtnetlinkEvent.AddressEvent(held, true, 0));
        var table = await TableWhere(manager, table => table.Own.IsEmpty);
        Assert.Contains("no address inside the overlay", table.Reason);
        Assert.Equal(ProbeState.NotProbed, Assert.Single(table.Rows).State);
        var own = (ProbeProtocol.Own)await agent.FishForMessageAsync(message => message is ProbeProtocol.Own { Said.EndPoints.Count: 0 }, Patience);
        Assert.Contains("no address inside the overlay", own.Said.Reason);
    }

    [Fact]
    public async Task Switched_off_it_opens_nothing_asks_nobody_and_says_so()
    {
        var manager = Sys.ActorOf(ProbeManagerActor.Props(Settings() with { Enabled = false }));
        Introduce(manager);
        var own = await agent.ExpectMsgAsync<ProbeProtocol.Own>(Patience);
        Assert.Contains("--probes off", own.Said.Reason);
        Assert.False((await Table(manager)).Enabled);
        Assert.Empty(network.Open);
        Assert.Empty(network.Asked);
    }

    private IActorRef Start()
    {
        var manager = Sys.ActorOf(ProbeManagerActor.Props(Settings()), "first");
        Introduce(manager);
        return manager;
    }

    private ProbeSettings Settings() => new(true, Samples.Node(1), "host1", () => kernel, network.OpenSocket, TimeProvider.System);

    private void Introduce(IActorRef manager)
    {
        var lease = Samples.Lease(1);
        var underlay = new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1));
        var plan = Planner.Plan(new HostFacts(Samples.Node(1), underlay, Samples.IPv4Network), lease, [Samples.Lease(2)]);
        manager.Tell(new HostProtocol.SetGoal(plan, true), host);
        host.ExpectMsg<HostProtocol.GetStatus>(Patience);
        manager.Tell(new HostStatus(Samples.Node(1), "host1", true, [], lease, Samples.Version(Samples.IPv4Network), plan, underlay, 0), host);
        manager.Tell(new ProbeProtocol.Neighbours([new ProbeProtocol.Neighbour(Member, true)]), agent);
        manager.Tell(new ProbeProtocol.Heard(Member, Said()), agent);
    }

    private static ProbeProtocol.Announcement Said() =>
        new(Samples.Node(2), "host2", [new IPEndPoint(IPAddress.Parse("10.244.2.0"), 40_000)], new ProbeToken(7), 1450, null, false);

    private static Task<ProbeTable> Table(IActorRef manager) => manager.Ask<ProbeTable>(ProbeProtocol.GetProbes.Instance, Patience);

    private static Task<ProbeProtocol.AllAnswered> AllAnswered(IActorRef manager, long since) =>
        manager.Ask<ProbeProtocol.AllAnswered>(new ProbeProtocol.HaveAllAnswered(since), Patience);

    private async Task<ProbeTable> TableWhere(IActorRef manager, Func<ProbeTable, bool> isSo)
    {
        ProbeTable? table = null;
        await AwaitAssertAsync(async () => Assert.True(isSo(table = await Table(manager))), Patience, TimeSpan.FromMilliseconds(100));
        return table!;
    }
}
