using System.Collections.Immutable;
using System.Net;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster.Downing;

/// <summary>
/// On each core host: tells the other core members twice a second whom this one reaches, and what it heard of the others' views, so that all who are connected
/// at all have one picture; and does what <see cref="CoreDowning"/> decides.
/// </summary>
public sealed class CoreDowningActor : ReceiveActor, IWithTimers
{
    /// <summary>Under the cluster's own daemon, whatever the node.</summary>
    private const string Path = "/system/cluster/core/daemon/downingProvider";

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Between two ticks this much means that the process stood still: what it saw before is old.</summary>
    private static readonly TimeSpan StoodStill = TimeSpan.FromSeconds(2);

    private readonly Akka.Cluster.Cluster cluster;
    private readonly int quorum;
    private readonly DowningTimes times;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly IScheduler scheduler = Context.System.Scheduler;
    private readonly Dictionary<int, (NodeProtocol.CoreView View, TimeSpan At)> views = [];
    private readonly Dictionary<(int Viewer, int Member), TimeSpan> lostSince = [];
    private readonly Dictionary<int, int> refusals = [];
    private readonly HashSet<int> probing = [];

    private long counter;
    private string shape = "";
    private TimeSpan lastTick;
    private TimeSpan shapeSince;
    private TimeSpan? tornSince;
    private DowningDecision said = DowningDecision.Nothing.Instance;

