using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Claimant;
using AkkaOverlay.Actors.Cluster;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.SubnetAllocator;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit.Abstractions;

namespace AkkaOverlay.Actors.Tests.Cluster;

/// <summary>A core host and a plain one, each an overlay system of its own under a supervisor, over TCP on 127.0.0.1.</summary>
public sealed class ClusterSpecs : TestKit
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly Config Configuration = ConfigurationFactory.ParseString("akka.loglevel = WARNING");

    private readonly ITestOutputHelper output;
    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("akka-overlay-cluster-");
    private readonly int corePort = OverlaySettingsSamples.FreePort();
    private readonly List<IActorRef> supervisors = [];

    public ClusterSpecs(ITestOutputHelper output) : base(Configuration) => this.output = output;

    private string Ledger => Path.Combine(directory.FullName, "ledger.db");

    protected override void AfterAll()
    {
        foreach (var supervisor in supervisors)
            Stop(supervisor);
        base.AfterAll();
        directory.Delete(recursive: true);
    }

    [Fact]
    public void A_plain_host_gets_a_lease_and_sees_the_ledger_and_gives_its_lease_back()
    {
        var core = new Node(this, 1, corePort, Ledger);
        var plain = new Node(this, 2, OverlaySettingsSamples.FreePort());
        var first = core.Latest<HostProtocol.LeaseHeld>();
        var second = plain.Latest<HostProtocol.LeaseHeld>();
        Assert.NotEqual(first.Lease.Subnets, second.Lease.Subnets);
        Assert.Equal(first.Network, second.Network);
        foreach (var node in (Node[])[core, plain])
        {
            var seen = node.SeenWith(2);
            Assert.Equal([first.Lease, second.Lease], seen.Leases.Values.OrderBy(lease => lease.Owner.Value));
        }

        plain.Supervisor.Tell(OverlaySupervisor.GiveLeaseBack.Instance, TestActor);
        ExpectMsg<HostProtocol.LeaseEnded>(Patience);
        plain.Latest<HostProtocol.LeaseEnded>();
        Assert.Equal([Samples.Node(1)], core.SeenWith(1).Leases.Keys);
    }

    [Fact]
    public void A_core_that_left_and_came_back_gets_its_plain_hosts_back()
    {
        var core = new Node(this, 1, corePort, Ledger);
        var plain = new Node(this, 2, OverlaySettingsSamples.FreePort());
        var before = plain.SeenWith(2);
        Stop(core.Supervisor);

        var watch = Stopwatch.StartNew();
        var again = new Node(this, 1, corePort, Ledger);
        plain.Latest<HostProtocol.LedgerSeen>(seen => seen.Epoch != before.Epoch && seen.Leases.Count == 2);
        output.WriteLine($"The plain host follows the new core's ledger after {watch.Elapsed.TotalSeconds:0.0} s");
        var after = again.SeenWith(2);
        Assert.Equal(before.Leases.Values.OrderBy(lease => lease.Owner.Value), after.Leases.Values.OrderBy(lease => lease.Owner.Value));

        // In the new core's cluster, not beside it.
        AwaitAssert(() => Assert.Equal(2, again.Overlay()?.Cluster.State.Members.Count), Patience);
        AwaitAssert(() => Assert.Contains(plain.Overlay()!.Cluster.State.Members, member => member.UniqueAddress.Equals(again.Overlay()!.Cluster.SelfUniqueAddress)), Patience);
        output.WriteLine($"It is in the new core's cluster after {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(30), $"took {watch.Elapsed}");
    }

    [Fact]
    public void Fifty_claimants_at_once_over_the_network_get_fifty_subnets()
    {
        const int claimants = 50;
        _ = new Node(this, 1, corePort, Ledger);
        int port = OverlaySettingsSamples.FreePort();
        var plain = new Node(this, 2, port);
        plain.SeenWith(2);
        var system = plain.Overlay()!.System;
        system.ActorSelection("/user/allocator-proxy").Tell(new Identify(null), TestActor);
        var allocator = ExpectMsg<ActorIdentity>(Patience).Subject;
        var hosts = CreateTestProbe();
        var settings = OverlaySettingsSamples.Of(2, port, corePort).Claim;
        var watch = Stopwatch.StartNew();
        for (int i = 0; i < claimants; i++)
            system.ActorOf(ClaimantActor.Props(settings with { Node = Samples.Node(100 + i), Held = null }, allocator, hosts));

        var granted = new Dictionary<NodeId, Lease>();
        while (granted.Count < claimants)
        {
            // A claim that is repeated before its answer came is answered twice, with the same.
            if (hosts.ExpectMsg<object>(Patience) is HostProtocol.LeaseHeld held)
                granted[held.Lease.Owner] = held.Lease;
        }
        output.WriteLine($"measured: {claimants} claimants at once over remoting: all granted after {watch.Elapsed.TotalMilliseconds:0} ms");
        Assert.Equal(claimants, granted.Values.Select(lease => lease.Subnets).Distinct().Count());
        Assert.Equal(claimants + 2, plain.SeenWith(claimants + 2).Leases.Count);
    }

    [Fact]
    public void A_port_that_is_taken_fails_the_first_start_with_the_reason()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        int port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var supervisor = Supervise(CreateTestProbe(), () => OverlaySettingsSamples.Of(1, port, port, Ledger));
        supervisor.Tell(OverlaySupervisor.Start.Instance, TestActor);
        Assert.NotNull(ExpectMsg<Status.Failure>(Patience).Cause);
    }

    private IActorRef Supervise(IActorRef host, Func<OverlaySettings> settings)
    {
        var supervisor = Sys.ActorOf(OverlaySupervisor.Props(settings, host, NullLoggerFactory.Instance, TimeProvider.System, _ => null));
        supervisors.Add(supervisor);
        return supervisor;
    }

    private void Stop(IActorRef supervisor)
    {
        var probe = CreateTestProbe();
        supervisor.Tell(OverlaySupervisor.Stop.Instance, probe);
        probe.ExpectMsg<OverlaySupervisor.Stopped>(Patience);
    }

    /// <summary>One host: a supervisor, and a probe in HostNetwork's place.</summary>
    private sealed class Node
    {
        private readonly ClusterSpecs specs;
        private readonly TestProbe host;
        private readonly Dictionary<Type, object> latest = [];

        public Node(ClusterSpecs specs, int number, int port, string? ledger = null)
        {
            this.specs = specs;
            host = specs.CreateTestProbe();
            Supervisor = specs.Supervise(host, () => OverlaySettingsSamples.Of(number, port, specs.corePort, ledger));
            var probe = specs.CreateTestProbe();
            Supervisor.Tell(OverlaySupervisor.Start.Instance, probe);
            probe.ExpectMsg<OverlaySupervisor.Started>(Patience);
        }

        public IActorRef Supervisor { get; }

        public HostProtocol.LedgerSeen SeenWith(int leases) => Latest<HostProtocol.LedgerSeen>(seen => seen.Leases.Count == leases);

        /// <summary>Waits until the last message of that kind is as asked; feed and claimant speak in any order.</summary>
        public T Latest<T>(Func<T, bool>? asked = null)
        {
            var deadline = Stopwatch.StartNew();
            while (true)
            {
                if (latest.TryGetValue(typeof(T), out object? message) && (asked is null || asked((T)message)))
                    return (T)message;
                Assert.True(deadline.Elapsed < Patience, $"no {typeof(T).Name} as asked; the last was {message}");
                if (host.ReceiveOne(TimeSpan.FromSeconds(1)) is { } next)
                    latest[next.GetType()] = next;
            }
        }

        /// <summary>The present life; null between two.</summary>
        public OverlaySystem? Overlay()
        {
            var probe = specs.CreateTestProbe();
            Supervisor.Tell(OverlaySupervisor.GetOverlay.Instance, probe);
            return probe.ExpectMsg<OverlaySupervisor.Overlay>(Patience).System;
        }
    }
}
