using AkkaOverlay.Actors.QuorumJournal;
using Google.Protobuf;

namespace AkkaOverlay.Actors.Tests.QuorumJournal;

/// <summary>Seats and a writer in one room: messages arrive at once and in order, unless a seat is away. For what random schedules cannot show: that the plain case works.</summary>
internal sealed class SeatRoom
{
    private readonly Dictionary<string, Seat> seats = [];
    private readonly HashSet<string> away = [];
    private readonly Random random = new(1);
    private readonly EquatableArray<string> seeds;
    private TimeSpan now;

    public SeatRoom(params string[] names)
    {
        seeds = names.ToEquatableArray();
        foreach (string name in names)
            Add(name);
    }

    public List<WriterEffect> Said { get; } = [];

    /// <summary>Octets that went to each seat in pieces of a log or a snapshot.</summary>
    public Dictionary<string, long> Transferred { get; } = [];

    public Seat this[string name] => seats[name];

    /// <param name="lost">What became of the copy that its host had.</param>
    public void Add(string name, string? lost = null) => seats[name] = new Seat { Seeds = seeds, Lost = lost }.Apply(new SeatEvent.Opened(NewId()));

    /// <summary>Something happened on this seat's disk.</summary>
    public void Replace(string name, SeatEvent happened) => seats[name] = seats[name].Apply(happened);

    public void Leave(string name) => away.Add(name);

    public void Return(string name) => away.Remove(name);

    public LedgerWriter Writer(string self, bool bootstrap = false) => new(new WriterSettings(self, seeds, bootstrap), NewId);

    /// <summary>Opens, and says what the ledger holds; null where it did not open.</summary>
    public LedgerLog? Open(LedgerWriter writer)
    {
        Said.Clear();
        writer.Open(now);
        Run(writer, TimeSpan.FromSeconds(8), () => Said.Exists(effect => effect is WriterEffect.Opened or WriterEffect.Failed));
        return Said.OfType<WriterEffect.Opened>().LastOrDefault()?.Log;
    }

    /// <returns>Whether the entry was acknowledged.</returns>
    public bool Append(LedgerWriter writer, params string[] texts)
    {
        Said.Clear();
        long last = seats.Values.Max(seat => seat.Log.Epoch == writer.Epoch ? seat.Log.LastSeq : 0);
        writer.Append(last + 1, [.. texts.Select((text, i) => new LogEntry(last + 1 + i, Text(text)))], now);
        Run(writer, TimeSpan.FromSeconds(8), () => Said.Exists(effect => effect is WriterEffect.Written or WriterEffect.Failed));
        return Said.OfType<WriterEffect.Written>().Any();
    }

    public bool Do(LedgerWriter writer, Action<TimeSpan> what, Func<WriterEffect, bool> until)
    {
        Said.Clear();
        what(now);
        Run(writer, TimeSpan.FromSeconds(8), () => Said.Exists(until.Invoke));
        return Said.Exists(until.Invoke);
    }

    public void Run(LedgerWriter writer, TimeSpan time) => Run(writer, time, () => false);

    public static Payload Text(string text) => new(1, "t", ByteString.CopyFromUtf8(text));

    public static IEnumerable<string> Texts(LedgerLog log) => log.Entries.Select(entry => entry.Payload.Bytes.ToStringUtf8());

    private void Run(LedgerWriter writer, TimeSpan time, Func<bool> done)
    {
        var end = now + time;
        while (true)
        {
            while (writer.Drain() is { Count: > 0 } effects)
            {
                foreach (var effect in effects)
                {
                    if (effect is WriterEffect.Send send)
                        Deliver(writer, send);
                    else
                        Said.Add(effect);
                }
            }
            if (done() || now >= end)
                return;
            now += TimeSpan.FromMilliseconds(50);
            writer.Tick(now);
        }
    }

    private void Deliver(LedgerWriter writer, WriterEffect.Send send)
    {
        if (away.Contains(send.Seat) || !seats.TryGetValue(send.Seat, out var seat))
            return;
        if (send.Message is SeatProtocol.Piece piece)
            Transferred[send.Seat] = Transferred.GetValueOrDefault(send.Seat) + piece.Bytes.Length;
        var (after, happened, reply) = seat.Decide(send.Message);
        seats[send.Seat] = seat = happened is null ? after : after.Apply(happened);
        writer.Receive(send.Seat, reply(seat), now);
    }

    private Guid NewId()
    {
        byte[] bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
