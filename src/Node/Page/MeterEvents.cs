using System.Diagnostics.Metrics;
using AkkaOverlay.Actors.Metrics;
using AkkaOverlay.Actors.View;

namespace AkkaOverlay.Node.Page;

/// <summary>
/// Makes events of what <see cref="OverlayMeter"/> counts on this host: repairs, refusals of the kernel, new lives of the cluster and of the allocator. What comes in a burst
/// is one event.
/// </summary>
internal sealed class MeterEvents : IDisposable
{
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(500);

    private static readonly Dictionary<string, Watched> Instruments = new()
    {
        ["akka_overlay_repairs_total"] = new(EventKind.Repair, EventWeight.Warning, counts => $"put right what somebody else changed: {Kinds(counts)}"),
        ["akka_overlay_kernel_failures_total"] = new(EventKind.Repair, EventWeight.Error, counts => $"the kernel refused {Kinds(counts)}"),
        ["akka_overlay_journal_failures_total"] = new(EventKind.Ledger, EventWeight.Error, _ => "the ledger could not be read or written"),
        ["akka_overlay_allocator_starts_total"] = new(EventKind.Ledger, EventWeight.Normal, _ => "the allocator has opened the ledger here"),
        ["akka_overlay_cluster_joins_total"] = new(EventKind.Member, EventWeight.Normal, _ => "started its part of the cluster"),
        ["akka_overlay_actor_restarts_total"] = new(EventKind.Other, EventWeight.Warning, counts => $"an actor failed and was started again: {string.Join(", ", counts.Keys)}"),
    };

    private readonly MeterListener listener = new();
    private readonly Timer timer;
    private readonly EventRing events;
    private readonly Lock gate = new();
    private readonly Dictionary<Watched, SortedDictionary<string, long>> waiting = [];

    /// <param name="meter">Another meter's name, for tests.</param>
    public MeterEvents(EventRing events, string meter = OverlayMeter.Name)
    {
        this.events = events;
        timer = new Timer(_ => Flush());
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == meter && Instruments.TryGetValue(instrument.Name, out var watched))
                listening.EnableMeasurementEvents(instrument, watched);
        };
        listener.SetMeasurementEventCallback<long>((_, more, tags, state) => Count((Watched)state!, more, tags));
        listener.Start();
    }

    public void Dispose()
    {
        listener.Dispose();
        timer.Dispose();
    }

    internal void Flush()
    {
        lock (gate)
        {
            foreach (var (watched, counts) in waiting)
                events.Add(watched.Kind, watched.Weight, "", watched.Text(counts));
            waiting.Clear();
        }
    }

    private void Count(Watched watched, long more, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        // 0 makes a row known and means nothing.
        if (more <= 0)
            return;
        string what = tags.Length > 0 ? tags[^1].Value?.ToString() ?? "" : "";
        lock (gate)
        {
            if (waiting.Count == 0)
                timer.Change(Burst, Timeout.InfiniteTimeSpan);
            if (!waiting.TryGetValue(watched, out var counts))
                waiting[watched] = counts = new SortedDictionary<string, long>(StringComparer.Ordinal);
            counts[what] = counts.GetValueOrDefault(what) + more;
        }
    }

    private static string Kinds(SortedDictionary<string, long> counts) => string.Join(", ", counts.Select(kind => $"{kind.Value} × {kind.Key}"));

    private sealed record Watched(EventKind Kind, EventWeight Weight, Func<SortedDictionary<string, long>, string> Text);
}
