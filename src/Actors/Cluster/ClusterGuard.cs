using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;
using AkkaOverlay.Actors.Network;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Takes a host out of a cluster that is the wrong one. A plain host's failure detector reports nobody, so it asks: whether the core left and came back in a
/// cluster of its own, or has put this host out without its hearing of it. A core host asks too, in case it is on an island: islands never merge by themselves.
/// </summary>
public sealed class ClusterGuard : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A plain host without doubts asks one seed: of 1,000 hosts on 3 seeds each is asked some 70 times a second.</summary>
    private static readonly TimeSpan CalmInterval = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan DoubtInterval = TimeSpan.FromSeconds(2);

    /// <summary>A quarantined member that is dead is out of the cluster by then.</summary>
    private static readonly TimeSpan QuarantineSpan = TimeSpan.FromSeconds(20);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly SeedList seeds;
    private readonly NetworkName network;
    private readonly IActorRef supervisor;
    private readonly List<ActorSelection> others;
    private readonly IScheduler scheduler = Context.System.Scheduler;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Dictionary<(Address Address, int Uid), TimeSpan> quarantined = [];

    private ClusterWatch watch;
    private TimeSpan askAt;

    public ClusterGuard(Akka.Cluster.Cluster cluster, SeedList seeds, NetworkName network, bool isCore, IActorRef supervisor)
    {
        this.cluster = cluster;
        this.seeds = seeds;
        this.network = network;
        this.supervisor = supervisor;
        string self = cluster.SelfAddress.ToString();
        others = [.. seeds.Addresses.Where(seed => seed != self).Select(seed => Context.ActorSelection($"{seed}/user/{NodeAgent.Name}"))];
        watch = ClusterWatch.Begin(isCore, seeds.Quorum, self, scheduler.MonotonicClock);

        Receive<Tick>(_ => OnTick(scheduler.MonotonicClock));
        Receive<NodeProtocol.IAm>(answer =>
        {
            // Another network's host says nothing of this one's cluster.
            if (cluster.State.Members.IsEmpty || answer.Network != network.Text)
                return;
            (watch, string? reason) = watch.Heard(answer, IsOfMine(answer), scheduler.MonotonicClock);
            if (reason is not null)
                Leave($"{answer.Address} is in another cluster than this host, and {reason}");
        });
        if (!isCore)
        {
            Receive<ThisActorSystemQuarantinedEvent>(OnQuarantined);
            Receive<QuarantinedEvent>(lost => quarantined.TryAdd((lost.Address, lost.Uid), scheduler.MonotonicClock));
            Context.System.EventStream.Subscribe(Self, typeof(ThisActorSystemQuarantinedEvent));
            Context.System.EventStream.Subscribe(Self, typeof(QuarantinedEvent));
        }
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Akka.Cluster.Cluster cluster, SeedList seeds, NetworkName network, bool isCore, IActorRef supervisor) =>
        Akka.Actor.Props.Create(() => new ClusterGuard(cluster, seeds, network, isCore, supervisor));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval);

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    private void OnTick(TimeSpan now)
    {
        if (cluster.State.Members.IsEmpty)
        {
            // Not in a cluster yet: whoever joins this host sees to that.
            watch = ClusterWatch.Begin(watch.IsCore, watch.Quorum, watch.Self, now);
            return;
        }
        watch = watch.Counted(CoreCount.Of(cluster.State).Reached, now);
        LookAtQuarantined(now);
        if (now < askAt || others.Count == 0)
            return;
        bool inDoubt = watch.InDoubt(now);
        var question = new NodeProtocol.WhoAreYou(cluster.SelfAddress.ToString(), cluster.SelfUniqueAddress.Uid) { Network = network.Text };
        foreach (var seed in inDoubt ? others : [others[Random.Shared.Next(others.Count)]])
            seed.Tell(question);
        askAt = now + (inDoubt && !watch.IsCore ? DoubtInterval : CalmInterval) * (0.8 + (0.4 * Random.Shared.NextDouble()));
    }

    /// <summary>A seed takes nothing more from this incarnation: only another one is heard there.</summary>
    private void OnQuarantined(ThisActorSystemQuarantinedEvent by)
    {
        if (seeds.Addresses.Contains(by.RemoteAddress.ToString()))
            Leave($"{by.RemoteAddress} has put this host in quarantine");
    }

    /// <summary>This host will never again send to a member that lives on: its own report of that stands in the gossip and stops every join.</summary>
    private void LookAtQuarantined(TimeSpan now)
    {
        foreach (var (member, _) in quarantined.Where(lost => now - lost.Value >= QuarantineSpan).ToList())
        {
            quarantined.Remove(member);
            if (cluster.State.Members.Any(here => here.UniqueAddress.Uid == member.Uid && here.Address.Equals(member.Address) && here.Status is MemberStatus.Up))
                Leave($"{member.Address} lives on and cannot be talked to any more");
        }
    }

    private bool IsOfMine(NodeProtocol.IAm answer) => cluster.State.Members.Any(member =>
        member.UniqueAddress.Uid == answer.Uid && member.Status is (MemberStatus.Up or MemberStatus.Leaving) && member.Address.ToString() == answer.Address);

    /// <summary>Without good-bye: in a cluster that has no core, or has put this host out, nobody is there to let it go, and it would wait for seconds.</summary>
    private void Leave(string reason)
    {
        log.Warning("Leaving this cluster to join again: {Reason}", reason);
        supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: true));
    }

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