    public CoreDowningActor(Akka.Cluster.Cluster cluster, int quorum, DowningTimes times)
    {
        this.cluster = cluster;
        this.quorum = quorum;
        this.times = times;
        lastTick = shapeSince = scheduler.MonotonicClock;
        Receive<Tick>(_ => OnTick(scheduler.MonotonicClock));
        Receive<NodeProtocol.CoreViews>(heard =>
        {
            foreach (var view in heard.Views.Where(view => view.Uid != cluster.SelfUniqueAddress.Uid))
            {
                if (!views.TryGetValue(view.Uid, out var known) || view.Counter > known.View.Counter)
                    views[view.Uid] = (view, scheduler.MonotonicClock);
            }
        });
        Receive<Probed>(probed =>
        {
            probing.Remove(probed.Uid);
            refusals[probed.Uid] = probed.State == PortState.Refuses ? refusals.GetValueOrDefault(probed.Uid) + 1 : 0;
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Akka.Cluster.Cluster cluster, int quorum, DowningTimes times) =>
        Akka.Actor.Props.Create(() => new CoreDowningActor(cluster, quorum, times));

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, Interval);

    private void OnTick(TimeSpan now)
    {
        var state = cluster.State;
        var members = state.Members.Where(member => member.Status is not (MemberStatus.Down or MemberStatus.Removed)).ToList();
        if (members.TrueForAll(member => member.UniqueAddress.Uid != cluster.SelfUniqueAddress.Uid))
            return;
        bool stoodStill = now - lastTick >= StoodStill;
        lastTick = now;
        var peers = members.Where(member => member.HasRole(OverlaySettings.CoreRole) && !member.UniqueAddress.Equals(cluster.SelfUniqueAddress)).ToList();
        See(members, peers, now);
        // Akka removes only what it has unreachable: a member put out before that was removed no sooner.
        var unreachable = state.Unreachable.Select(Uid).ToHashSet();
        var picture = Picture(members, unreachable, now, stoodStill);
        Tell(peers, picture);
        ProbeLost(peers);
        Act(CoreDowning.Decide(picture, times), members);
    }

    /// <summary>This host's own view, and an end to what is old.</summary>
    private void See(List<Member> members, List<Member> peers, TimeSpan now)
    {
        var detector = cluster.FailureDetector;
        var own = new NodeProtocol.CoreView(
            cluster.SelfUniqueAddress.Uid,
            ++counter,
            peers.Where(peer => detector.IsMonitoring(peer.Address) && detector.IsAvailable(peer.Address)).Select(Uid).ToEquatableArray(),
            members.Where(member => !detector.IsAvailable(member.Address)).Select(Uid).ToEquatableArray());
        views[own.Uid] = (own, now);
        foreach (int stale in views.Where(view => now - view.Value.At > times.ViewHolds).Select(view => view.Key).ToList())
            views.Remove(stale);

        var lost = views.Values.SelectMany(view => view.View.Lost.Select(member => (view.View.Uid, member))).ToHashSet();
        foreach (var found in lostSince.Keys.Except(lost).ToList())
            lostSince.Remove(found);
        foreach (var pair in lost)
            lostSince.TryAdd(pair, now);
        foreach (int gone in refusals.Keys.Except(peers.Select(Uid)).ToList())
            refusals.Remove(gone);
    }

    private CorePicture Picture(List<Member> members, HashSet<int> unreachable, TimeSpan now, bool stoodStill)
    {
        var picture = new CorePicture(
            cluster.SelfUniqueAddress.Uid,
            quorum,
            [.. members.Select(member => new SeenMember(
                member.Address.ToString(), Uid(member), CoreCount.IsFull(member), member.Status == MemberStatus.Exiting))],
            views.ToImmutableDictionary(view => view.Key, view => view.Value.View),
            [.. refusals.Where(refusal => refusal.Value >= 2 && unreachable.Contains(refusal.Key)).Select(refusal => refusal.Key)],
            lostSince.ToImmutableDictionary(lost => lost.Key, lost => stoodStill ? TimeSpan.Zero : now - lost.Value),
            TimeSpan.Zero,
            TimeSpan.Zero);
        var voters = CoreDowning.Voters(picture);
        var edges = voters.SelectMany(one => voters.Where(other => CoreDowning.HoldTogether(picture, one.Uid, other.Uid)).Select(other => $"{one.Uid}-{other.Uid}"));
        string seen = $"{string.Join(' ', voters.Select(voter => voter.Uid))} {string.Join(' ', edges)}";
        if (seen != shape || stoodStill)
            (shape, shapeSince) = (seen, now);
        bool whole = CoreDowning.Best(picture, voters).Count == voters.Count;
        tornSince = whole ? null : stoodStill ? now : tornSince ?? now;
        if (stoodStill)
        {
            foreach (var pair in lostSince.Keys.ToList())
                lostSince[pair] = now;
        }
        return picture with { StableFor = now - shapeSince, TornFor = now - (tornSince ?? now) };
    }

    private static void Tell(List<Member> peers, CorePicture picture)
    {
        var message = new NodeProtocol.CoreViews(picture.Views.Values.ToEquatableArray());
        foreach (var peer in peers)
            Context.ActorSelection($"{peer.Address}{Path}").Tell(message);
    }

    private void ProbeLost(List<Member> peers)
    {
        foreach (var peer in peers)
        {
            int uid = Uid(peer);
            if (views.ContainsKey(uid) && cluster.FailureDetector.IsAvailable(peer.Address))
                refusals.Remove(uid);
            else if (probing.Add(uid))
                PortProbe.Ask(EndPointOf(peer.Address)).PipeTo(Self, success: state => new Probed(uid, state), failure: _ => new Probed(uid, PortState.Silent));
        }
    }

    private void Act(DowningDecision decision, List<Member> members)
    {
        switch (decision)
        {
            case DowningDecision.DownSelf self:
                if (said != decision)
                    log.Warning("This host takes itself out of the cluster: {Reason}. Routes and tunnels stay as they are", self.Reason);
                cluster.Down(cluster.SelfAddress);
                break;
            case DowningDecision.Down down:
                foreach (var member in members.Where(member => down.Members.Contains(Uid(member))))
                {
                    if (said is not DowningDecision.Down before || !before.Members.Contains(Uid(member)))
                        log.Warning("No heartbeats from {Address}: it is put out of the cluster", member.Address);
                    cluster.Down(member.Address);
                }
                break;
        }
        said = decision;
    }

    private static int Uid(Member member) => member.UniqueAddress.Uid;

    /// <summary>Akka addresses of ours hold a literal IP address, IPv6 in brackets.</summary>
    private static IPEndPoint EndPointOf(Address address) => new(IPAddress.Parse(address.Host.Trim('[', ']')), address.Port!.Value);

    private sealed record Probed(int Uid, PortState State) : INoSerializationVerificationNeeded;

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
