using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using AkkaOverlay.Actors.Host;
using AkkaOverlay.Actors.Reconcile;
using AkkaOverlay.Kernel.Netlink;
using AkkaOverlay.Kernel.Programs;

namespace AkkaOverlay.Actors.Extension;

/// <summary>
/// Carries out the operator's commands (<see cref="ExtensionPlan"/> says which): some at once, those of one peer one after the other, each that fails again and again
/// by itself. What is begun is on the disk before it begins. The programs run on the thread pool; they outlive this actor and the process.
/// </summary>
public sealed class ExtensionManagerActor : ReceiveActor, IWithTimers
{
    /// <summary>Programs that run at the same time.</summary>
    internal const int MostAtOnce = 8;

    /// <summary>What cannot be undone so many times is left.</summary>
    internal const int MostUndos = 5;

    /// <summary>Many commands end together: what they did is written once.</summary>
    private static readonly TimeSpan SaveDelay = TimeSpan.FromMilliseconds(200);

    private readonly ExtensionFile file;
    private readonly IProgramRunner programs;
    private readonly RetryTable retries;
    private readonly ILoggingAdapter log = Context.GetLogger();
    private readonly Dictionary<object, ExtensionStep> running = [];
    private readonly Dictionary<ExtensionStep, int> undos = [];
    private ExtensionRecord record;
    private HostProtocol.SetGoal? goal;
    private ImmutableArray<ExtensionStep> due = [];
    private HostProtocol.ExtensionReport? told;
    private string? diskTrouble;
    private bool served;

