using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Leases;
using AkkaOverlay.Actors.Tests.Kernel;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Tests.Host;

/// <summary>The host's side of node 1 as it runs, but for the kernel; the test is its claimant and its feed.</summary>
public abstract class HostFixture : TestKit
{
    private protected const string Boot = "00000000-0000-0000-0000-000000000b07";

    private protected static readonly Config Configuration = ConfigurationFactory.ParseString("""
        akka.loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
        akka.test.filter-leeway = 10s
        """).WithFallback(HostSystem.Configuration);

    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private protected static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(400);

    private protected readonly DirectoryInfo Scratch = Directory.CreateTempSubdirectory("akka-overlay-host-");
    private protected readonly FakeRtnetlink Kernel = new();
    private protected readonly HostFiles Files;
    private protected readonly TestProbe Claimant;

    private protected HostFixture() : base(Configuration)
    {
        Kernel.AddDevice("eth0", "192.168.7.1/24");
        Files = new HostFiles(Scratch.FullName, Path.Combine(Scratch.FullName, "run", "subnet.env"));
        Claimant = CreateTestProbe();
    }

    private protected bool SubnetFileExists => File.Exists(Files.SubnetFile);

    protected override void AfterAll()
    {
        base.AfterAll();
        // An actor that ends may be in the middle of a save.
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                Scratch.Delete(recursive: true);
                return;
            }
            catch (IOException) when (attempt < 5)
            {
                Thread.Sleep(100 * attempt);
            }
        }
    }

    private protected IActorRef Start() => Sys.ActorOf(HostNetworkActor.Props(new HostSettings(
        Samples.Node(1),
        "host1",
        new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)),
        Files,
        Boot,
        IpMasq: true,
        () => Kernel,
        TimeProvider.System)));

    /// <summary>What an earlier process of node 1 left in the kernel: device, and the whole way to each of these peers.</summary>
    private protected void LeaveBehind(int mine, params int[] peers)
    {
        var earlier = Sys.ActorOf(HostNetworkActor.Props(new HostSettings(
            Samples.Node(mine),
            "host1",
            new Underlay("eth0", 1500, Samples.Public(1), Samples.Public(1)),
            new HostFiles(Scratch.CreateSubdirectory("earlier").FullName, Path.Combine(Scratch.FullName, "earlier", "subnet.env")),
            Boot,
            true,
            () => Kernel,
            TimeProvider.System)));
        Hold(earlier);
        See(earlier, 5, [mine, .. peers]);
        AwaitReady(earlier);
        Watch(earlier);
        Sys.Stop(earlier);
        ExpectTerminated(earlier);
        Kernel.Writes.Clear();
    }

    private protected void Hold(IActorRef host) => host.Tell(new HostProtocol.LeaseHeld(Samples.Lease(1), Samples.Version(Samples.IPv4Network), null), Claimant);

    private protected static readonly Guid OtherEpoch = Guid.Parse("ff112233-4455-6677-8899-aabbccddeeff");

    private protected static void See(IActorRef host, long revision, params int[] nodes) => See(host, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), revision, nodes);

    private protected static void See(IActorRef host, Guid epoch, long revision, params int[] nodes) => host.Tell(new HostProtocol.LedgerSeen(
        epoch,
        revision,
        Samples.Version(Samples.IPv4Network),
        nodes.ToImmutableDictionary(Samples.Node, node => Samples.Lease(node))));

    private protected HostStatus StatusOf(IActorRef host)
    {
        var probe = CreateTestProbe();
        host.Tell(HostProtocol.GetStatus.Instance, probe);
        return probe.ExpectMsg<HostStatus>(Patience);
    }

    private protected IEnumerable<string> NotReady(IActorRef host) => StatusOf(host).Components.Where(component => !component.Ready).Select(component => component.Name);

    private protected void AwaitReady(IActorRef host) => AwaitAssert(() => Assert.Empty(NotReady(host)), Patience);

    private protected IEnumerable<string> RouteDestinations() => Kernel.DumpRoutes().Select(route => route.Destination.ToString()).Order(StringComparer.Ordinal);
}
