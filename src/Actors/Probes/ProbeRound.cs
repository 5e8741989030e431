using System.Net;
using System.Net.Sockets;

namespace AkkaOverlay.Actors.Probes;

/// <summary>
/// Whose turn it is: all paths of a host, and when each is asked. Never two questions at once, and never more in a second than <see cref="ProbeTimes.Gap"/> lets
/// through, whatever fails. Without sockets and without a clock: time comes in.
/// </summary>
internal sealed class ProbeRound
{
    private readonly Dictionary<(string Member, AddressFamily Family), (ProbeTarget Target, ProbePath Path)> paths = [];
    private TimeSpan next = TimeSpan.MinValue;
    private TimeSpan? lastLook;

    public IEnumerable<(ProbeTarget Target, ProbePath Path)> Paths => paths.Values;

    private TimeSpan Gap => ProbeTimes.Gap / Math.Max(1, paths.Keys.Select(key => key.Family).Distinct().Count());

    /// <summary>Whoever is new, or is somewhere else now, begins anew.</summary>
    public void Adopt(IReadOnlyCollection<ProbeTarget> targets, TimeSpan now)
    {
        var wanted = targets.ToDictionary(target => target.Key);
        foreach (var gone in paths.Keys.Where(key => !wanted.ContainsKey(key)).ToList())
            paths.Remove(gone);
        foreach (var (key, target) in wanted)
        {
            bool isSame = paths.TryGetValue(key, out var known) && known.Target == target;
            if (!isSame)
                paths[key] = (target, ProbePath.Begin(now));
        }
    }

    /// <summary>Judges what is overdue.</summary>
    public void Look(TimeSpan now)
    {
        // A host that stood still (suspended, stopped) has not heard the answers that came.
        bool stoodStill = lastLook is { } last && now - last > ProbeTimes.Patience * 2 && paths.Values.Any(path => !path.Path.Open.IsEmpty);
        lastLook = now;
        foreach (var (key, (target, path)) in paths.ToList())
            paths[key] = (target, stoodStill ? path.Forgotten() : path.Judged(now));
    }

    /// <returns>Whom to ask now; null where it is nobody's turn.</returns>
    public ProbeTarget? Turn(TimeSpan now)
    {
        if (paths.Count == 0 || now < next)
            return null;
        var due = paths.Values.Where(path => path.Path.Due <= now).ToList();
        // What is not decided yet comes before what is known to fail, for a while.
        return due.Count == 0 ? null : due.MinBy(path => path.Path.Due + (path.Path.FailsForSure ? ProbeTimes.NotUrgent : TimeSpan.Zero)).Target;
    }

    /// <returns>The size to ask with.</returns>
    public ProbeSize Asked(ProbeTarget target, ulong nonce, TimeSpan now)
    {
        next = now + Gap;
        var path = paths[target.Key].Path;
        paths[target.Key] = (target, path.Asked(nonce, now));
        return path.NextSize(now);
    }

    /// <param name="from">Must be the one that was asked.</param>
    public void Answered(IPEndPoint from, ulong nonce, TimeSpan at)
    {
        foreach (var (key, (target, path)) in paths)
        {
            if (!target.Remote.Equals(from))
                continue;
            paths[key] = (target, path.Answered(nonce, at));
            return;
        }
    }

    public void Refused(ProbeTarget target, ulong nonce, string problem, TimeSpan now) => Change(target, path => path.Refused(nonce, problem, now));

    public void Forgotten(ProbeTarget target) => Change(target, path => path.Forgotten());

    /// <summary>When <see cref="Look"/> or <see cref="Turn"/> has something to do; null where there are no paths.</summary>
    public TimeSpan? Wake()
    {
        if (paths.Count == 0)
            return null;
        var due = paths.Values.Min(path => path.Path.Due);
        if (due < next)
            due = next;
        return paths.Values.Min(path => path.Path.NextJudgement) is { } judgement && judgement < due ? judgement : due;
    }

    private void Change(ProbeTarget target, Func<ProbePath, ProbePath> change) => paths[target.Key] = (target, change(paths[target.Key].Path));
}