    public ExtensionManagerActor(ExtensionFile file, IProgramRunner programs, TimeProvider time)
    {
        this.file = file;
        this.programs = programs;
        retries = new RetryTable(time);
        record = file.Last;
        Receive<HostProtocol.SetGoal>(OnGoal);
        Receive<Look>(_ => Run());
        Receive<Ended>(OnEnded);
        Receive<SaveNow>(_ => OnSaveNow());
        Receive<HostProtocol.GetObjects>(_ => Sender.Tell(new HostProtocol.Objects(served ? Status().Rows : [])));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private ExtensionGoal? Wanted => goal?.Plan.Extension;

    public static Props Props(ExtensionFile file, IProgramRunner programs, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new ExtensionManagerActor(file, programs, time));

    protected override void PreStart()
    {
        if (file.Trouble is { } trouble)
            log.Warning("{Trouble}: the commands of every peer are run again", trouble);
        Context.Parent.Tell(HostProtocol.GoalWanted.Instance);
    }

    protected override void PostStop() => Save(record);

    private void OnGoal(HostProtocol.SetGoal message)
    {
        goal = message;
        served |= Wanted is not null || !record.IsEmpty;
        if (!served)
            return;
        if (Wanted is { } wanted && (record.Shutdown != wanted.Shutdown || record.TimeLimit != wanted.TimeLimit))
        {
            record = record with { Shutdown = wanted.Shutdown, TimeLimit = wanted.TimeLimit };
            SaveSoon();
        }
        Run();
    }

    private void Run()
    {
        if (goal is null)
            return;
        Plan();
        var startable = due.Where(step => ExtensionPlan.MayStart(step, running.Values)).ToList();
        var ready = startable.Where(step => !retries.MustWait(step)).Take(MostAtOnce - running.Count).ToList();
        if (ready.Count > 0 ? Begin(ready, startable) : diskTrouble is null || Save(record))
            ready.ForEach(Start);
        LookAgain();
        Report();
    }

    /// <summary>Written only where the disk does not have it already that the ready ones began, and what undoes them; and then for all at once: a thousand peers are not a thousand writes.</summary>
    private bool Begin(IEnumerable<ExtensionStep> ready, IEnumerable<ExtensionStep> startable)
    {
        var begun = BeginAll(record, startable);
        bool isKept = diskTrouble is null && BeginAll(file.Last with { Shutdown = record.Shutdown, TimeLimit = record.TimeLimit }, ready) == file.Last;
        if (!isKept && !Save(begun))
            return false;
        record = begun;
        return true;
    }

    private static ExtensionRecord BeginAll(ExtensionRecord record, IEnumerable<ExtensionStep> steps) => steps.Aggregate(record, (now, step) => now.Began(step));

    /// <summary>Steps for which the configuration has no command are taken on the way.</summary>
    private void Plan()
    {
        while (true)
        {
            due = ExtensionPlan.Due(Wanted, goal!.MayRemove, record);
            var empty = due.Where(step => step.Command is null && ExtensionPlan.MayStart(step, running.Values)).ToList();
            if (empty.Count == 0)
                break;
            record = empty.Aggregate(record, (now, step) => now.Succeeded(step, ""));
            SaveSoon();
        }
        var wanted = due.ToHashSet<object>();
        retries.Keep(wanted.Contains);
        foreach (var step in undos.Keys.Where(step => !wanted.Contains(step)).ToList())
            undos.Remove(step);
    }

    private void Start(ExtensionStep step)
    {
        running[step.Key] = step;
        var call = CommandOutcome.ToCall(step.Command!, record.TimeLimit);
        Task.Run(() => programs.RunAsync(call, CancellationToken.None)).PipeTo(
            Self,
            success: result => new Ended(step, result),
            failure: e => new Ended(step, new ProgramResult($"{e.GetBaseException().GetType().Name}: {e.GetBaseException().Message}".ReplaceLineEndings(" "), -1, "", "")));
    }

    private void OnEnded(Ended ended)
    {
        var step = ended.Step;
        running.Remove(step.Key);
        if (CommandOutcome.Trouble(step, ended.Result) is { } trouble)
        {
            OnFailed(step, trouble);
        }
        else
        {
            log.Info("{Command}: done", step.Name);
            retries.Succeeded(step);
            Settle(step, ended.Result.Output);
        }
        // The others hear at once what it printed.
        if (step is ExtensionStep.Pre)
            Save(record);
        else
            SaveSoon();
        Run();
    }

    private void OnFailed(ExtensionStep step, string trouble)
    {
        if (retries.Failed(step, new NetlinkError(0, trouble)))
            log.Error("{Trouble}", trouble);
        if (step is not (ExtensionStep.Remove or ExtensionStep.Shutdown))
            return;
        int times = undos[step] = undos.GetValueOrDefault(step) + 1;
        if (step is not ExtensionStep.Remove { Patient: false } && times < MostUndos)
            return;
        log.Warning("{Command}: given up; what it was to undo stays", step.Name);
        Settle(step, "");
    }

    private void Settle(ExtensionStep step, string output)
    {
        record = record.Succeeded(step, output);
        // A lease may have come back while everything was shut down.
        if (step is ExtensionStep.Shutdown && Wanted is { } wanted)
            record = record with { Shutdown = wanted.Shutdown, TimeLimit = wanted.TimeLimit };
    }

    private void LookAgain()
    {
        if ((diskTrouble is null ? retries.NextDelay() : TimeSpan.Zero) is { } delay)
            Timers.StartSingleTimer(nameof(Look), Look.Instance, delay < RetryTable.FirstDelay ? RetryTable.FirstDelay : delay);
    }

    private ExtensionStatus Status() =>
        new(Wanted, record, due, step => running.GetValueOrDefault(step.Key) == step, step => retries.ErrorOf(step)?.Text);

    private void Report()
    {
        var report = Status().ToReport(goal!.Plan, diskTrouble);
        if (ReferenceEquals(told?.PlanSeen, report.PlanSeen) && told!.InPlace == report.InPlace && told.Detail == report.Detail)
            return;
        told = report;
        Context.Parent.Tell(report);
    }

    private void SaveSoon()
    {
        if (!Timers.IsTimerActive(nameof(SaveNow)))
            Timers.StartSingleTimer(nameof(SaveNow), SaveNow.Instance, SaveDelay);
    }

    private void OnSaveNow()
    {
        if (Save(record))
            return;
        LookAgain();
        Report();
    }

    private bool Save(ExtensionRecord next)
    {
        try
        {
            if (next != file.Last)
                file.Save(next);
            diskTrouble = null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string text = $"No command is run, for what was run cannot be kept on disk: {e.Message}";
            if (text != diskTrouble)
                log.Error("{Trouble}", text);
            diskTrouble = text;
        }
        return diskTrouble is null;
    }

    private sealed record Ended(ExtensionStep Step, ProgramResult Result) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed class Look : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }

    private sealed class SaveNow : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly SaveNow Instance = new();
    }
}
