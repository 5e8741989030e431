using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Leases;

namespace AkkaOverlay.Actors.SubnetAllocator;

public sealed partial class SubnetAllocatorActor
{
    /// <summary>Hosts that take longer to say how things stand need not agree to what comes.</summary>
    internal static readonly TimeSpan BaselinePatience = TimeSpan.FromSeconds(2);

    /// <summary>For so long after a trial hosts are asked still how far they are.</summary>
    private static readonly TimeSpan FollowUp = TimeSpan.FromSeconds(30);

    /// <summary>Named in one line; the others are counted.</summary>
    private const int MostObjections = 3;

    private readonly TimeSpan trialLength;

    /// <summary>A change that waits until the hosts have said how things stand; null where none does.</summary>
    private Baseline? baseline;
    private long questions;

    /// <summary>Of the present version; null where nobody set it in this allocator's time.</summary>
    private NetworkJudge? judge;
    private TimeSpan followUntil;

    private void NetworkAnswers()
    {
        Command<LeaseProtocol.SetNetwork>(OnSetNetwork);
        Command<LeaseProtocol.DescribeNetwork>(_ => OnDescribeNetwork());
        Command<LeaseProtocol.NetworkReport>(OnNetworkReport);
        Command<BaselineOver>(_ => OnBaselineOver());
    }

    private void OnSetNetwork(LeaseProtocol.SetNetwork set)
    {
        var command = CommandOf(set);
        if (!table.Decide(command).Events.IsEmpty)
        {
            Gather(set);
            return;
        }
        var asker = Sender;
        FromMemory(() =>
        {
            var (events, reply) = table.Decide(command);
            if (!events.IsEmpty)
                Self.Tell(set, asker);
            else
                asker.Tell(reply is LeaseReply.Refused refused ? new LeaseProtocol.Refused(refused.Reason, refused.Text) : Compared(set, written: false));
        });
    }

    /// <summary>
    /// First every host says what is against it, and how things stand with the present version: a path that fails already is no fault of the next one.
    /// </summary>
    private void Gather(LeaseProtocol.SetNetwork set)
    {
        if (baseline is not null)
        {
            Sender.Tell(new LeaseProtocol.Refused(RefusalReason.Denied, "another change of the network's configuration is under way: wait until it is known what becomes of it ('network show')"));
            return;
        }
        baseline = new Baseline(set, Sender, Listening(), ++questions);
        AskHosts(new LeaseProtocol.ReportNetwork(table.NetworkVersion, set.Config, baseline.Question));
        Timers.StartSingleTimer(nameof(BaselineOver), BaselineOver.Instance, BaselinePatience);
        if (baseline.IsComplete)
            OnBaselineOver();
    }

    private void OnBaselineOver()
    {
        if (baseline is not { } gathered)
            return;
        Timers.Cancel(nameof(BaselineOver));
        baseline = null;
        var (events, reply) = table.Decide(CommandOf(gathered.Set));
        if (reply is LeaseReply.Refused refused)
        {
            FromMemory(() => gathered.Asker.Tell(new LeaseProtocol.Refused(refused.Reason, refused.Text)));
            return;
        }
        if (gathered.Objections.Count > 0)
        {
            FromMemory(() => gathered.Asker.Tell(new LeaseProtocol.Refused(RefusalReason.Denied, Text(gathered.Objections))));
            return;
        }
        if (gathered.Set.DryRun || events.IsEmpty)
        {
            FromMemory(() => gathered.Asker.Tell(Compared(gathered.Set, written: false)));
            return;
        }
        var compared = Compared(gathered.Set, written: true);
        Write(events, () =>
        {
            log.Info("Version {Version} of the network's configuration is on trial: {Changes}", table.NetworkVersion, string.Join(", ", compared.Changes));
            Begin(gathered.Answered);
            gathered.Asker.Tell(compared with { Version = table.NetworkVersion });
        });
    }

    /// <param name="expected">Null where this allocator found the trial in the ledger.</param>
    private void Begin(IReadOnlyCollection<NodeId>? expected)
    {
        if (table.Standing.Trial is not { } trial)
            return;
        judge = new NetworkJudge(table.NetworkVersion, trial.Length, presence.Listening, expected);
        AskHosts(new LeaseProtocol.ReportNetwork(table.NetworkVersion, null));
    }

