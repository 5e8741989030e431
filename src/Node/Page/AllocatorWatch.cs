using AkkaOverlay.Node.Api;

namespace AkkaOverlay.Node.Page;

/// <summary>
/// What the allocator says of reservations, quarantines and who was seen when. Asked beside the page and not within it: an allocator that does not answer takes seconds, and
/// each question passes through its fence.
/// </summary>
internal sealed class AllocatorWatch(Func<Task<LedgerModel?>> ask, TimeProvider time)
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private LedgerModel? last;
    private bool? answers;
    private long? askedAt;
    private Task asking = Task.CompletedTask;

    /// <summary>What is known now; asks anew where that is old.</summary>
    public (LedgerModel? Ledger, bool? Answers) Look()
    {
        lock (gate)
        {
            if (asking.IsCompleted && (askedAt is not { } at || time.GetElapsedTime(at) >= Interval))
            {
                askedAt = time.GetTimestamp();
                asking = AskAsync();
            }
            return (last, answers);
        }
    }

    private async Task AskAsync()
    {
        await Task.Yield();
        LedgerModel? heard = null;
        try
        {
            heard = await ask();
        }
        catch (Exception e) when (e is Akka.Actor.AskTimeoutException or InvalidOperationException)
        {
            // No answer, as when there is no allocator.
        }
        lock (gate)
        {
            last = heard ?? last;
            answers = heard is not null;
        }
    }
}
