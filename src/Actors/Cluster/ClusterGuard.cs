using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Takes a plain host out of a cluster that its core has left. A core that stopped gracefully and came back founds anew, while the plain hosts go on in the
/// old cluster, healthy and alone: the split brain resolver, which acts on unreachable members only, sees nothing wrong. So a node without word from the
/// core asks the seeds; one that is up and does not know it means that the cluster is over there.
/// </summary>
public sealed class ClusterGuard : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>A core that this cluster still counts as a member may be late, and the resolver may be at work.</summary>
    private static readonly TimeSpan PatienceWithSilentCore = TimeSpan.FromSeconds(15);

    /// <summary>A core that has left this cluster will not come back to it.</summary>
    private static readonly TimeSpan PatienceWithoutCore = TimeSpan.FromSeconds(3);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private TimeSpan lastWord;

    public ClusterGuard(Akka.Cluster.Cluster cluster, SeedList seeds, IActorRef supervisor)
    {
        this.cluster = cluster;
        var scheduler = Context.System.Scheduler;
        lastWord = scheduler.MonotonicClock;
        var questions = seeds.Seeds
            .Select(seed => Context.ActorSelection($"{OverlayAddress.Of(seed.Address, seed.Port)}/user/{NodeAgent.Name}"))
            .ToList();

        Receive<Tick>(_ =>
        {
            if (HearsCore() || cluster.SelfMember.Status != MemberStatus.Up)
                lastWord = scheduler.MonotonicClock;
            else if (OutOfPatience())
                questions.ForEach(seed => seed.Tell(new NodeProtocol.WhoAreYou(cluster.SelfAddress.ToString(), cluster.SelfUniqueAddress.Uid)));
        });
        Receive<NodeProtocol.IAm>(answer =>
        {
            if (!answer.Up || answer.KnowsYou || !OutOfPatience())
                return;
            log.Warning("The core is not in this cluster any more: {Seed} is in another one. Joining there", answer.Address);
            supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: false));
        });

        bool OutOfPatience()
        {
            var silence = scheduler.MonotonicClock - lastWord;
            return silence >= (CoreMembers().Any() ? PatienceWithSilentCore : PatienceWithoutCore);
        }
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Akka.Cluster.Cluster cluster, SeedList seeds, IActorRef supervisor) =>
        Akka.Actor.Props.Create(() => new ClusterGuard(cluster, seeds, supervisor));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval);

    private IEnumerable<Member> CoreMembers() =>
        cluster.State.Members.Where(member => member.HasRole(OverlaySettings.CoreRole) && member.Status is MemberStatus.Up or MemberStatus.Leaving);

    private bool HearsCore() => CoreMembers().Any(member => !cluster.State.Unreachable.Contains(member));

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