    private void OnNetworkReport(LeaseProtocol.NetworkReport report)
    {
        if (report.Question == 0)
        {
            judge?.Take(report);
            JudgeTrial();
            return;
        }
        if (baseline is null || report.Question != baseline.Question)
            return;
        baseline.Take(report, table.Leases.GetValueOrDefault(report.Node)?.NodeName ?? $"{report.Node}");
        if (baseline.IsComplete)
            OnBaselineOver();
    }

    /// <summary>Once a second.</summary>
    private void FollowNetwork()
    {
        JudgeTrial();
        if (judge is not null && (table.Standing.Trial is not null || presence.Listening < followUntil))
            AskHosts(new LeaseProtocol.ReportNetwork(judge.Version, null));
    }

    private void JudgeTrial()
    {
        if (judge is null || table.Standing.Trial is null || judge.Version != table.NetworkVersion)
            return;
        var verdict = judge.Look(presence.Listening, table.Leases);
        LeaseCommand? command = verdict.Keep ? new LeaseCommand.KeepNetwork(judge.Version)
            : verdict.TakeBack is { } reason ? new LeaseCommand.TakeBackNetwork(judge.Version, reason, time.GetUtcNow())
            : null;
        if (command is null)
            return;
        Write(table.Decide(command).Events, () =>
        {
            followUntil = presence.Listening + FollowUp;
            if (verdict.Keep)
            {
                log.Info("Version {Version} of the network's configuration is kept: {Count} hosts have it and packets pass", judge.Version, judge.Applied);
                return;
            }
            log.Error("Version {Version} of the network's configuration is taken back, version {Next} is as it was before: {Reason}", judge.Version, table.NetworkVersion, verdict.TakeBack);
            // Nobody judges what was good before; but whether everybody has it again is worth knowing.
            judge = new NetworkJudge(table.NetworkVersion, FollowUp, presence.Listening, null);
        });
    }

    private void OnDescribeNetwork()
    {
        var asker = Sender;
        FromMemory(() => asker.Tell(table.Network is null
            ? new LeaseProtocol.Refused(RefusalReason.NoNetwork, "the ledger has no network configuration yet")
            : new LeaseProtocol.NetworkDescribed(
                Network(),
                table.Standing.Since,
                table.Standing.Trial is { } trial ? judge?.Left(presence.Listening) ?? trial.Length : null,
                table.Standing.TakenBack,
                table.Leases.Count,
                judge?.Applied,
                judge?.Waiting(table.Leases) ?? [])));
    }

    private LeaseProtocol.NetworkCompared Compared(LeaseProtocol.SetNetwork set, bool written) =>
        new(table.NetworkVersion, written, table.Compare(set.Config).Changes.ToEquatableArray(), table.Leases.Count);

    private LeaseCommand.SetNetwork CommandOf(LeaseProtocol.SetNetwork set) => new(set.ComparedWith, set.Config, trialLength, time.GetUtcNow());

    private HashSet<NodeId> Listening() => [.. watchers.Values.Where(table.Leases.ContainsKey)];

    private void AskHosts(LeaseProtocol.ReportNetwork question)
    {
        foreach (var (watcher, node) in watchers)
        {
            if (table.Leases.ContainsKey(node))
                watcher.Tell(question);
        }
    }

    private static string Text(List<string> objections) =>
        string.Join("; ", objections.Order(StringComparer.Ordinal).Take(MostObjections)) + (objections.Count > MostObjections ? $"; and {objections.Count - MostObjections} more hosts object" : "");

    private sealed class Baseline(LeaseProtocol.SetNetwork set, IActorRef asker, HashSet<NodeId> asked, long question)
    {
        public long Question => question;

        public LeaseProtocol.SetNetwork Set => set;

        public IActorRef Asker => asker;

        public HashSet<NodeId> Answered { get; } = [];

        public bool IsComplete => asked.IsSubsetOf(Answered);

        public List<string> Objections { get; } = [];

        public void Take(LeaseProtocol.NetworkReport report, string host)
        {
            if (Answered.Add(report.Node) && report.Objection is { } objection)
                Objections.Add($"{host}: {PlainText.Of(objection)}");
        }
    }

    private sealed class BaselineOver : IDeadLetterSuppression
    {
        public static readonly BaselineOver Instance = new();
    }
}
