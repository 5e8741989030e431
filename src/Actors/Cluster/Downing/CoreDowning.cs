using System.Collections.Immutable;

namespace AkkaOverlay.Actors.Cluster.Downing;

/// <summary>
/// Who is put out of the cluster. Only the core's view of the core decides about the core, and only a core member's view about a plain one: what a plain host
/// says of anybody counts nowhere.
/// <para>
/// Two core members hold together if each has the other's heartbeats. The largest set of core members that all hold together stays (of equals the one with the
/// lowest addresses); it must have the quorum of the seed list. The lowest of it acts; the next one does should the first not.
/// </para>
/// </summary>
public static class CoreDowning
{
    public static DowningDecision Decide(CorePicture picture, DowningTimes times)
    {
        var voters = Voters(picture);
        if (voters.All(voter => voter.Uid != picture.Self))
            return WithoutVote(picture, voters, times);
        var best = Best(picture, voters);
        bool whole = best.Count == voters.Count;
        if (!whole)
        {
            var outside = voters.Except(best).ToList();
            if (best.Count < picture.Quorum)
            {
                return Rested(picture, times.StableAfter, times)
                    ? new DowningDecision.DownSelf($"only {best.Count} core hosts hold together, {picture.Quorum} are needed")
                    : DowningDecision.Nothing.Instance;
            }
            int place = best.FindIndex(member => member.Uid == picture.Self);
            if (place < 0)
            {
                return Rested(picture, 3 * times.StableAfter, times)
                    ? new DowningDecision.DownSelf("the other core hosts hold together without this one")
                    : DowningDecision.Nothing.Instance;
            }
            if (Rested(picture, (1 + place) * times.StableAfter, times) || (place == 0 && outside.TrueForAll(member => HasEnded(picture, member))))
                return new DowningDecision.Down(outside.Select(member => member.Uid).Concat(LostOthers(picture, best, times)).ToEquatableArray());
        }
        var lost = LostOthers(picture, best, times).ToEquatableArray();
        return lost.Count > 0 && best.Any(member => member.Uid == picture.Self) ? new DowningDecision.Down(lost) : DowningDecision.Nothing.Instance;
    }

    /// <summary>The largest set of voters that all reach each other, lowest addresses first.</summary>
    public static List<SeenMember> Best(CorePicture picture, IReadOnlyList<SeenMember> voters)
    {
        var best = new List<SeenMember>();
        Extend([], 0);
        return best;

        // Depth first in the order of addresses: the first set of a size is the one with the lowest.
        void Extend(ImmutableList<SeenMember> set, int from)
        {
            if (set.Count > best.Count)
                best = [.. set];
            for (int i = from; i < voters.Count && set.Count + voters.Count - i > best.Count; i++)
            {
                var next = voters[i];
                if (picture.Views.ContainsKey(next.Uid) && set.TrueForAll(member => HoldTogether(picture, member.Uid, next.Uid)))
                    Extend(set.Add(next), i + 1);
            }
        }
    }

    /// <summary>The full core members in the order of their addresses.</summary>
    public static List<SeenMember> Voters(CorePicture picture) =>
        [.. picture.Members.Where(member => member.Votes).OrderBy(member => member.Address, StringComparer.Ordinal).ThenBy(member => member.Uid)];

    public static bool HoldTogether(CorePicture picture, int one, int other) => Reaches(picture, one, other) && Reaches(picture, other, one);

    private static bool Reaches(CorePicture picture, int from, int to) => picture.Views.TryGetValue(from, out var view) && view.Reaches.Contains(to);

    private static bool Rested(CorePicture picture, TimeSpan patience, DowningTimes times) =>
        picture.StableFor >= patience || picture.TornFor >= times.UnstableAfter + (patience - times.StableAfter);

    /// <summary>A host that is not a full core member yet follows the others; without any it is alone in what is no cluster.</summary>
    private static DowningDecision WithoutVote(CorePicture picture, List<SeenMember> voters, DowningTimes times) =>
        !voters.Exists(voter => picture.Views.ContainsKey(voter.Uid)) && picture.StableFor >= 3 * times.StableAfter
            ? new DowningDecision.DownSelf("no core host of this cluster is heard")
            : DowningDecision.Nothing.Instance;

    /// <summary>The process has certainly ended: its port refuses connections and nobody has its heartbeats.</summary>
    private static bool HasEnded(CorePicture picture, SeenMember member) =>
        picture.Refused.Contains(member.Uid) && picture.Views.Values.All(view => view.Uid == member.Uid || !view.Reaches.Contains(member.Uid));

    /// <summary>Members without a vote whose heartbeats one of the best misses for long: the next of them waits in case the one before is late.</summary>
    private static IEnumerable<int> LostOthers(CorePicture picture, List<SeenMember> best, DowningTimes times)
    {
        int place = Math.Max(0, best.FindIndex(member => member.Uid == picture.Self));
        return picture.Members
            .Where(member => !member.Votes && member.Uid != picture.Self)
            .Where(member => best.Exists(viewer => picture.Lost.TryGetValue((viewer.Uid, member.Uid), out var lost)
                && lost >= (1 + place) * (member.Exits ? 4 : 1) * times.StableAfter))
            .Select(member => member.Uid);
    }
}
