namespace AkkaOverlay.Actors.Reconcile;

/// <summary>Measures how long it takes until what a kernel event told of is put right. What the audit finds, nobody told of: that has no beginning.</summary>
internal sealed class RepairClock(TimeProvider time)
{
    private long? began;
    private long repairsBefore;

    /// <summary>Something of ours has changed in the kernel.</summary>
    public void Event() => began ??= time.GetTimestamp();

    /// <summary>Wanted and actual were compared, and the difference sent.</summary>
    /// <param name="repairs">Since the process started.</param>
    /// <param name="missing">What is still not in place: it may be what the event was about, and wait for its next hop.</param>
    /// <returns>From the first event on; null where nothing was repaired.</returns>
    public TimeSpan? Compared(long repairs, int missing)
    {
        TimeSpan? took = repairs > repairsBefore && began is { } first ? time.GetElapsedTime(first) : null;
        repairsBefore = repairs;
        if (took is not null || missing == 0)
            began = null;
        return took;
    }
}
