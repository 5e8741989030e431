using Akka.Actor;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Joins a plain host to the seeds once one of them listens (a core host has <see cref="Forming.FormationActor"/>). Akka's remoting shuts a gate for seconds before an address that refused a connection, so a host that starts
/// a moment before its seed would lose those seconds; a plain connection finds out at no cost. And two nodes that connect to each other at the same instant
/// can end with an association that carries nothing: a join that comes to nothing is begun anew.
/// </summary>
public sealed class SeedJoiner : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(8);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly SeedList seeds;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private int probes;

    public SeedJoiner(Akka.Cluster.Cluster cluster, SeedList seeds, IActorRef supervisor)
    {
        this.cluster = cluster;
        this.seeds = seeds;
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

    public static Props Props(Akka.Cluster.Cluster cluster, SeedList seeds, IActorRef supervisor) =>
        Akka.Actor.Props.Create(() => new SeedJoiner(cluster, seeds, supervisor));

    protected override void PreStart() => ProbeSeeds();

    private void Join()
    {
        cluster.JoinSeedNodes(SeedAddresses());
        Timers.StartSingleTimer(nameof(Late), Late.Instance, JoinPatience);
    }

    private IEnumerable<Address> SeedAddresses() => seeds.Addresses.Select(Address.Parse);

    private void ProbeSeeds() => AnyListens(seeds.Seeds).PipeTo(Self, success: listens => listens ? Found.Instance : (object)NotFound.Instance);

    private static async Task<bool> AnyListens(IReadOnlyList<Seed> seeds) =>
        (await Task.WhenAll(seeds.Select(seed => PortProbe.Ask(seed.EndPoint)))).Contains(PortState.Listens);

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
