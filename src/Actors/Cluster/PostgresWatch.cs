using Akka.Actor;
using Akka.Event;

namespace AkkaOverlay.Actors.Cluster;

/// <summary>
/// Makes the ledger's tables as soon as a database that was away at the start answers, and tells the operator in one line when it goes and when it comes.
/// Nothing is decided by what it sees.
/// </summary>
internal sealed class PostgresWatch : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan WhileAway = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan WhileThere = TimeSpan.FromSeconds(5);

    private readonly ILoggingAdapter log = Context.GetLogger();
    private string? trouble;

    public PostgresWatch(PostgresJournal journal)
    {
        Receive<Look>(_ => Task.Run(() =>
        {
            try
            {
                journal.TryPrepare();
                return new Seen(null);
            }
            catch (Exception e) when (PostgresTrouble.IsOfDatabase(e))
            {
                return new Seen(journal.Describe(e));
            }
        }).PipeTo(Self));
        Receive<Seen>(seen =>
        {
            if (seen.Trouble is null && trouble is not null)
                log.Info("The ledger's database answers again");
            else if (seen.Trouble is { } now && now != trouble)
                log.Warning("{Trouble}. Nothing is granted until it is mended; leases that are held stay held, and traffic goes on", now);
            trouble = seen.Trouble;
            Timers.StartSingleTimer(nameof(Look), Look.Instance, trouble is null ? WhileThere : WhileAway);
        });

        // What nobody foresaw must not end the watch; its text may hold anything.
        Receive<Status.Failure>(failure =>
        {
            log.Error("The ledger's database cannot be looked at ({Kind})", failure.Cause.GetType().Name);
            Timers.StartSingleTimer(nameof(Look), Look.Instance, WhileAway);
        });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(PostgresJournal journal) => Akka.Actor.Props.Create(() => new PostgresWatch(journal));

    protected override void PreStart() => Self.Tell(Look.Instance);

    private sealed class Look : IDeadLetterSuppression
    {
        public static readonly Look Instance = new();
    }

    /// <param name="Trouble">Null where there is none.</param>
    private sealed record Seen(string? Trouble) : IDeadLetterSuppression;
}
