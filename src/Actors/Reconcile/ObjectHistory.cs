namespace AkkaOverlay.Actors.Reconcile;

/// <summary>What one manager remembers of its objects from one comparison to the next.</summary>
public sealed class ObjectHistory(TimeProvider time)
{
    public RetryTable Retries { get; } = new(time);

    public ContentionWatch Contention { get; } = new(time);

    public Suspects Suspects { get; } = new();
}
