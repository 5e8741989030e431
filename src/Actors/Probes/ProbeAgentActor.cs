using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace AkkaOverlay.Actors.Probes;

/// <summary>
/// The control plane's part, in the overlay system: says to those that this host probes where it can be probed, hears the same from them, and tells the manager in the
/// host's system. When the cluster goes, the manager goes on with what it knows.
/// </summary>
public sealed class ProbeAgentActor : ReceiveActor, IWithTimers
{
    public const string Name = "probes";

    /// <summary>Members come and go in bursts.</summary>
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(200);

    /// <summary>All that is said is said again, for whoever has missed it.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly IActorRef manager;
    private ImmutableArray<string> neighbours = [];
    private ProbeProtocol.Announcement? own;
    private bool scheduled;

    /// <param name="manager">In the host's system.</param>
    public ProbeAgentActor(Akka.Cluster.Cluster cluster, IActorRef manager)
    {
        this.cluster = cluster;
        this.manager = manager;
        Receive<ClusterEvent.IClusterDomainEvent>(_ =>
        {
            if (scheduled)
                return;
            scheduled = true;
            Timers.StartSingleTimer(nameof(Look), Look.Instance, Debounce);
        });
        Receive<Look>(_ =>
        {
            scheduled = false;
            Choose();
        });
        Receive<SayAgain>(_ =>
        {
            Choose();
            Say(neighbours, answerWanted: false);
        });
        Receive<ProbeProtocol.Own>(now =>
        {
            bool isNews = now.Said != own;
            own = now.Said;
            if (isNews)
                Say(neighbours, answerWanted: true);
        });
        Receive<ProbeProtocol.NeighboursWanted>(_ => Choose());
        Receive<ProbeProtocol.Check>(check => Say([check.Member], answerWanted: true));
        Receive<ProbeProtocol.Announcement>(OnAnnouncement);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Akka.Cluster.Cluster cluster, IActorRef manager) => Akka.Actor.Props.Create(() => new ProbeAgentActor(cluster, manager));

    protected override void PreStart()
    {
        cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Timers.StartPeriodicTimer(nameof(SayAgain), SayAgain.Instance, Again);
    }

    protected override void PostStop() => cluster.Unsubscribe(Self);

    private void Choose()
    {
        var state = cluster.State;
        var unreachable = state.Unreachable.Select(member => member.Address.ToString()).ToHashSet();
        var chosen = ProbeRing.Choose(cluster.SelfAddress.ToString(), state.Members.Where(member => member.Status == MemberStatus.Up).Select(member => member.Address.ToString()));
        Say(chosen.Except(neighbours), answerWanted: true);
        neighbours = chosen;
        manager.Tell(new ProbeProtocol.Neighbours([.. chosen.Select(member => new ProbeProtocol.Neighbour(member, !unreachable.Contains(member)))]));
    }

    private void Say(IEnumerable<string> members, bool answerWanted)
    {
        if (own is null)
            return;
        foreach (string member in members)
            Context.ActorSelection($"{member}/user/{Name}").Tell(own with { AnswerWanted = answerWanted });
    }

    /// <summary>From whoever is a member: where two hosts do not see the same members yet, one may be a neighbour only in the other's eyes.</summary>
    private void OnAnnouncement(ProbeProtocol.Announcement said)
    {
        var member = Sender.Path.Address;
        if (!cluster.State.Members.Any(known => known.Address == member))
            return;
        manager.Tell(new ProbeProtocol.Heard(member.ToString(), said.From(member) with { AnswerWanted = false }));
        if (said.AnswerWanted && own is not null)
            Sender.Tell(own with { AnswerWanted = false });
    }

    private sealed class Look : IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }

    private sealed class SayAgain : IDeadLetterSuppression
    {
        public static readonly SayAgain Instance = new();
    }
}
