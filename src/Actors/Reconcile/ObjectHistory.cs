namespace AkkaOverlay.Actors.Reconcile;

/// <summary>What one manager remembers of its objects from one comparison to the next.</summary>
public sealed class ObjectHistory(TimeProvider time)
{
    public RetryTable Retries { get; } = new(time);

    public ContentionWatch Contention { get; } = new(time);

    public Suspects Suspects { get; } = new();

    /// <summary>
    /// Indexes of devices that this process made, or once saw with the proof that they are ours: whose MAC address somebody changes later is ours still.
    /// </summary>
    public HashSet<int> KnownDevices { get; } = [];
}
