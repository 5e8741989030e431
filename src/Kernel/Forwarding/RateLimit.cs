namespace AkkaOverlay.Kernel.Forwarding;

/// <summary>Lets through one thing in each interval, and after a pause some at once (the generic cell rate algorithm, ITU-T I.371). Any thread may ask.</summary>
/// <param name="burst">At once, at most; at least 1.</param>
internal sealed class RateLimit(TimeSpan interval, int burst)
{
    private readonly long step = interval.Ticks, ahead = (burst - 1) * interval.Ticks;

    /// <summary>Up to this moment everything is taken.</summary>
    private long takenUntil = long.MinValue;

    public bool TryTake(TimeSpan now)
    {
        while (true)
        {
            long before = Volatile.Read(ref takenUntil), from = Math.Max(before, now.Ticks);
            if (from - now.Ticks > ahead)
                return false;
            if (Interlocked.CompareExchange(ref takenUntil, from + step, before) == before)
                return true;
        }
    }
}
