using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Joins the seeds once one of them listens. Akka's remoting shuts a gate for seconds before an address that refused a connection, so a host that starts
/// a moment before its seed would lose those seconds; a plain connection finds out at no cost. And two nodes that connect to each other at the same instant
/// can end with an association that carries nothing: a join that comes to nothing is begun anew.
/// </summary>
public sealed class SeedJoiner : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(8);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly SeedList seeds;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly bool isCore;
    private int probes;

    public SeedJoiner(Akka.Cluster.Cluster cluster, SeedList seeds, bool isCore, IActorRef supervisor)
    {
        this.cluster = cluster;
        this.seeds = seeds;
        this.isCore = isCore;
        Receive<Probe>(_ => ProbeSeeds());
        Receive<Found>(_ => Join());
        Receive<NotFound>(_ =>
        {
            if (++probes == 10)
                log.Warning("No seed answers yet ({Seeds}): waiting", string.Join(", ", seeds.Seeds.Select(seed => seed.Text)));
            Timers.StartSingleTimer(nameof(Probe), Probe.Instance, ProbeInterval);
        });
        Receive<Late>(_ =>
        {
            if (!cluster.State.Members.IsEmpty)
                return;
            log.Warning("A seed listens, but the join comes to nothing: beginning anew");
            supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: true));
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Akka.Cluster.Cluster cluster, SeedList seeds, bool isCore, IActorRef supervisor) =>
        Akka.Actor.Props.Create(() => new SeedJoiner(cluster, seeds, isCore, supervisor));

    protected override void PreStart()
    {
        if (isCore)
            cluster.JoinSeedNodes(SeedAddresses());
        else
            ProbeSeeds();
    }

    private void Join()
    {
        cluster.JoinSeedNodes(SeedAddresses());
        Timers.StartSingleTimer(nameof(Late), Late.Instance, JoinPatience);
    }

    private IEnumerable<Address> SeedAddresses() => seeds.Seeds.Select(seed => Address.Parse(OverlayAddress.Of(seed.Address, seed.Port)));

    private void ProbeSeeds() => AnyListens(seeds.Seeds).PipeTo(Self, success: listens => listens ? Found.Instance : (object)NotFound.Instance);

    private static async Task<bool> AnyListens(IReadOnlyList<Seed> seeds) => (await Task.WhenAll(seeds.Select(Listens))).Contains(true);

    private static async Task<bool> Listens(Seed seed)
    {
        using var socket = new Socket(seed.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(ProbeTimeout);
        try
        {
            await socket.ConnectAsync(seed.EndPoint, patience.Token);
            return true;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return false;
        }
    }

    private sealed class Probe : IDeadLetterSuppression
    {
        public static readonly Probe Instance = new();
    }

    private sealed class Late : IDeadLetterSuppression
    {
        public static readonly Late Instance = new();
    }

    private sealed class Found : IDeadLetterSuppression
    {
        public static readonly Found Instance = new();
    }

    private sealed class NotFound : IDeadLetterSuppression
    {
        public static readonly NotFound Instance = new();
    }
}
