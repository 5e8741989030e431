using System.Diagnostics;

namespace AkkaOverlay.Chaos.History;

/// <summary>Writes down what is seen. Answers that say the same again only lengthen the first one. Thread-safe.</summary>
public sealed class Recorder
{
    private readonly long began = Stopwatch.GetTimestamp();
    private readonly Lock gate = new();
    private readonly List<Observation> history = [];
    private readonly Dictionary<(string Host, Type Kind), int> last = [];

    /// <summary>Seconds since the run began.</summary>
    public double Now => Seconds(Stopwatch.GetElapsedTime(began));

    /// <param name="timestamp">Of <see cref="Stopwatch"/>.</param>
    public double At(long timestamp) => Seconds(Stopwatch.GetElapsedTime(began, timestamp));

    public void Add(Observation observation)
    {
        lock (gate)
            history.Add(observation);
    }

    public void See(Sight sight)
    {
        lock (gate)
        {
            var key = (sight.Host, sight.GetType());
            if (last.TryGetValue(key, out int index) && history[index] is Sight before && (before with { When = sight.When }).Equals(sight))
            {
                history[index] = before with { When = before.When.Until(sight.When) };
                return;
            }
            last[key] = history.Count;
            history.Add(sight);
        }
    }

    public IReadOnlyList<Observation> Snapshot()
    {
        lock (gate)
            return [.. history];
    }

    /// <summary>Milliseconds are enough to read.</summary>
    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);
}
