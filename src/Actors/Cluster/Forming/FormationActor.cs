using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster.Forming;

/// <summary>
/// Brings a core host into its cluster: asks the other seats over remoting, which works without membership, lets <see cref="Formation"/> decide, and does it.
/// Afterwards it answers for this seat, and keeps the cluster's id on the disk once a majority of the seats are members.
/// <para>
/// Of two seats the higher address asks, the lower one answers on the same connection: two that connect to each other at the same instant can end with an
/// association that carries nothing. A seat that was not heard for a while is asked by the lower one too.
/// </para>
/// </summary>
public sealed partial class FormationActor : ReceiveActor, IWithTimers
{
    public const string Name = "formation";

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LowerAsksAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan JoinPatience = TimeSpan.FromSeconds(8);

    /// <summary>A seat that listens and is not heard for so long: the association carries nothing, or its process is stopped.</summary>
    private static readonly TimeSpan DeafAfter = TimeSpan.FromSeconds(10);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly OverlaySettings settings;
    private readonly FormationStatus status;
    private readonly IActorRef supervisor;
    private readonly TimeProvider time;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly RareLog rare = new(TimeSpan.FromSeconds(60));
    private readonly Dictionary<string, Peer> peers = [];
    private readonly TimeSpan began;

    private Formation formation;
    private Guid? clusterId;
    private TimeSpan? decidedAt;
    private bool everUp;

    public FormationActor(Akka.Cluster.Cluster cluster, OverlaySettings settings, FormationStatus status, IActorRef supervisor, TimeProvider time)
    {
        this.cluster = cluster;
        this.settings = settings;
        this.status = status;
        this.supervisor = supervisor;
        this.time = time;
        began = Now();
        clusterId = settings.Core!.Files.LoadId();
        formation = new Formation
        {
            Self = cluster.SelfAddress.ToString(),
            Seats = settings.Seeds.Addresses.ToEquatableArray(),
            Cluster = clusterId,
            Bootstrap = settings.Core.Bootstrap,
            Ledger = settings.Core.Journal.Identity,
            Network = settings.Name,
            Vote = settings.Core.Files.LoadVote(began),
        };
        foreach (var seed in settings.Seeds.Seeds.Where(seed => OverlayAddress.Of(seed.Address, seed.Port) != formation.Self))
            peers[OverlayAddress.Of(seed.Address, seed.Port)] = new Peer(seed);

        Receive<Tick>(_ => OnTick());
        Receive<Probed>(probed =>
        {
            var peer = peers[probed.Address];
            peer.Probing = false;
            peer.ListensSince = probed.State == PortState.Listens ? peer.ListensSince ?? Now() : null;
            if (probed.State == PortState.Listens && !formation.Decided)
                Context.ActorSelection($"{probed.Address}/user/{Name}").Tell(News(answer: false));
        });
        Receive<NodeProtocol.SeatNews>(OnNews);
        Receive<NodeProtocol.VoteRequest>(request =>
        {
            (var next, var reply) = formation.Asked(request, Now());
            Keep(next);
            Sender.Tell(reply);
        });
        Receive<NodeProtocol.Vote>(vote =>
        {
            formation = formation.Voted(vote);
            Advance();
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Akka.Cluster.Cluster cluster, OverlaySettings settings, FormationStatus status, IActorRef supervisor, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new FormationActor(cluster, settings, status, supervisor, time));

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TickInterval);
        OnTick();
    }

    private TimeSpan Now() => time.GetElapsedTime(0);

    private void OnTick()
    {
        // A seat's or a database's id may become known later.
        formation = formation with { Ledger = settings.Core!.Journal.Identity };
        if (formation.Decided)
        {
            Settle();
            return;
        }
        var now = Now();
        foreach (var (address, peer) in peers)
            AskIfDue(address, peer, now);
        Advance();
    }

    private void AskIfDue(string address, Peer peer, TimeSpan now)
    {
        bool mine = string.CompareOrdinal(formation.Self, address) > 0 || now - (peer.HeardAt ?? began) >= LowerAsksAfter;
        if (!mine || peer.Probing || (peer.AskedAt is { } asked && now - asked < AskInterval))
            return;
        peer.Probing = true;
        peer.AskedAt = now;
        PortProbe.Ask(peer.Seed.EndPoint).PipeTo(Self, success: state => new Probed(address, state), failure: _ => new Probed(address, PortState.Silent));
    }

    private void OnNews(NodeProtocol.SeatNews news)
    {
        var now = Now();
        if (peers.TryGetValue(news.Address, out var peer))
            peer.HeardAt = now;
        formation = formation.Hear(news, now);
        if (!news.Answer)
            Sender.Tell(News(answer: true));
        Compare(news, now);
        Advance();
    }

    private void Advance()
    {
        if (formation.Decided)
            return;
        var now = Now();
        var (next, step) = formation.Next(now);
        Keep(next);
        switch (step)
        {
            case FormationStep.Wait wait:
                OnWait(wait, now);
                break;
            case FormationStep.Ask ask:
                foreach (string voter in ask.Voters)
                    Context.ActorSelection($"{voter}/user/{Name}").Tell(ask.Request);
                break;
            case FormationStep.Join join:
                clusterId ??= join.Cluster;
                joinedBlindly = formation.Ledger is { Id: null } ? join.Address : null;
                Decide($"joining {join.Address}", join.Address, now);
                break;
            case FormationStep.Form form:
                if (formation.Seats.Count > 1)
                    log.Info(form.Cluster is null ? "All votes are there: this host founds the cluster" : "The votes are there: this host forms the cluster again");
                clusterId ??= Guid.NewGuid();
                Decide("forming the cluster", formation.Self, now);
                break;
        }
    }

    private void Decide(string text, string address, TimeSpan now)
    {
        status.WaitsFor = text;
        decidedAt = now;
        cluster.Join(Address.Parse(address));
    }

    /// <summary>In a cluster, or on the way into one.</summary>
    private void Settle()
    {
        if (cluster.SelfMember.Status is MemberStatus.Up)
        {
            everUp = true;
            status.WaitsFor = null;
            AskAgainIfKnown(Now());
            // Later than the founding itself: a founder that falls before a majority knows the id must leave nobody behind with one that nobody else has.
            if (clusterId is { } id && formation.Cluster != id && CoreCount.Of(cluster.State).Reached >= settings.Seeds.Quorum)
            {
                settings.Core!.Files.SaveId(id);
                formation = formation with { Cluster = id };
                log.Info("This host is of the cluster {Cluster}", id);
            }
        }
        else if (!everUp && Now() - decidedAt >= JoinPatience)
        {
            log.Warning("The join comes to nothing: beginning anew");
            supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: true));
            decidedAt = Now();
        }
    }

    private void Keep(Formation next)
    {
        // On the disk before anybody hears of it.
        if (next.Vote is { } vote && vote != formation.Vote)
            settings.Core!.Files.SaveVote(vote);
        formation = next;
    }

    private sealed class Peer(Seed seed)
    {
        public Seed Seed { get; } = seed;

        public bool Probing { get; set; }

        public TimeSpan? AskedAt { get; set; }

        public TimeSpan? HeardAt { get; set; }

        public TimeSpan? ListensSince { get; set; }
    }

    private sealed record Probed(string Address, PortState State) : INoSerializationVerificationNeeded;

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
