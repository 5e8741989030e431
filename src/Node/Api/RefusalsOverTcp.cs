using Microsoft.Extensions.Logging;

namespace AkkaOverlay.Node.Api;

/// <summary>Whoever is refused costs the log no more than some lines: the others are counted.</summary>
internal sealed class RefusalsOverTcp(TimeProvider time)
{
    private readonly RequestRate rate = new(ApiLimits.RefusalsTold, 1, time);
    private long untold;

    /// <returns>False for one that is only counted; before the next one that is told the log hears how many.</returns>
    public bool IsTold(ILogger log)
    {
        if (!rate.Take())
        {
            Interlocked.Increment(ref untold);
            return false;
        }
        long left = Interlocked.Exchange(ref untold, 0);
        if (left > 0)
            log.LogWarning("{Count} refused requests over TCP were not written down: they come too fast", left);
        return true;
    }
}
