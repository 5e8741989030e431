using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace AkkaOverlay.Actors.View;

/// <summary>Asks the other hosts how they do, while somebody looks and no longer.</summary>
public sealed class OverviewActor : ReceiveActor, IWithTimers
{
    public const string Name = "overview";

    /// <summary>A page asks every two seconds; one that is this late is not there any more.</summary>
    internal static readonly TimeSpan WatchedFor = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private readonly AskSchedule schedule = new();
    private readonly TimeProvider time;
    private readonly long began;
    private TimeSpan watchedUntil = TimeSpan.MinValue;
    private bool asking;

    /// <param name="others">The members that shall be asked.</param>
    /// <param name="agent">Who answers for one.</param>
    public OverviewActor(Func<IReadOnlyCollection<UniqueAddress>> others, Func<UniqueAddress, ICanTell> agent, TimeProvider time)
    {
        this.time = time;
        began = time.GetTimestamp();
        Receive<ViewProtocol.GetOverview>(_ =>
        {
            Sender.Tell(new ViewProtocol.Overview([.. schedule.Seen(Now, others())]));
            watchedUntil = Now + WatchedFor;
            if (asking)
                return;
            asking = true;
            Timers.StartPeriodicTimer(nameof(Tick), Tick.Instance, TimeSpan.Zero, Pace);
        });
        Receive<Tick>(_ =>
        {
            if (Now > watchedUntil)
            {
                asking = false;
                Timers.Cancel(nameof(Tick));
                schedule.Pause();
                return;
            }
            foreach (var (number, host) in schedule.Due(Now, others()))
                agent(host).Tell(new ViewProtocol.DescribeHost(number), Self);
        });
        Receive<ViewProtocol.HostDescribed>(answer => schedule.Answered(answer.Number, answer.View.Plain(), Now));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(Func<IReadOnlyCollection<UniqueAddress>> others, Func<UniqueAddress, ICanTell> agent, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new OverviewActor(others, agent, time));

    /// <summary>Every member but this node.</summary>
    internal static IReadOnlyCollection<UniqueAddress> Others(Akka.Cluster.Cluster cluster) =>
        [.. cluster.State.Members.Select(member => member.UniqueAddress).Where(address => address != cluster.SelfUniqueAddress)];

    private TimeSpan Now => time.GetElapsedTime(began);

    private sealed class Tick : IDeadLetterSuppression, INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}
