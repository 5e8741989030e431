using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Cluster.Forming;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Joins a plain host to the seeds once one of them listens (a core host has <see cref="Forming.FormationActor"/>). Akka's remoting shuts a gate for seconds before an address that refused a connection, so a host that starts
/// a moment before its seed would lose those seconds; a plain connection finds out at no cost. And two nodes that connect to each other at the same instant
/// can end with an association that carries nothing: a join that comes to nothing is begun anew. Before it, a seed must say that it is of this host's network.
/// </summary>
public sealed class SeedJoiner : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);
    /// <summary>Several seeds are better than the one that answers first.</summary>
    private static readonly TimeSpan Collect = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RefusedInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(8);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly SeedList seeds;
    private readonly NetworkName network;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly RareLog rare = new(TimeSpan.FromSeconds(60));
    private readonly HashSet<string> ofMine = [];
    private int probes;
    private bool joining;

    public SeedJoiner(Akka.Cluster.Cluster cluster, SeedList seeds, NetworkName network, IActorRef supervisor)
    {
        this.cluster = cluster;
        this.seeds = seeds;
        this.network = network;
        var scheduler = Context.System.Scheduler;
        Receive<Probe>(_ => ProbeSeeds());
        Receive<Found>(_ =>
        {
            Ask();
            Timers.StartSingleTimer(nameof(Late), Late.Instance, JoinPatience);
        });
        Receive<Unanswered>(_ => Ask());
        Receive<Asked>(_ => Join());
        Receive<NodeProtocol.IAm>(answer =>
        {
            if (joining)
                return;
            if (answer.Network == network.Text)
            {
                ofMine.Add(answer.Address);
                Timers.StartSingleTimer(nameof(Asked), Asked.Instance, Collect);
                return;
            }
            if (ofMine.Count > 0)
                return;
            if (rare.Says(answer.Address, scheduler.MonotonicClock))
                log.Error("Not joining: {OtherNetwork}", Formation.OtherNetwork(answer.Address, answer.Network, network));
            // Another seed may be of this network; else an operator has to do something, and there is time.
            Timers.Cancel(nameof(Late));
            Timers.Cancel(nameof(Unanswered));
            Timers.StartSingleTimer(nameof(Probe), Probe.Instance, RefusedInterval);
        });
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

    public static Props Props(Akka.Cluster.Cluster cluster, SeedList seeds, NetworkName network, IActorRef supervisor) =>
        Akka.Actor.Props.Create(() => new SeedJoiner(cluster, seeds, network, supervisor));

    protected override void PreStart() => ProbeSeeds();

    private void Ask()
    {
        if (joining)
            return;
        var question = new NodeProtocol.WhoAreYou(cluster.SelfAddress.ToString(), cluster.SelfUniqueAddress.Uid) { Network = network.Text };
        foreach (string seed in seeds.Addresses)
            Context.ActorSelection($"{seed}/user/{NodeAgent.Name}").Tell(question);
        Timers.StartSingleTimer(nameof(Unanswered), Unanswered.Instance, AskInterval);
    }

    private void Join()
    {
        joining = true;
        cluster.JoinSeedNodes(ofMine.Select(Address.Parse));
    }

    private void ProbeSeeds() => AnyListens(seeds.Seeds).PipeTo(Self, success: listens => listens ? Found.Instance : (object)NotFound.Instance);

    private static async Task<bool> AnyListens(IReadOnlyList<Seed> seeds) =>
        (await Task.WhenAll(seeds.Select(seed => PortProbe.Ask(seed.EndPoint)))).Contains(PortState.Listens);

    private sealed class Probe : IDeadLetterSuppression
    {
        public static readonly Probe Instance = new();
    }

    private sealed class Asked : IDeadLetterSuppression
    {
        public static readonly Asked Instance = new();
    }

    private sealed class Unanswered : IDeadLetterSuppression
    {
        public static readonly Unanswered Instance = new();
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
