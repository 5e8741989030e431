namespace AkkaOverlay.Node.Api;

/// <summary>So many at once, and so many a second in the long run. Thread-safe.</summary>
/// <param name="burst">At least 1.</param>
internal sealed class RequestRate(int burst, double perSecond, TimeProvider time)
{
    private readonly Lock gate = new();
    private double left = burst;
    private long last = time.GetTimestamp();

    /// <returns>False where it is one too many.</returns>
    public bool Take()
    {
        lock (gate)
        {
            long now = time.GetTimestamp();
            left = Math.Min(burst, left + (time.GetElapsedTime(last, now).TotalSeconds * perSecond));
            last = now;
            if (left < 1)
                return false;
            left--;
            return true;
        }
    }
}
