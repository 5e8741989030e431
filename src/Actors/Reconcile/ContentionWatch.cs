namespace AkkaOverlay.Actors.Reconcile;

/// <summary>
/// Sees a fight: an object that was in place and had to be put right again and again, because somebody else wants it otherwise. To go on at full speed would
/// fill logs and processors on both sides and help nobody.
/// </summary>
public sealed class ContentionWatch(TimeProvider time)
{
    /// <summary>More repairs of one object than this within <see cref="Window"/> are a fight.</summary>
    public const int Limit = 5;

    public static readonly TimeSpan Window = TimeSpan.FromSeconds(60);

    private readonly HashSet<object> inPlace = [];
    private readonly Dictionary<object, Queue<long>> repairs = [];

    /// <summary>Repairs since the process started.</summary>
    public long Repairs { get; private set; }

    /// <summary>The object is there as wanted; if it is not the next time, somebody took it away.</summary>
    public void InPlace(object key) => inPlace.Add(key);

    public bool WasInPlace(object key) => inPlace.Contains(key);

    /// <summary>The object was put in place.</summary>
    /// <param name="counts">False where its absence is nobody's doing.</param>
    /// <returns>How often within the window, where that is a fight; else null.</returns>
    public int? Put(object key, bool counts)
    {
        if (inPlace.Add(key))
            return null;
        Repairs++;
        if (!counts)
            return null;
        if (!repairs.TryGetValue(key, out var times))
            repairs[key] = times = new Queue<long>();
        times.Enqueue(time.GetTimestamp());
        while (time.GetElapsedTime(times.Peek()) > Window)
            times.Dequeue();
        return times.Count > Limit ? times.Count : null;
    }

    /// <summary>Forgets the objects that nobody wants any more.</summary>
    public void Keep(Func<object, bool> wanted)
    {
        inPlace.RemoveWhere(key => !wanted(key));
        foreach (object key in repairs.Keys.Where(key => !wanted(key)).ToList())
            repairs.Remove(key);
    }
}
