namespace AkkaOverlay.Simulation.Engine;

/// <summary>One machine's monotonic clock: not set, not quite as fast as the others, and now and then far ahead at once.</summary>
internal sealed class LocalClock(TimeSpan offset, double rate)
{
    private TimeSpan offset = offset;

    public TimeSpan At(TimeSpan time) => offset + (time * rate);

    /// <summary>How long the world waits until this much has passed here.</summary>
    public TimeSpan ToWorld(TimeSpan local) => local / rate;

    public void Jump(TimeSpan ahead) => offset += ahead;
}
