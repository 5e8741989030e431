namespace AkkaOverlay.Actors.CloudRoutes;

/// <summary>
/// How long to wait before the next try. A cloud throttles an account as a whole, and all hosts are throttled at once: they must not come back at once.
/// </summary>
/// <param name="random">Each host's own.</param>
public sealed class CloudBackoff(Random random)
{
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(500);

    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    /// <param name="tries">Failed so far, at least 1.</param>
    /// <returns>Between half of twice as much as before and all of it.</returns>
    public TimeSpan After(int tries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tries, 1);
        var whole = tries > 10 ? Longest : First * (1 << (tries - 1));
        return Jitter(whole < Longest ? whole : Longest);
    }

    /// <returns>Between half of it and all of it.</returns>
    public TimeSpan Jitter(TimeSpan time) => time * (0.5 + (random.NextDouble() / 2));
}
