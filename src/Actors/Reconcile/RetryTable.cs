using AkkaOverlay.Kernel.Netlink;

namespace AkkaOverlay.Actors.Reconcile;

/// <summary>
/// What the kernel refused, object by object: each is tried again by itself, later and later, and holds up no other.
/// </summary>
public sealed class RetryTable(TimeProvider time)
{
    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);

    public static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    public static readonly TimeSpan ContendedDelay = TimeSpan.FromSeconds(10);

    private readonly Dictionary<object, Entry> entries = [];
    private readonly HashSet<object> contended = [];

    public IReadOnlyCollection<string> Errors => [.. entries.Values.Select(entry => entry.Error.Text)];

    public NetlinkError? ErrorOf(object key) => entries.TryGetValue(key, out var entry) ? entry.Error : null;

    /// <summary>True where the object failed lately and its time has not come.</summary>
    public bool MustWait(object key) => entries.TryGetValue(key, out var entry) && time.GetElapsedTime(entry.FailedAt) < entry.Delay;

    /// <summary>How long until the next object may be tried again; null where none waits.</summary>
    public TimeSpan? NextDelay()
    {
        TimeSpan? next = null;
        foreach (var entry in entries.Values)
        {
            var left = entry.Delay - time.GetElapsedTime(entry.FailedAt);
            if (next is null || left < next)
                next = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
        return next;
    }

    /// <returns>True for a failure that was not there before, or has another reason now: worth a line in the log.</returns>
    public bool Failed(object key, NetlinkError error)
    {
        bool known = entries.TryGetValue(key, out var before);
        var delay = known ? before!.Delay * 2 : FirstDelay;
        entries[key] = new Entry(error, time.GetTimestamp(), delay < LongestDelay ? delay : LongestDelay);
        return !known || before!.Error.Text != error.Text;
    }

    /// <summary>Somebody else wants the object otherwise: it is put right again, but not at once.</summary>
    /// <returns>True where that is news.</returns>
    public bool Contended(object key, NetlinkError error)
    {
        bool known = contended.Contains(key);
        contended.Add(key);
        entries[key] = new Entry(error, time.GetTimestamp(), ContendedDelay);
        return !known;
    }

    /// <summary>The object is as wanted. One that was fought over stays suspicious until its delay is over.</summary>
    public void Succeeded(object key)
    {
        if (contended.Contains(key) && MustWait(key))
            return;
        entries.Remove(key);
        contended.Remove(key);
    }

    /// <summary>Forgets the failures of objects that nobody wants any more.</summary>
    public void Keep(Func<object, bool> wanted)
    {
        foreach (object key in entries.Keys.Where(key => !wanted(key)).ToList())
            entries.Remove(key);
        contended.RemoveWhere(key => !wanted(key));
    }

    private sealed record Entry(NetlinkError Error, long FailedAt, TimeSpan Delay);
}
