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
public sealed class FormationActor : ReceiveActor, IWithTimers
{
    public const string Name = "formation";

    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan LowerAsksAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan AskAgainInterval = TimeSpan.FromSeconds(5);
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

    /// <summary>The seat that was joined before it was known which ledger this host has; null once it has been asked again.</summary>
    private string? joinedBlindly;
    private TimeSpan askedAgainAt;

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
        // An earlier release does not say, and a seat that is blank does not know.
        if (news.Address == joinedBlindly && formation.Ledger is { Id: not null } && news.Ledger is null or { Id: not null })
            joinedBlindly = null;
        Advance();
    }

    /// <summary>What an operator must know of two hosts that do not belong together.</summary>
    private void Compare(NodeProtocol.SeatNews news, TimeSpan now)
    {
        if (clusterId is { } mine && news.Cluster is { } theirs && mine != theirs)
        {
            if (rare.Says($"{news.Address} {theirs}", now))
            {
                log.Error(
                    "{Other} is of another cluster ({Theirs}) than this host {Self} ({Mine}): they never join each other. Stop the one that does not belong here, move its state directory away and start it again",
                    news.Address, theirs, formation.Self, mine);
            }
        }
        else if (LedgerIdentity.Differ(formation.Ledger, news.Ledger))
        {
            // Outside a cluster it is said what is waited for.
            if (formation.Decided && rare.Says($"{news.Address} {news.Ledger}", now))
                log.Error("{Difference}", formation.Difference(news));
            if (news.Address == joinedBlindly)
                supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: false));
        }
        else if (news.Seeds != formation.Seats && (clusterId is not null || news.Cluster is not null) && rare.Says($"{news.Address} {news.Seeds}", now))
        {
            log.Warning(
                "The seed lists differ: {Self} has {Mine}, {Other} has {Theirs}; give every host the same list",
                formation.Self, Formation.Names(formation.Seats), news.Address, Formation.Names(news.Seeds));
        }
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

    private void OnWait(FormationStep.Wait wait, TimeSpan now)
    {
        status.WaitsFor = wait.Reason;
        if (now - began < TimeSpan.FromSeconds(2))
            return;
        if (rare.Says(wait.Reason, now))
        {
            if (wait.Refused)
                log.Error("No cluster is formed: {Reason}", wait.Reason);
            else
                log.Info("No cluster yet: {Reason}", wait.Reason);
        }
        bool deaf = peers.Values.Any(peer => peer.ListensSince is { } since && now - since >= DeafAfter && now - (peer.HeardAt ?? began) >= DeafAfter);
        if (deaf && formation.Around(now).Count() + 1 < settings.Seeds.Quorum)
        {
            log.Warning("A seed listens, but is not heard: beginning anew");
            supervisor.Tell(new OverlaySupervisor.BeginAnew(Abruptly: true));
        }
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

    /// <summary>A database that was away when this host joined answers now: is it the one of the others?</summary>
    private void AskAgainIfKnown(TimeSpan now)
    {
        if (joinedBlindly is null || formation.Ledger is not { Id: not null } || now - askedAgainAt < AskAgainInterval)
            return;
        askedAgainAt = now;
        if (cluster.State.Members.Any(member => member.Address.ToString() == joinedBlindly))
            Context.ActorSelection($"{joinedBlindly}/user/{Name}").Tell(News(answer: false));
        else
            joinedBlindly = null;
    }

    private void Keep(Formation next)
    {
        // On the disk before anybody hears of it.
        if (next.Vote is { } vote && vote != formation.Vote)
            settings.Core!.Files.SaveVote(vote);
        formation = next;
    }

    private NodeProtocol.SeatNews News(bool answer)
    {
        bool up = formation.Decided && cluster.SelfMember.Status == MemberStatus.Up;
        var core = up ? CoreCount.Of(cluster.State) : default;
        return new NodeProtocol.SeatNews(
            formation.Self,
            formation.Seats,
            // Before it is up, a cluster that is just being founded does not count as one that was there.
            up ? clusterId : formation.Cluster,
            up,
            up && (core.Lost == 0 || core.Reached >= settings.Seeds.Quorum),
            core.Reached,
            formation.Around(Now()).Select(news => news.Address).ToEquatableArray(),
            formation.Bootstrap,
            answer,
            formation.Ledger);
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
