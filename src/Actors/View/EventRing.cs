namespace AkkaOverlay.Actors.View;

/// <summary>The last events, as many as there is room for. Thread-safe.</summary>
/// <param name="room">At least 1.</param>
public sealed class EventRing(int room, TimeProvider time)
{
    /// <summary>Characters of one text: some of it was written by strangers.</summary>
    private const int Longest = 300;

    private readonly Lock gate = new();
    private readonly Queue<(OverlayEvent Event, long At)> events = new();
    private long last;

    public void Add(EventKind kind, EventWeight weight, string host, string text)
    {
        lock (gate)
        {
            while (events.Count >= room)
                events.Dequeue();
            events.Enqueue((new OverlayEvent(++last, kind, weight, Cut(host), Cut(text), TimeSpan.Zero), time.GetTimestamp()));
        }
    }

    public void Add(OverlayEvent happened) => Add(happened.Kind, happened.Weight, happened.Host, happened.Text);

    /// <returns>The newest first.</returns>
    public EquatableArray<OverlayEvent> Latest(int atMost = int.MaxValue)
    {
        lock (gate)
            return events.Reverse().Take(atMost).Select(item => item.Event with { Age = Whole(time.GetElapsedTime(item.At)) }).ToEquatableArray();
    }

    private static string Cut(string text) => text.Length > Longest ? text[..Longest] : text;

    private static TimeSpan Whole(TimeSpan exact) => TimeSpan.FromMilliseconds(Math.Floor(exact.TotalMilliseconds));
}
