using Akka.Cluster;

namespace AkkaOverlay.Actors.View;

/// <summary>
/// Whom to ask when, so that many hosts cost no more than some: each one at most every <see cref="Shortest"/>, all together at most <see cref="PerSecond"/> a second, whoever
/// was not asked for the longest first. Time comes in with each call.
/// </summary>
internal sealed class AskSchedule
{
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    public const int PerSecond = 60;

    /// <summary>An answer that takes longer is late: it counts, but until it comes its host is silent.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Questions to one host that an answer is taken to: it may take longer than the time from one to the next.</summary>
    private const int MostOpen = 4;

    private readonly Dictionary<UniqueAddress, State> hosts = [];
    private readonly Dictionary<long, UniqueAddress> asked = [];
    private long last;
    private TimeSpan? lastDue;
    private double allowance;

    /// <summary>The time between two questions to one host, with so many hosts.</summary>
    public static TimeSpan IntervalFor(int members)
    {
        var spread = TimeSpan.FromSeconds((double)members / PerSecond);
        return spread > Shortest ? spread : Shortest;
    }

    /// <returns>The questions that are to be asked now. Whoever is no member is forgotten.</returns>
    public IReadOnlyList<(long Number, UniqueAddress Host)> Due(TimeSpan now, IReadOnlyCollection<UniqueAddress> members)
    {
        Keep(members);
        // After a pause there is no more to catch up with than a second's worth.
        allowance = Math.Min(PerSecond, allowance + (PerSecond * (lastDue is { } before ? (now - before).TotalSeconds : 0.2)));
        lastDue = now;
        var interval = IntervalFor(members.Count);
        var due = new List<(long, UniqueAddress)>();
        foreach (var (host, state) in hosts.Where(item => item.Value.AskedAt is not { } at || now - at >= interval).OrderBy(item => item.Value.AskedAt ?? TimeSpan.MinValue).Take((int)allowance))
        {
            if (state.Open.Count == MostOpen)
                asked.Remove(state.Open.Dequeue().Number);
            state.AskedAt = now;
            state.Open.Enqueue((++last, now));
            // One that is silent stays so until it answers.
            state.UnansweredSince ??= now;
            asked[last] = host;
            due.Add((last, host));
        }
        allowance -= due.Count;
        return due;
    }

    /// <returns>False for an answer that nobody waits for, or that a later one has come before.</returns>
    public bool Answered(long number, HostView view, TimeSpan now)
    {
        if (!asked.TryGetValue(number, out var host) || !hosts.TryGetValue(host, out var state))
            return false;
        while (state.Open.TryPeek(out var open) && open.Number <= number)
            asked.Remove(state.Open.Dequeue().Number);
        state.View = view;
        state.AnsweredAt = now;
        state.UnansweredSince = state.Open.TryPeek(out var next) ? next.At : null;
        return true;
    }

    public IEnumerable<HostSeen> Seen(TimeSpan now, IReadOnlyCollection<UniqueAddress> members)
    {
        Keep(members);
        return hosts.Select(item => new HostSeen(
            item.Key,
            item.Value.View,
            item.Value.AnsweredAt is { } at ? now - at : null,
            item.Value.UnansweredSince is { } since && now - since >= Patience));
    }

    /// <summary>Nobody looks any more: what was not answered by now says nothing about its host.</summary>
    public void Pause()
    {
        asked.Clear();
        foreach (var state in hosts.Values)
        {
            state.Open.Clear();
            state.UnansweredSince = null;
        }
    }

    private void Keep(IReadOnlyCollection<UniqueAddress> members)
    {
        foreach (var host in members)
            hosts.TryAdd(host, new State());
        if (hosts.Count == members.Count)
            return;
        var present = members.ToHashSet();
        foreach (var gone in hosts.Keys.Where(host => !present.Contains(host)).ToList())
        {
            foreach (var open in hosts[gone].Open)
                asked.Remove(open.Number);
            hosts.Remove(gone);
        }
    }

    private sealed class State
    {
        public TimeSpan? AskedAt { get; set; }

        public Queue<(long Number, TimeSpan At)> Open { get; } = [];

        public TimeSpan? UnansweredSince { get; set; }

        public HostView? View { get; set; }

        public TimeSpan? AnsweredAt { get; set; }
    }
}
