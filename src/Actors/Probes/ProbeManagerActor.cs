using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Probing;
using AkkaOverlay.Kernel.Rtnetlink;

namespace AkkaOverlay.Actors.Probes;

/// <summary>
/// Asks this host's neighbours through the overlay and keeps what comes of it. Lives in the host's own system, beside HostNetwork: what the cluster does ends no probe,
/// and what becomes of this actor ends nothing else.
/// <code>
///  HostNetwork ── SetGoal, HostStatus ──▶ ProbeManager ◀── Neighbours, Heard ── ProbeAgent ◀── Announcement ──▶ other hosts' agents
///  kernel ──────── RtnetlinkEvent ──────▶      │      ──── Own, Check ────────▶
///                                              ▼
///                                         ProbeSockets ◀── questions and answers inside the overlay ──▶ other hosts' sockets
/// </code>
/// </summary>
public sealed class ProbeManagerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Debounce = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <summary>After a failure that nobody foresaw: what failed at once may do so again.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan Audit = TimeSpan.FromSeconds(60);

    /// <summary>Failures that begin together are one line.</summary>
    private static readonly TimeSpan NewsInterval = TimeSpan.FromSeconds(1);

    private readonly ProbeSettings settings;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly long origin;
    private readonly ProbeToken token = new(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))));
    private readonly ProbeNeighbours neighbours = new();
    private readonly ProbeRound round = new();
    private readonly ProbeNews news = new();
    private readonly ProbeSockets sockets;
    private ImmutableArray<Unprobed> others = [];
    private IActorRef network = ActorRefs.Nobody;
    private IActorRef agent = ActorRefs.Nobody;
    private HostStatus? status;
    private string? reason;
    private TimeSpan newsAt;
    private long asked;
    private long answered;

    public ProbeManagerActor(ProbeSettings settings)
    {
        this.settings = settings;
        origin = settings.Time.GetTimestamp();
        var self = Self;
        sockets = new ProbeSockets(settings.OpenSocket, answer => self.Tell(answer), address => self.Tell(new SocketEnded(address)));
        reason = settings.Enabled ? "it has no lease" : "probes are switched off there (--probes off)";
        Receive<HostProtocol.SetGoal>(_ =>
        {
            network = Sender;
            network.Tell(HostProtocol.GetStatus.Instance);
        });
        Receive<Restarted>(before =>
        {
            if (network.IsNobody())
                network = before.Network;
            if (agent.IsNobody())
                agent = before.Agent;
            Timers.StartSingleTimer(nameof(AskAgain), AskAgain.Instance, Pause);
        });
        Receive<AskAgain>(_ =>
        {
            network.Tell(HostProtocol.GoalWanted.Instance);
            agent.Tell(ProbeProtocol.NeighboursWanted.Instance);
        });
        Receive<HostStatus>(now =>
        {
            status = now;
            LookAtAddresses();
        });
        Receive<RtnetlinkEvent>(change =>
        {
            if (Concerns(change))
                Timers.StartSingleTimer(nameof(Debounce), AddressesChanged.Instance, Debounce);
        });
        Receive<AddressesChanged>(_ => LookAtAddresses());
        Receive<SocketEnded>(ended =>
        {
            sockets.Close(ended.Address);
            Retarget();
            Timers.StartSingleTimer(nameof(Debounce), AddressesChanged.Instance, Retry);
        });
        Receive<ProbeProtocol.Neighbours>(now =>
        {
            agent = Sender;
            neighbours.Adopt(now, Now);
            agent.Tell(Own());
            Retarget();
        });
        Receive<ProbeProtocol.Heard>(heard =>
        {
            if (neighbours.Hear(heard, Now))
                Retarget();
        });
        Receive<ProbeAnswer>(answer =>
        {
            answered++;
            round.Answered(answer.From, answer.Nonce, settings.Time.GetElapsedTime(origin, answer.At));
            Pump();
        });
        Receive<Tick>(_ => Pump());
        Receive<ProbeProtocol.GetProbes>(_ => Sender.Tell(Table()));
        Receive<ProbeProtocol.HaveAllAnswered>(question => Sender.Tell(AllAnswered(settings.Time.GetElapsedTime(origin, question.Since))));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => settings.Time.GetElapsedTime(origin);

    public static Props Props(ProbeSettings settings) => Akka.Actor.Props.Create(() => new ProbeManagerActor(settings)).WithDispatcher(HostSystem.KernelDispatcher);

    protected override void PreStart() => Timers.StartPeriodicTimer(nameof(Audit), AddressesChanged.Instance, Audit);

    /// <summary>What is known goes with it: the next one asks for it anew.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        Self.Tell(new Restarted(network, agent));
        base.PreRestart(reason, message);
    }

    protected override void PostStop() => sockets.CloseAll();

    private bool Concerns(RtnetlinkEvent change) => settings.Enabled && change switch
    {
        RtnetlinkEvent.AddressEvent { Address: var held } => status?.Lease?.Subnets.All.Any(subnet => subnet.Contains(held.Address)) ?? false,
        RtnetlinkEvent.Overrun => true,
        _ => false,
    };

    private void LookAtAddresses()
    {
        if (!settings.Enabled || status is null)
            return;
        try
        {
            using var kernel = settings.OpenKernel();
            var (addresses, none) = ProbeAddresses.Of(status, kernel.DumpAddresses());
            string? problem = sockets.Adopt(addresses);
            reason = sockets.EndPoints.IsEmpty ? none ?? problem : null;
            if (problem is not null)
                Timers.StartSingleTimer(nameof(Debounce), AddressesChanged.Instance, Retry);
        }
        catch (NetlinkException e)
        {
            log.Warning("Cannot read the kernel's addresses for probes: {Error}", e.Message);
            Timers.StartSingleTimer(nameof(Debounce), AddressesChanged.Instance, Retry);
        }
        agent.Tell(Own());
        Retarget();
    }

    private ProbeProtocol.Own Own() => new(new ProbeProtocol.Announcement(
        settings.Node, settings.NodeName, sockets.EndPoints.ToEquatableArray(), token, status?.Plan.Mtu ?? 0, reason, AnswerWanted: false));

    private void Retarget()
    {
        if (!settings.Enabled)
            return;
        var reached = status?.Plan.Reached ?? [];
        var targets = ProbeTargets.Of(neighbours.Members, neighbours.Said, sockets.Families, status?.Plan.Mtu ?? 0, reached);
        others = targets.Others;
        sockets.LetIn(new ProbeGate(token.Value, ProbeTargets.Askers(neighbours.Said.Values, reached)));
        round.Adopt(targets.Paths, Now);
        Pump();
    }

    /// <summary>All that time brings, and then the next moment that does.</summary>
    private void Pump()
    {
        var now = Now;
        round.Look(now);
        if (round.Turn(now) is { } target)
            Ask(target, now);
        foreach (string member in neighbours.ToAsk(round.Paths, now))
            agent.Tell(new ProbeProtocol.Check(member));
        if (now - newsAt >= NewsInterval)
            Report(now);
        if (round.Wake() is { } wake)
            Timers.StartSingleTimer(nameof(Tick), Tick.Instance, wake > now ? wake - now : TimeSpan.Zero);
    }

    private void Ask(ProbeTarget target, TimeSpan now)
    {
        if (sockets.Of(target.Remote.AddressFamily) is not { } socket)
            return;
        ulong nonce = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        var size = round.Asked(target, nonce, now);
        int length = size == ProbeSize.Small ? ProbeDatagram.SmallPayload : target.FullSize - ProbeDatagram.Headers(target.Remote.AddressFamily);
        switch (socket.Ask(target.Remote, target.Token, nonce, length, out string? problem))
        {
            case ProbeSending.Sent:
                asked++;
                break;
            case ProbeSending.Refused:
                round.Refused(target, nonce, problem!, now);
                break;
            default:
                round.Forgotten(target);
                break;
        }
    }

    private void Report(TimeSpan now)
    {
        newsAt = now;
        foreach (var (complains, text) in news.Of([.. Rows(now)], now))
        {
            if (complains)
                log.Error("{News}", text);
            else
                log.Info("{News}", text);
        }
    }

    private IEnumerable<ProbeRow> Rows(TimeSpan now)
    {
        var clock = settings.Time.GetUtcNow();
        return round.Paths.Select(path => ProbeReport.Row(path.Target, path.Path, neighbours.WordOf(path.Target.Member), now, clock));
    }

    private ProbeTable Table()
    {
        if (!settings.Enabled)
            return ProbeTable.Off;
        var rows = Rows(Now).Concat(others.Select(ProbeReport.Row)).OrderBy(row => row.Name, StringComparer.Ordinal).ThenBy(row => row.Address?.ToString(), StringComparer.Ordinal);
        return new ProbeTable(true, sockets.EndPoints, reason, status?.Plan.Mtu ?? 0, new ProbePackets(asked, answered, sockets.Given), [.. rows]);
    }

    private ProbeProtocol.AllAnswered AllAnswered(TimeSpan since)
    {
        var now = Now;
        var clock = settings.Time.GetUtcNow();
        var paths = round.Paths.ToList();
        ImmutableArray<ProbeRow> missing =
            [.. paths.Where(path => !ProbeReport.HasAnswered(path.Path, since)).Select(path => ProbeReport.Row(path.Target, path.Path, neighbours.WordOf(path.Target.Member), now, clock))];
        return new ProbeProtocol.AllAnswered(missing.IsEmpty, paths.Count, missing, [.. others.Select(ProbeReport.Row)]);
    }

    /// <summary>From the actor that failed to the one in its place.</summary>
    private sealed record Restarted(IActorRef Network, IActorRef Agent);

    private sealed class AskAgain : IDeadLetterSuppression
    {
        public static readonly AskAgain Instance = new();
    }

    private sealed record SocketEnded(IPAddress Address);

    private sealed class AddressesChanged : IDeadLetterSuppression
    {
        public static readonly AddressesChanged Instance = new();
    }

    private sealed class Tick : IDeadLetterSuppression
    {
        public static readonly Tick Instance = new();
    }
}
